/** gRPC over the wire, frame by frame: what a call may look like, and how it ends. */
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {CacheError} from '../../src/base/index.js';
import {types} from '../../src/wire/frame.js';
import {
  call,
  data,
  endHeaders,
  endStream,
  headers,
  message,
  requestFields,
  rstStream,
  windowUpdate,
} from './helpers/frames.js';
import {startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);

test('a unary call is answered with headers, a message and trailers, in one write', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  let writes = 0;
  peer.duplex.on('data', () => writes++);
  await peer.ask(call(1, '/t.T/Echo', text('hello')));
  t.deepEqual(peer.answer(1), {
    fields: {
      ':status': '200',
      'content-type': 'application/grpc',
      'grpc-accept-encoding': 'identity,gzip',
      'grpc-status': '0',
    },
    messages: ['hello'],
    ended: true,
    reset: undefined,
  });
  t.is(writes, 1);
});

test('all calls of one piece of input are answered in one write', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  let writes = 0;
  peer.duplex.on('data', () => writes++);
  const ids = Array.from({length: 100}, (_, index) => 2 * index + 1);
  await peer.ask(...ids.map(id => call(id, '/t.T/Echo', text(`hello ${id}`))));
  for (const id of ids) t.deepEqual(peer.answer(id).messages, [`hello ${id}`]);
  t.is(writes, 1);
});

test('a request may come in pieces of any size, with padding and priority', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  const request = message(text('in pieces'));
  const bytes = Buffer.concat([
    headers(1, requestFields('/t.T/Echo')),
    data(1, Buffer.concat([Buffer.from([3]), request.subarray(0, 2), Buffer.alloc(3)]), 0x8),
    data(1, request.subarray(2, 7)),
    data(1, Buffer.alloc(0)),
    data(1, request.subarray(7)),
    data(1, Buffer.alloc(0), endStream),
  ]);
  for (const byte of bytes) peer.send(Buffer.from([byte]));
  await peer.settle();
  t.deepEqual(peer.answer(1).messages, ['in pieces']);
});

test('a request may be cut in two anywhere', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  const length = call(1, '/t.T/Echo', text('cut')).length;
  for (let at = 1; at < length; at++) {
    const bytes = call(2 * at - 1, '/t.T/Echo', text('cut'));
    peer.send(bytes.subarray(0, at));
    await peer.settle();
    await peer.ask(bytes.subarray(at));
    t.deepEqual(peer.answer(2 * at - 1).messages, ['cut'], `cut at ${at}`);
  }
});

const refused: Record<
  string,
  {fields?: [string, string][]; path?: string; body?: Buffer; status: string; says: RegExp}
> = {
  'an unknown method': {path: '/t.T/Nothing', status: '12', says: /there is no method \/t\.T\/Nothing/},
  'an unknown service': {path: '/no.Service/Echo', status: '12', says: /there is no method/},
  'a path that is none': {path: '*', status: '12', says: /there is no method \*/},
  'an unknown encoding': {fields: [['grpc-encoding', 'br']], status: '12', says: /encoding br/},
  'a timeout that is none': {fields: [['grpc-timeout', '5x']], status: '13', says: /grpc-timeout/},
  'no message': {body: Buffer.alloc(0), status: '12', says: /takes a request message/},
  'two messages': {
    body: Buffer.concat([message(text('1')), message(text('2'))]),
    status: '12',
    says: /one request message, and got more/,
  },
  'half a message': {body: message(text('hello')).subarray(0, 7), status: '13', says: /ends within a message/},
  'a message of 4 GiB': {body: Buffer.from([0, 255, 255, 255, 255, 1]), status: '8', says: /larger than 1048576/},
  'a compressed message in a call without compression': {
    body: message(gzipSync('x'), 1),
    status: '13',
    says: /not announced/,
  },
  'invalid gzip': {
    fields: [['grpc-encoding', 'gzip']],
    body: message(text('not gzip'), 1),
    status: '13',
    says: /not valid gzip/,
  },
  'too many headers': {
    fields: [['x-large', 'y'.repeat(17_000)]],
    status: '8',
    says: /metadata has more than/,
  },
};

