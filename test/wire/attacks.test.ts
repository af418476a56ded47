/**
 * Peers that mean harm, or are broken: each runs into its limit, is cut off or held up
 * there, and is counted; a good peer beside it is served all the while.
 */
import test, {type ExecutionContext} from 'ava';
import {limits} from '../../src/base/index.js';
import {types} from '../../src/wire/frame.js';
import {
  block,
  call,
  data,
  endHeaders,
  endStream,
  frame,
  headers,
  message,
  ping,
  preface,
  requestFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from './helpers/frames.js';
import {type Bench, type Peer, startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);

/** Repeats frames in pieces, until the server has had enough. Answers how many it took. */
async function flood(peer: Peer, most: number, make: (index: number) => Buffer): Promise<number> {
  for (let index = 0; index < most; index += 100) {
    await peer.ask(...Array.from({length: 100}, (_, step) => make(index + step)));
    if (peer.goAway) return index + 100;
  }
  return most;
}

async function checkCutOff(t: ExecutionContext, bench: Bench, peer: Peer, says: RegExp): Promise<void> {
  t.is(peer.goAway?.code, 'ENHANCE_YOUR_CALM');
  t.regex(peer.goAway?.message ?? '', says);
  t.deepEqual([...bench.server.counters().faults.values()], [1]);
  bench.timers.advance(limits.wireCloseMsMost);
  await peer.settle();
  t.true(peer.closed);
  const good = await bench.connect();
  await good.ask(call(1, '/t.T/Echo', text('good')));
  t.deepEqual(good.answer(1).messages, ['good']);
  t.deepEqual(bench.faults, []);
}

const id = (index: number) => 2 * index + 1;

const floods: Record<string, {make: (index: number) => Buffer; before?: Buffer; most: number; says: RegExp}> = {
  'rapid reset: calls begun and cancelled at once': {
    make: index => Buffer.concat([headers(id(index), requestFields('/t.T/Later')), rstStream(id(index))]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by WINDOW_UPDATE of nothing': {
    make: index => Buffer.concat([headers(id(index), requestFields('/t.T/Chat')), windowUpdate(id(index), 0)]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by a window that is too large': {
    make: index =>
      Buffer.concat([headers(id(index), requestFields('/t.T/Chat')), windowUpdate(id(index), 2 ** 31 - 1)]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by DATA behind the end': {
    make: index => Buffer.concat([call(id(index), '/t.T/Stream', text('x')), data(id(index), text('more'))]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by HEADERS behind the end': {
    make: index => Buffer.concat([call(id(index), '/t.T/Stream', text('x')), headers(id(index), [], 5)]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by PRIORITY of a wrong size': {
    make: index =>
      Buffer.concat([
        headers(id(index), requestFields('/t.T/Chat')),
        frame(types.priority, 0, id(index), text('1234')),
      ]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'MadeYouReset by a length that is wrong': {
    make: index =>
      Buffer.concat([
        headers(id(index), requestFields('/t.T/Chat', [['content-length', '1']])),
        data(id(index), text('22')),
      ]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'malformed requests': {
    make: index => headers(id(index), requestFields('/t.T/Echo', [['Upper', 'case']])),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'headers that are too large': {
    make: index => headers(id(index), requestFields('/t.T/Echo', [['x', 'y'.repeat(16_200)]])),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'messages of 4 GiB': {
    make: index =>
      Buffer.concat([
        headers(id(index), requestFields('/t.T/Echo')),
        data(id(index), Buffer.from([0, 255, 255, 255, 255])),
      ]),
    most: limits.wireResetsMost,
    says: /streams ended early/,
  },
  'calls above the number of streams': {
    make: index => headers(id(index), requestFields('/t.T/Chat')),
    most: limits.wireResetsMost + limits.wireStreamsMost,
    says: /streams ended early/,
  },
  SETTINGS: {make: () => settings([4, 70_000]), most: limits.wireIdleFramesMost, says: /move nothing on/},
  PING: {make: () => ping(), most: limits.wireIdleFramesMost, says: /move nothing on/},
  'PING that answers nothing': {make: () => ping(1), most: limits.wireIdleFramesMost, says: /move nothing on/},
  PRIORITY: {
    make: index => frame(types.priority, 0, id(index), Buffer.concat([uint32(0), Buffer.from([1])])),
    most: limits.wireIdleFramesMost,
    says: /move nothing on/,
  },
  'frames of an unknown type': {
    make: () => frame(0x55, 0xff, 0, text('what')),
    most: limits.wireIdleFramesMost,
    says: /move nothing on/,
  },
  WINDOW_UPDATE: {make: () => windowUpdate(0, 1), most: limits.wireIdleFramesMost, says: /move nothing on/},
  'RST_STREAM of streams that are over': {
    before: call(1, '/t.T/Echo', text('x')),
    make: () => rstStream(1),
    most: limits.wireIdleFramesMost,
    says: /move nothing on/,
  },
  'empty DATA': {
    before: headers(1, requestFields('/t.T/Chat')),
    make: () => data(1, Buffer.alloc(0)),
    most: limits.wireIdleFramesMost,
    says: /move nothing on/,
  },
  'DATA of nothing but padding': {
    before: headers(1, requestFields('/t.T/Chat')),
    make: () => data(1, Buffer.from([3, 0, 0, 0]), 0x8),
    most: limits.wireIdleFramesMost,
    says: /move nothing on/,
  },
};

for (const [name, {make, before = Buffer.alloc(0), most, says}] of Object.entries(floods)) {
  test(`a flood is cut off: ${name}`, async t => {
    const bench = startBench(t);
    const peer = await bench.connect();
    await peer.ask(before);
    const taken = await flood(peer, most + 300, make);
    t.true(taken > most - 1 && taken <= most + 200, `after ${taken}`);
    await checkCutOff(t, bench, peer, says);
  });
}

test('frames that move nothing on are forgiven in time, and when calls are made between', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  for (let second = 0; second < 100; second++) {
    await peer.ask(...Array.from({length: 50}, () => ping()));
    bench.timers.advance(6000);
  }
  t.is(peer.goAway, undefined);
  for (let round = 0; round < 5; round++) {
    await peer.ask(...Array.from({length: 900}, () => ping()), call(id(round), '/t.T/Echo', text('x')));
  }
  t.is(peer.goAway, undefined);
  t.is(peer.framesOf(types.ping).length, 100 * 50 + 5 * 900);
});

test('a CONTINUATION flood is cut off by the number of frames', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  peer.send(headers(1, requestFields('/t.T/Echo'), 0));
  await flood(peer, 100, () => frame(types.continuation, 0, 1, Buffer.alloc(0)));
  await checkCutOff(t, bench, peer, /headers of a request are too long, or in too many frames/);
});

test('a CONTINUATION flood is cut off by its bytes', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(
    headers(1, requestFields('/t.T/Echo'), 0),
    ...Array.from({length: 3}, () => frame(types.continuation, 0, 1, Buffer.alloc(16_000))),
  );
  await checkCutOff(t, bench, peer, /headers of a request are too long, or in too many frames/);
});

test('an HPACK bomb is decoded without being kept, and answered as too large; a larger one ends the connection', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  const large = Buffer.concat([Buffer.from([0x40, 1, 0x62, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4000, 'x')]);
  const head = block(requestFields('/t.T/Echo'));
  await peer.ask(
    frame(types.headers, endHeaders, 1, Buffer.concat([head, large])),
    data(1, message(text('x')), endStream),
  );
  t.deepEqual(peer.answer(1).messages, ['x']);
  // Each byte is 4 KB of headers.
  await peer.ask(frame(types.headers, endHeaders | endStream, 3, Buffer.concat([head, Buffer.alloc(20, 0xbe)])));
  t.is(peer.answer(3).fields['grpc-status'], '8');
  await peer.ask(call(5, '/t.T/Echo', text('next')));
  t.deepEqual(peer.answer(5).messages, ['next']);
  await peer.ask(frame(types.headers, endHeaders | endStream, 7, Buffer.concat([head, Buffer.alloc(12_000, 0xbe)])));
  t.is(peer.goAway?.message, 'the headers of a request become far too large');
  t.deepEqual([...bench.server.counters().faults.values()], [1]);
});

test('a table that is filled anew with each request stays what it may be', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  for (let round = 0; round < 50; round++) {
    const fields = Array.from({length: 100}, (_, index) =>
      Buffer.concat([
        Buffer.from([0x40, 3]),
        text(`n${10 + (index % 90)}`),
        Buffer.from([8]),
        text(`${10_000_000 + round * 100 + index}`),
      ]),
    );
    const payload = Buffer.concat([block(requestFields('/t.T/Echo')), ...fields]);
    await peer.ask(
      frame(types.headers, endHeaders, id(round), payload),
      data(id(round), message(text('x')), endStream),
    );
    t.deepEqual(peer.answer(id(round)).messages, ['x']);
  }
});

test('a zero-window reader of large values holds up its own calls, not our memory', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 0]);
  const calls = Array.from({length: 200}, (_, index) => call(id(index), '/t.T/Large', text('500000')));
  await peer.ask(...calls);
  t.true(bench.runs <= limits.wireQueueBytesMost / 500_000 + 1, `${bench.runs} were run`);
  const good = await bench.connect();
  await good.ask(call(1, '/t.T/Echo', text('good')));
  t.deepEqual(good.answer(1).messages, ['good']);
  // It begins to read after all: everything comes.
  await peer.ask(settings([4, 1_000_000]), windowUpdate(0, 2 ** 30));
  for (let round = 0; round < 100 && bench.runs < 201; round++) await peer.settle();
  for (let round = 0; round < 100 && !peer.answer(id(199)).ended; round++) await peer.settle();
  t.true(calls.every((_, index) => peer.dataBytes(id(index)) === 500_005));
});

test('a reader that never reads is given up', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 0]);
  await peer.ask(call(1, '/t.T/Large', text('100000')));
  for (let seconds = 0; seconds < limits.wireStallMsMost / 1000 - 5; seconds++) bench.timers.advance(1000);
  await peer.settle();
  t.false(peer.closed);
  for (let seconds = 0; seconds < 10; seconds++) bench.timers.advance(1000);
  await peer.settle();
  t.true(peer.closed);
});

test('a peer that does not take what is sent is read no further', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30));
  peer.duplex.pause();
  peer.duplex.removeAllListeners('data');
  for (let round = 0; round < 100; round++) {
    for (let index = 0; index < 20; index++) peer.send(call(id(20 * round + index), '/t.T/Large', text('15000')));
    await peer.settle();
  }
  t.true(bench.runs < 400, `${bench.runs} of 2000 calls were run`);
  t.true(peer.duplex.writableLength > 0, 'the rest waits on the side of the peer');
});

