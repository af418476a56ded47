/** Messages in gzip: who is answered in it, what is, and how much work it may be. */
import {gunzipSync, gzipSync} from 'node:zlib';
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {types} from '../../src/wire/frame.js';
import {Gzip} from '../../src/wire/grpc/gzip.js';
import {Random} from '../helpers/random.js';
import {data, endStream, type Fields, headers, message, requestFields, windowUpdate} from './helpers/frames.js';
import {type Bench, type Peer, startBench} from './helpers/peer.js';

const inGzip: Fields = [['grpc-encoding', 'gzip']];
const text = (value: string) => Buffer.from(value);

/** The messages of an answer, with their flag and as they were before they were compressed. */
function messagesOf(peer: Peer, streamId: number): {compressed: number; sentBytes: number; bytes: Buffer}[] {
  let rest = Buffer.concat(
    peer
      .framesOf(types.data)
      .filter(frame => frame.streamId === streamId)
      .map(({payload}) => payload),
  );
  const messages = [];
  while (rest.length > 0) {
    const sentBytes = rest.readUInt32BE(1);
    const sent = rest.subarray(5, 5 + sentBytes);
    messages.push({compressed: rest[0]!, sentBytes, bytes: rest[0] ? gunzipSync(sent) : sent});
    rest = rest.subarray(5 + sentBytes);
  }
  return messages;
}

async function connect(bench: Bench): Promise<Peer> {
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30));
  return peer;
}

/** Until the answer is there: threads take their time. */
async function ended(peer: Peer, streamId: number): Promise<void> {
  while (!peer.answer(streamId).ended && !peer.closed) await peer.settle();
}

for (const [name, fields, path, size, compressed] of [
  ['a client that compresses is answered in kind', inGzip, 'Large', 5000, 1],
  ['so it is with an answer for a thread', inGzip, 'Large', 500_000, 1],
  ['one that does not is answered as it is', [], 'Large', 5000, 0],
  ['and so is one that takes no gzip', [...inGzip, ['grpc-accept-encoding', 'identity,br']], 'Large', 5000, 0],
  ['and one that could take it', [['grpc-accept-encoding', 'identity,gzip']], 'Large', 5000, 0],
  ['a small answer is not worth it', inGzip, 'Large', limits.wireGzipBytesLeast - 1, 0],
] as const) {
  test(`${name} (${size} bytes)`, async t => {
    const peer = await connect(startBench(t));
    const request = message(gzipSync(String(size)), 1);
    peer.send(headers(1, requestFields(`/t.T/${path}`, fields)));
    peer.send(data(1, fields[0]?.[0] === 'grpc-encoding' ? request : message(text(String(size))), endStream));
    await ended(peer, 1);
    const [answer] = messagesOf(peer, 1);
    t.is(answer?.compressed, compressed);
    t.true(answer?.bytes.equals(Buffer.alloc(size, 'x')));
    t.is(peer.answer(1).fields['grpc-encoding'] === 'gzip', fields === inGzip);
    t.is(peer.answer(1).fields['grpc-status'], '0');
    if (compressed) t.true(answer!.sentBytes < size / 10);
  });
}

test('what does not become smaller is sent as it is', async t => {
  const peer = await connect(startBench(t));
  const noise = Buffer.from(new Random(1).bytes(10_000));
  await peer.ask(headers(1, requestFields('/t.T/Echo', inGzip)), data(1, message(noise), endStream));
  const [answer] = messagesOf(peer, 1);
  t.is(answer?.compressed, 0);
  t.true(answer?.bytes.equals(noise));
});

test('each message of a stream is compressed by itself, the large ones not at all', async t => {
  const bench = startBench(t);
  const peer = await connect(bench);
  await peer.ask(headers(1, requestFields('/t.T/Stream', inGzip)), data(1, message(text('x')), endStream));
  const {out} = bench.streams[0]!;
  const sizes = [10, 2000, limits.wireGzipAtOnceBytesMost + 1, 3000];
  for (const size of sizes) out.write(Buffer.alloc(size, 'y'));
  out.end();
  await ended(peer, 1);
  const messages = messagesOf(peer, 1);
  t.deepEqual(
    messages.map(({compressed}) => compressed),
    [0, 1, 0, 1],
  );
  t.deepEqual(
    messages.map(({bytes}) => bytes.length),
    sizes,
  );
});

test('a turn compresses so much and no more: what comes beyond is sent as it is', async t => {
  const bench = startBench(t);
  const peer = await connect(bench);
  const count = 20;
  const calls = Array.from({length: count}, (_, index) =>
    Buffer.concat([
      headers(2 * index + 1, requestFields('/t.T/Large', inGzip)),
      data(2 * index + 1, message(text('60000')), endStream),
    ]),
  );
  await peer.ask(...calls);
  const flags = calls.map((_, index) => messagesOf(peer, 2 * index + 1)[0]!.compressed);
  const most = Math.ceil(limits.wireGzipTurnBytesMost / 60_000);
  const compressed = flags.filter(flag => flag === 1).length;
  t.true(compressed > 0 && compressed <= most, `${compressed} of ${count}, at most ${most}`);
});