for (const [name, {fields = [], path = '/t.T/Echo', body = message(text('x')), status, says}] of Object.entries(
  refused,
)) {
  test(`${name} ends the call, and the connection goes on`, async t => {
    const bench = startBench(t);
    const peer = await bench.connect();
    const head = headers(1, requestFields(path, fields), 0);
    const pieces = [head.subarray(9, 9 + 16_384), head.subarray(9 + 16_384)];
    if (pieces[1]!.length > 0) {
      peer.send(...cut(1, pieces[0]!, pieces[1]!));
    } else {
      peer.send(headers(1, requestFields(path, fields)));
    }
    await peer.ask(data(1, body, endStream));
    const answer = peer.answer(1);
    t.is(answer.fields['grpc-status'], status);
    t.regex(decodeURIComponent(answer.fields['grpc-message'] ?? ''), says);
    t.true(answer.ended);
    t.is(bench.runs, 0);
    await peer.ask(call(3, '/t.T/Echo', text('next')));
    t.deepEqual(peer.answer(3).messages, ['next']);
    t.deepEqual(bench.faults, []);
  });
}

/** Headers in two frames. */
function cut(streamId: number, first: Buffer, second: Buffer): Buffer[] {
  const frameOf = (type: number, flags: number, payload: Buffer) => {
    const bytes = data(streamId, payload, flags);
    bytes[3] = type;
    return bytes;
  };
  return [frameOf(types.headers, 0, first), frameOf(types.continuation, endHeaders, second)];
}

test('gzip and identity messages are taken as they are flagged', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  const fields: [string, string][] = [['grpc-encoding', 'gzip']];
  await peer.ask(
    headers(1, requestFields('/t.T/Echo', fields)),
    data(1, message(gzipSync('compressed'), 1), endStream),
    headers(3, requestFields('/t.T/Echo', fields)),
    data(3, message(text('plain')), endStream),
  );
  t.deepEqual(peer.answer(1).messages, ['compressed']);
  t.deepEqual(peer.answer(3).messages, ['plain']);
});

test('metadata is there for the method, text and -bin', async t => {
  const {connect} = startBench(t);
  const peer = await connect();
  const fields: [string, string][] = [
    ['x-text', 'one'],
    ['x-text', 'two'],
    ['x-data-bin', Buffer.from('päivä').toString('base64').replace(/=+$/, '')],
  ];
  await peer.ask(
    call(1, '/t.T/Metadata', text('x-text'), fields),
    call(3, '/t.T/Metadata', text('x-data-bin'), fields),
    call(5, '/t.T/Metadata', text('x-none'), fields),
    call(7, '/t.T/Metadata', text('x-text'), [['x-text', 'other']]),
    call(9, '/t.T/Metadata', text('x-text'), []),
  );
  t.deepEqual(
    [1, 3, 5, 7, 9].map(id => peer.answer(id).messages),
    [['one'], ['pÃ¤ivÃ¤'], ['undefined'], ['other'], ['undefined']],
  );
});

test('a failure has its status, message and details; odd characters of the message are escaped', async t => {
  const {connect, waiting} = startBench(t);
  const peer = await connect();
  await peer.ask(call(1, '/t.T/Later', text('x')));
  waiting[0]!.fail(new CacheError('KEY_EMPTY', '100 % of "käse"\n'));
  await peer.settle();
  const {fields, ended, messages} = peer.answer(1);
  t.like(fields, {':status': '200', 'grpc-status': '3', 'grpc-message': '100 %25 of "k%C3%A4se"%0A'});
  t.regex(Buffer.from(fields['grpc-status-details-bin']!, 'base64').toString('latin1'), /KEY_EMPTY/);
  t.deepEqual(messages, []);
  t.true(ended);
  t.is(peer.framesOf(types.headers).length, 1, 'trailers only');
});

test('a deadline ends a call that is not answered, and its late answer goes nowhere', async t => {
  const {connect, waiting, timers} = startBench(t);
  const peer = await connect();
  await peer.ask(call(1, '/t.T/Later', text('x'), [['grpc-timeout', '50m']]));
  timers.advance(49);
  await peer.settle();
  t.false(peer.answer(1).ended);
  timers.advance(1);
  await peer.settle();
  t.is(peer.answer(1).fields['grpc-status'], '4');
  waiting[0]!.answer(text('too late'));
  await peer.settle();
  t.deepEqual(peer.answer(1).messages, []);
});

test('an answered call leaves no timer behind', async t => {
  const {connect, waiting, timers} = startBench(t);
  const peer = await connect();
  const before = timers.pending;
  await peer.ask(
    call(1, '/t.T/Later', text('x'), [['grpc-timeout', '50S']]),
    call(3, '/t.T/Echo', text('x'), [['grpc-timeout', '50S']]),
  );
  t.is(timers.pending, before + 1);
  waiting[0]!.answer(text('y'));
  await peer.settle();
  t.is(timers.pending, before);
});

test('a cancelled stream tells its method, and a cancelled call is not answered', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Stream', text('x')), call(3, '/t.T/Later', text('x')));
  await peer.ask(rstStream(1), rstStream(3));
  t.true(bench.streams[0]!.closed);
  bench.waiting[0]!.answer(text('y'));
  t.false(bench.streams[0]!.out.write(text('z')));
  await peer.settle();
  t.deepEqual(peer.answer(3).messages, []);
  t.deepEqual(bench.faults, []);
});