test('a slow preface, and a slow request, are given up', async t => {
  const bench = startBench(t);
  const silent = bench.connectSilently();
  const slow = bench.connectSilently();
  slow.send(preface.subarray(0, 10));
  const peer = await bench.connect();
  await peer.ask(headers(1, requestFields('/t.T/Echo'), 0));
  for (let seconds = 0; seconds < 9; seconds++) bench.timers.advance(1000);
  await peer.settle();
  t.deepEqual([silent.closed, slow.closed, peer.closed], [false, false, false]);
  for (let seconds = 0; seconds < 4; seconds++) bench.timers.advance(1000);
  await peer.settle();
  t.deepEqual([silent.closed, slow.closed], [true, true]);
  t.regex(peer.goAway?.message ?? '', /took too long/);
});

test('messages that are begun and not ended are held within bounds, and all get through in the end', async t => {
  const bench = startBench(t, {maxReceiveBytes: 2 ** 20});
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30));
  const size = 1_000_000;
  const count = 20;
  const sent = new Array<number>(count).fill(0);
  const room = new Array<number>(count).fill(limits.wireStreamWindowBytes);
  let connectionRoom = limits.wireConnectionWindowBytes;
  let seen = 0;
  const bodies = Array.from({length: count}, (_, index) => message(Buffer.alloc(size, index)));
  await peer.ask(...bodies.map((_, index) => headers(id(index), requestFields('/t.T/Echo'))));
  let heldMost = 0;
  for (let round = 0; round < 3000 && sent.some(bytes => bytes < size + 5); round++) {
    for (let index = 0; index < count; index++) {
      const bytes = Math.min(16_000, room[index]!, connectionRoom, size + 5 - sent[index]!);
      if (bytes <= 0) continue;
      const end = sent[index]! + bytes;
      peer.send(data(id(index), bodies[index]!.subarray(sent[index], end), end === size + 5 ? endStream : 0));
      sent[index] = end;
      room[index]! -= bytes;
      connectionRoom -= bytes;
    }
    await peer.settle();
    const updates = peer.framesOf(types.windowUpdate);
    for (const {streamId, payload} of updates.slice(seen)) {
      const by = payload.readUInt32BE(0);
      if (streamId === 0) connectionRoom += seen === 0 && by > 2 ** 19 ? 0 : by;
      else room[(streamId - 1) / 2]! += by;
    }
    seen = updates.length;
    const held = sent.filter(bytes => bytes < size + 5).reduce((sum, bytes) => sum + bytes, 0);
    heldMost = Math.max(heldMost, held);
    if (connectionRoom < 0) return t.fail('the test sent too much');
  }
  t.true(
    sent.every(bytes => bytes === size + 5),
    JSON.stringify({sent, room, connectionRoom}),
  );
  const bound = limits.wireIncompleteFreeBytes + size + count * 2 * limits.wireStreamWindowBytes;
  t.true(heldMost <= bound, `${heldMost} bytes were held, at most ${bound} may be`);
  for (let round = 0; round < 50; round++) await peer.settle();
  t.is(bench.runs, count);
});

test('more than a window is FLOW_CONTROL_ERROR', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(
    headers(1, requestFields('/t.T/Later')),
    ...Array.from({length: 5}, () => data(1, Buffer.concat([Buffer.from([0, 0, 15, 255, 255]), Buffer.alloc(16_000)]))),
  );
  t.is(peer.answer(1).reset, undefined, 'a window is given back as it is used');
  bench.streams.length = 0;
  await peer.ask(windowUpdate(0, 2 ** 31 - 1));
  t.is(peer.goAway?.code, 'FLOW_CONTROL_ERROR');
});

test('more connections than there may be are closed at once, and counted', async t => {
  const bench = startBench(t);
  for (let count = 0; count < limits.wireConnectionsMost; count++) bench.connectSilently();
  const peer = bench.connectSilently();
  await peer.settle();
  t.true(peer.closed);
  t.is(bench.server.counters().refusedConnections, 1);
  t.is(bench.server.counters().connections, limits.wireConnectionsMost);
});
