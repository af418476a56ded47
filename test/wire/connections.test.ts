/** Connections: how one begins, what its settings do, and what ends it or a stream of it. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {types} from '../../src/wire/frame.js';
import {
  call,
  data,
  endHeaders,
  endStream,
  type Fields,
  frame,
  headers,
  ping,
  preface,
  requestFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from './helpers/frames.js';
import {startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);
const open = headers(1, requestFields('/t.T/Chat'));

const connectionErrors: Record<string, {frames: Buffer[]; code: string}> = {
  'DATA of the connection': {frames: [data(0, text('x'))], code: 'PROTOCOL_ERROR'},
  'DATA of a stream that has not begun': {frames: [data(1, text('x'))], code: 'PROTOCOL_ERROR'},
  'DATA with more padding than frame': {frames: [open, data(1, Buffer.from([2, 0]), 0x8)], code: 'PROTOCOL_ERROR'},
  'a frame that is too large': {frames: [open, data(1, Buffer.alloc(16_385))], code: 'FRAME_SIZE_ERROR'},
  'HEADERS of the connection': {frames: [headers(0, requestFields('/t.T/Echo'))], code: 'PROTOCOL_ERROR'},
  'HEADERS of an even stream': {frames: [headers(2, requestFields('/t.T/Echo'))], code: 'PROTOCOL_ERROR'},
  'HEADERS of a stream that is over': {
    frames: [call(1, '/t.T/Echo', text('x')), headers(1, requestFields('/t.T/Echo'))],
    code: 'STREAM_CLOSED',
  },
  'HEADERS of a stream below the last': {
    frames: [call(5, '/t.T/Echo', text('x')), headers(3, requestFields('/t.T/Echo'))],
    code: 'STREAM_CLOSED',
  },
  'HEADERS that cannot be read': {
    frames: [frame(types.headers, endHeaders, 1, text('\xff'))],
    code: 'COMPRESSION_ERROR',
  },
  'HEADERS too short for their priority': {
    frames: [frame(types.headers, 0x24, 1, text('12'))],
    code: 'FRAME_SIZE_ERROR',
  },
  'another frame within headers': {frames: [headers(1, requestFields('/t.T/Echo'), 0), ping()], code: 'PROTOCOL_ERROR'},
  'CONTINUATION of another stream': {
    frames: [headers(1, requestFields('/t.T/Echo'), 0), frame(types.continuation, endHeaders, 3)],
    code: 'PROTOCOL_ERROR',
  },
  'CONTINUATION of nothing': {frames: [open, frame(types.continuation, endHeaders, 1)], code: 'PROTOCOL_ERROR'},
  'PRIORITY of the connection': {frames: [frame(types.priority, 0, 0, Buffer.alloc(5))], code: 'PROTOCOL_ERROR'},
  'RST_STREAM of a stream that has not begun': {frames: [rstStream(1)], code: 'PROTOCOL_ERROR'},
  'RST_STREAM of a wrong size': {frames: [open, frame(types.rstStream, 0, 1, text('123'))], code: 'FRAME_SIZE_ERROR'},
  'SETTINGS of a stream': {frames: [frame(types.settings, 0, 1)], code: 'PROTOCOL_ERROR'},
  'SETTINGS of a wrong size': {frames: [frame(types.settings, 0, 0, text('12345'))], code: 'FRAME_SIZE_ERROR'},
  'an acknowledgement with SETTINGS in it': {
    frames: [frame(types.settings, 1, 0, Buffer.alloc(6))],
    code: 'FRAME_SIZE_ERROR',
  },
  'ENABLE_PUSH of 2': {frames: [settings([2, 2])], code: 'PROTOCOL_ERROR'},
  'a window of 2 GiB': {frames: [settings([4, 2 ** 31])], code: 'FLOW_CONTROL_ERROR'},
  'windows that become too large': {
    frames: [open, windowUpdate(1, 2 ** 31 - 1 - 65_535), settings([4, 65_536])],
    code: 'FLOW_CONTROL_ERROR',
  },
  'frames of 16 MiB': {frames: [settings([5, 2 ** 24])], code: 'PROTOCOL_ERROR'},
  PUSH_PROMISE: {frames: [open, frame(types.pushPromise, endHeaders, 1, uint32(2))], code: 'PROTOCOL_ERROR'},
  'PING of a stream': {frames: [frame(types.ping, 0, 1, Buffer.alloc(8))], code: 'PROTOCOL_ERROR'},
  'PING of a wrong size': {frames: [frame(types.ping, 0, 0, Buffer.alloc(7))], code: 'FRAME_SIZE_ERROR'},
  'GOAWAY of a wrong size': {frames: [frame(types.goAway, 0, 0, Buffer.alloc(7))], code: 'FRAME_SIZE_ERROR'},
  'WINDOW_UPDATE by nothing': {frames: [windowUpdate(0, 0)], code: 'PROTOCOL_ERROR'},
  'WINDOW_UPDATE of a wrong size': {frames: [frame(types.windowUpdate, 0, 0, text('123'))], code: 'FRAME_SIZE_ERROR'},
  'WINDOW_UPDATE of a stream that has not begun': {frames: [windowUpdate(1, 1)], code: 'PROTOCOL_ERROR'},
  'a connection window that is too large': {frames: [windowUpdate(0, 2 ** 31 - 1)], code: 'FLOW_CONTROL_ERROR'},
};

for (const [name, {frames, code}] of Object.entries(connectionErrors)) {
  test(`${name} ends the connection`, async t => {
    const bench = startBench(t);
    const peer = await bench.connect();
    await peer.ask(...frames);
    t.is(peer.goAway?.code, code);
    bench.timers.advance(limits.wireCloseMsMost);
    await peer.settle();
    t.true(peer.closed);
    t.deepEqual(bench.faults, []);
    t.true(bench.streams.every(({closed}) => closed));
  });
}

const request = requestFields('/t.T/Echo');
const without = (name: string): Fields => request.filter(([each]) => each !== name);

const streamErrors: Record<string, {frames: Buffer[]; code: string}> = {
  'DATA behind the end': {
    frames: [call(1, '/t.T/Later', text('x')), data(1, text('more'))],
    code: 'STREAM_CLOSED',
  },
  'DATA of a stream that the peer has ended': {frames: [open, rstStream(1), data(1, text('x'))], code: 'STREAM_CLOSED'},
  'trailers that end nothing': {frames: [open, headers(1, [['x', 'y']])], code: 'PROTOCOL_ERROR'},
  'trailers with a pseudo-header': {frames: [open, headers(1, [[':path', '/']], 5)], code: 'PROTOCOL_ERROR'},
  'PRIORITY of a wrong size': {frames: [open, frame(types.priority, 0, 1, text('1234'))], code: 'FRAME_SIZE_ERROR'},
  'a stream that depends on itself': {
    frames: [open, frame(types.priority, 0, 1, Buffer.from([0, 0, 0, 1, 1]))],
    code: 'PROTOCOL_ERROR',
  },
  'WINDOW_UPDATE by nothing': {frames: [open, windowUpdate(1, 0)], code: 'PROTOCOL_ERROR'},
  'a window that is too large': {frames: [open, windowUpdate(1, 2 ** 31 - 1)], code: 'FLOW_CONTROL_ERROR'},
  'more DATA than content-length says': {
    frames: [headers(1, [...requestFields('/t.T/Chat'), ['content-length', '1']]), data(1, text('12'))],
    code: 'PROTOCOL_ERROR',
  },
  'less DATA than content-length says': {
    frames: [headers(1, [...requestFields('/t.T/Chat'), ['content-length', '3']]), data(1, text('12'), endStream)],
    code: 'PROTOCOL_ERROR',
  },
  'no DATA where content-length says some': {
    frames: [headers(1, [...request, ['content-length', '3']], 5)],
    code: 'PROTOCOL_ERROR',
  },
  ...Object.fromEntries(
    Object.entries<Fields>({
      'no method': without(':method'),
      'no scheme': without(':scheme'),
      'no path': without(':path'),
      'an empty path': [...without(':path').slice(0, 2), [':path', ''], ...without(':path').slice(2)],
      'two paths': [[':path', '/x'], ...request],
      'a pseudo-header of responses': [[':status', '200'], ...request],
      'an unknown pseudo-header': [[':what', 'x'], ...request],
      'a pseudo-header behind a header': [...without(':path'), [':path', '/t.T/Echo']],
      'an upper-case name': [...request, ['Upper', 'x']],
      'a name with a space': [...request, ['a b', 'x']],
      'an empty name': [...request, ['', 'x']],
      'a value with a line break': [...request, ['x', 'a\r\nb']],
      'a value with a zero': [...request, ['x', 'a\0b']],
      'a value that begins with a space': [...request, ['x', ' a']],
      connection: [...request, ['connection', 'close']],
      'transfer-encoding': [...request, ['transfer-encoding', 'chunked']],
      'te other than trailers': [...without('te'), ['te', 'gzip']],
      'a content-length that is none': [...request, ['content-length', '-1']],
      'two lengths': [...request, ['content-length', '1'], ['content-length', '2']],
    }).map(([name, fields]) => [`a request with ${name}`, {frames: [headers(1, fields)], code: 'PROTOCOL_ERROR'}]),
  ),
};

for (const [name, {frames, code}] of Object.entries(streamErrors)) {
  test(`${name} ends the stream, and the connection goes on`, async t => {
    const bench = startBench(t);
    const peer = await bench.connect();
    await peer.ask(...frames);
    t.is(peer.answer(1).reset, code);
    t.true(bench.streams.every(({closed}) => closed));
    await peer.ask(call(3, '/t.T/Echo', text('next')));
    t.deepEqual(peer.answer(3).messages, ['next']);
    t.is(peer.goAway, undefined);
  });
}

test('a connection that does not begin as HTTP/2 does is closed without a word', async t => {
  for (const bytes of [text('GET / HTTP/1.1\r\n\r\n'), Buffer.concat([preface.subarray(0, 20), text('!')])]) {
    const bench = startBench(t);
    const peer = bench.connectSilently();
    await peer.ask(bytes);
    bench.timers.advance(limits.wireCloseMsMost);
    await peer.settle();
    t.true(peer.closed);
    t.deepEqual(peer.framesOf(types.goAway), []);
  }
});

test('the first frame must be SETTINGS', async t => {
  const bench = startBench(t);
  const peer = bench.connectSilently();
  await peer.ask(preface, ping());
  bench.timers.advance(limits.wireCloseMsMost);
  await peer.settle();
  t.true(peer.closed);
});

test('settings are acknowledged, pings answered, unknown frames and settings passed over', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([0x99, 5]);
  t.is(peer.framesOf(types.settings).filter(({flags}) => flags === 1).length, 1);
  await peer.ask(ping(), frame(0x42, 0xff, 7, text('what')), windowUpdate(0, 1));
  t.deepEqual(peer.framesOf(types.ping), [{type: types.ping, flags: 1, streamId: 0, payload: Buffer.alloc(8, 7)}]);
  t.is(peer.goAway, undefined);
});

test('windows follow SETTINGS, also below zero', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 100]);
  await peer.ask(call(1, '/t.T/Large', text('1000')));
  t.is(peer.dataBytes(1), 100);
  await peer.ask(settings([4, 10]));
  await peer.ask(windowUpdate(1, 50));
  t.is(peer.dataBytes(1), 100, 'the window is 40 below zero');
  await peer.ask(windowUpdate(1, 50));
  t.is(peer.dataBytes(1), 110);
  await peer.ask(settings([4, 65_535]));
  t.is(peer.dataBytes(1), 1005);
  t.true(peer.answer(1).ended);
});

test("a client's smaller header table is kept to", async t => {
  for (const size of [0, 50, 120]) {
    const bench = startBench(t);
    const peer = await bench.connect([1, size]);
    for (const id of [1, 3, 5]) {
      await peer.ask(call(id, '/t.T/Echo', text('x')));
      t.like(peer.answer(id).fields, {':status': '200', 'content-type': 'application/grpc', 'grpc-status': '0'});
    }
    await peer.ask(
      settings([1, 0]),
      call(7, '/t.T/Echo', text('x')),
      settings([1, 4096]),
      call(9, '/t.T/Echo', text('x')),
    );
    for (const id of [7, 9]) t.like(peer.answer(id).fields, {':status': '200', 'grpc-status': '0'});
  }
});