test('a connection that goes away ends its streams', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Stream', text('x')));
  peer.duplex.destroy();
  await peer.settle();
  t.true(bench.streams[0]!.closed);
  t.is(bench.server.counters().connections, 0);
});

test('both sides of a chat speak and end in any order', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(
    headers(1, requestFields('/t.T/Chat')),
    data(1, Buffer.concat([message(text('a')), message(text('b'))])),
  );
  const chat = bench.streams[0]!;
  t.deepEqual(chat.messages.map(String), ['97', '98']);
  chat.out.write(text('answer'));
  await peer.ask(data(1, message(text('c')), endStream));
  t.true(chat.ended);
  chat.out.end();
  await peer.settle();
  t.like(peer.answer(1), {messages: ['answer'], ended: true, reset: undefined});
  t.is(peer.answer(1).fields['grpc-status'], '0');

  await peer.ask(headers(3, requestFields('/t.T/Chat')));
  bench.streams[1]!.out.end();
  await peer.settle();
  t.like(peer.answer(3), {ended: true, reset: 'NO_ERROR'});
  await peer.ask(data(3, message(text('in flight'))), data(3, message(text('in flight')), endStream));
  t.is(peer.goAway, undefined, 'what was in flight is passed over');
});

test('what a handler throws ends its call alone', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(headers(1, requestFields('/t.T/Chat')), data(1, message(text('throw'))));
  t.is(peer.answer(1).fields['grpc-status'], '13');
  t.is(bench.faults.length, 1);
  t.is(peer.goAway, undefined);
});

test('a writer is asked to wait when the reader does not read, and told when it may go on', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 1000]);
  await peer.ask(call(1, '/t.T/Stream', text('x')));
  const stream = bench.streams[0]!;
  let written = 0;
  while (stream.out.write(Buffer.alloc(10_000, written))) written++;
  t.true(written >= 24 && written <= 28, `${written} messages of 10,000 bytes`);
  await peer.settle();
  t.is(peer.dataBytes(1), 1000);
  t.is(stream.drains, 0);
  await peer.ask(windowUpdate(1, 20_000));
  t.is(peer.dataBytes(1), 21_000);
  await peer.ask(windowUpdate(0, 2_000_000), windowUpdate(1, 2_000_000));
  t.is(stream.drains, 1);
  t.true(stream.out.write(text('more')));
  stream.out.end();
  await peer.settle();
  t.is(peer.dataBytes(1), (written + 1) * 10_005 + 9);
  t.true(peer.answer(1).ended);
});

test('a failure comes behind what was written before it, and the handler is rid of the stream at once', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 1000]);
  await peer.ask(call(1, '/t.T/Stream', text('x')));
  const stream = bench.streams[0]!;
  for (let count = 0; count < 3; count++) stream.out.write(Buffer.alloc(900));
  stream.out.end(new CacheError('DRAINING', 'going away'));
  t.true(stream.closed);
  t.false(stream.out.write(text('too late')));
  await peer.settle();
  t.false(peer.answer(1).ended);
  await peer.ask(windowUpdate(1, 10_000));
  t.true(peer.answer(1).ended);
  t.is(peer.answer(1).fields['grpc-status'], '14');
  t.is(peer.dataBytes(1), 3 * 905);
});

test('a writer on a connection that takes everything is asked to wait for a turn, and then told', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30), call(1, '/t.T/Stream', text('x')));
  const stream = bench.streams[0]!;
  for (let round = 1; round < 5; round++) {
    while (stream.out.write(Buffer.alloc(10_000)));
    t.is(stream.drains, round - 1);
    await peer.settle();
    t.is(stream.drains, round);
  }
  t.is(bench.faults.length, 0);
});

test('a small answer does not wait for the end of a large one', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 2 ** 24]);
  await peer.ask(windowUpdate(0, 2 ** 24));
  peer.send(call(1, '/t.T/Large', text('4000000')), call(3, '/t.T/Large', text('20000')));
  while (!peer.answer(1).ended) await peer.settle();
  const order = peer.framesOf(types.data);
  const lastOfSmall = order.findLastIndex(frame => frame.streamId === 3);
  const lastOfLarge = order.findLastIndex(frame => frame.streamId === 1);
  t.true(lastOfSmall >= 0 && lastOfSmall < 20, `frame ${lastOfSmall}`);
  t.true(lastOfLarge > lastOfSmall);
  t.is(peer.dataBytes(1), 4_000_005);
});