test('messages that take a thread to inflate stay in their order, and so does the end behind them', async t => {
  const bench = startBench(t, {maxReceiveBytes: 2 ** 22});
  const peer = await connect(bench);
  const sizes = [10, 3_000_000, 20, 30, 2_000_000, 40];
  await peer.ask(
    headers(1, requestFields('/t.T/Chat', inGzip)),
    ...sizes.map(size => data(1, message(gzipSync(Buffer.alloc(size, 'z')), 1))),
    data(1, message(text('last')), endStream),
  );
  const stream = bench.streams[0]!;
  while (!stream.ended) await peer.settle();
  t.deepEqual(
    stream.messages.map(({length}) => length),
    [...sizes, 4],
  );
  t.deepEqual(bench.faults, []);
});

test('a call that ends while its message is inflated runs no handler', async t => {
  const bench = startBench(t);
  const peer = await connect(bench);
  await peer.ask(
    headers(1, requestFields('/t.T/Echo', [...inGzip, ['grpc-timeout', '10m']])),
    data(1, message(gzipSync(Buffer.alloc(1_000_000)), 1)),
  );
  bench.timers.advance(20);
  for (let round = 0; round < 20; round++) await peer.settle();
  t.is(peer.answer(1).fields['grpc-status'], '4');
  t.is(bench.runs, 0);
});

const broken = {
  'no gzip at all': text('this is no gzip'),
  nothing: Buffer.alloc(0),
  'gzip cut off': gzipSync('x'.repeat(1000)).subarray(0, 20),
  'a wrong checksum': changed(gzipSync('hello'), -8),
  'a wrong length': changed(gzipSync('hello'), -4),
  'less than it says': changed(gzipSync(Buffer.alloc(200)), -4, 200 ^ 210),
  'more than it says': changed(gzipSync(Buffer.alloc(200)), -4, 200 ^ 190),
  'much more than it says': changed(gzipSync(Buffer.alloc(500_000)), -2, 500_000 >> 16),
  'two members': Buffer.concat([gzipSync('hello'), gzipSync('world')]),
  'a large member and a small one': Buffer.concat([gzipSync(Buffer.alloc(500_000)), gzipSync('world')]),
  'a large one, cut off': gzipSync(Buffer.alloc(500_000)).subarray(0, -4),
  'a large one with a wrong checksum': changed(gzipSync(Buffer.alloc(500_000)), -8),
  'a large one, and more than it says': changed(gzipSync(Buffer.alloc(500_000)), -2, 1),
  'too much': gzipSync(Buffer.alloc(2 ** 20 + 1)),
};

function changed(bytes: Buffer, at: number, by = 0xff): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length + at]! ^= by;
  return copy;
}

for (const [name, bytes] of Object.entries(broken)) {
  test(`a message that is ${name} ends its call alone`, async t => {
    const bench = startBench(t);
    const peer = await connect(bench);
    peer.send(headers(1, requestFields('/t.T/Echo', inGzip)), data(1, message(bytes, 1), endStream));
    await ended(peer, 1);
    t.is(peer.answer(1).fields['grpc-status'], name === 'too much' ? '8' : '13');
    t.is(bench.runs, 0);
    t.is(bench.server.counters().requestFaults.get('gzip'), 1);
    await peer.ask(headers(3, requestFields('/t.T/Echo')), data(3, message(text('next')), endStream));
    t.deepEqual(peer.answer(3).messages, ['next']);
    t.deepEqual(bench.faults, []);
  });
}

test('many messages that inflate to much are inflated a few at a time, not in one turn', async t => {
  const turns: (() => void)[] = [];
  const gzip = new Gzip(run => turns.push(run));
  const bomb = gzipSync(Buffer.alloc(limits.wireGzipAtOnceBytesMost));
  const results = Array.from({length: 20}, () => gzip.inflate(bomb, {bytesMost: 2 ** 20, isWanted: () => true}));
  const atOnce = results.filter(result => !(result instanceof Promise)).length;
  t.true(atOnce > 0 && atOnce <= limits.wireGzipTurnBytesMost / limits.wireGzipAtOnceBytesMost);
  t.true(
    (await Promise.all(results)).every(result => (result as Uint8Array).length === limits.wireGzipAtOnceBytesMost),
  );
  for (const run of turns) run();
  t.false(gzip.inflate(bomb, {bytesMost: 2 ** 20, isWanted: () => true}) instanceof Promise);
});

test('what nobody waits for any more is not inflated', async t => {
  const gzip = new Gzip(() => {});
  const large = gzipSync(Buffer.alloc(2 ** 20));
  const done: number[] = [];
  const promises = [true, false, true].map(async (isWanted, index) => {
    await gzip.inflate(large, {bytesMost: 2 ** 20, isWanted: () => isWanted});
    done.push(index);
  });
  await Promise.all([promises[0], promises[2]]);
  t.deepEqual(done, [0, 2]);
});
