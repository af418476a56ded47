/** What the server holds over all connections: frugal from half of its bound on, and rid of the most behind at the bound. */
import test, {type ExecutionContext} from 'ava';
import {limits} from '../../src/base/index.js';
import {call, data, headers, message, requestFields, settings, windowUpdate} from './helpers/frames.js';
import {type Bench, type Peer, startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);
const id = (index: number) => 2 * index + 1;

const maxReceiveBytes = 2 ** 16;
const heldBytesMost = limits.wireHeldMessagesLeast * maxReceiveBytes;
const answerBytes = 100_000;

function start(t: ExecutionContext): Bench {
  return startBench(t, {maxReceiveBytes, heldBytesMost});
}

/** Peers that ask, and take nothing. */
async function connectStalled(bench: Bench, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (; peers.length < count; ) {
    const peer = await bench.connect([4, 0]);
    await peer.ask(call(1, '/t.T/Large', text(String(answerBytes))));
    peers.push(peer);
  }
  return peers;
}

async function askGood(t: ExecutionContext, good: Peer, streamId: number): Promise<void> {
  await good.ask(call(streamId, '/t.T/Large', text('50000')));
  t.is(good.answer(streamId).fields['grpc-status'], '0');
}

test('connections that take nothing are cut off at the bound, one that reads is served all the while', async t => {
  const bench = start(t);
  const good = await bench.connect();
  const stalled: Peer[] = [];
  for (let round = 0; round < 30; round++) {
    stalled.push(...(await connectStalled(bench, 1)));
    await good.ask(call(id(round), '/t.T/Echo', text('good')));
    t.is(good.answer(id(round)).fields['grpc-status'], '0');
    t.true(bench.server.counters().heldBytes <= heldBytesMost);
    bench.timers.advance(1000);
  }
  const cutOff = stalled.filter(peer => peer.goAway?.code === 'ENHANCE_YOUR_CALM').length;
  t.is(cutOff, 30 - Math.floor(heldBytesMost / answerBytes));
  t.deepEqual([...bench.server.counters().faults], [['ENHANCE_YOUR_CALM: too much waits for this client', cutOff]]);
  t.is(good.goAway, undefined);
  t.deepEqual(bench.faults, []);
});

test('of two that hold as much, the one that takes something stays', async t => {
  const bench = start(t);
  const slow = await bench.connect([4, 1000]);
  await slow.ask(call(1, '/t.T/Large', text(String(3 * answerBytes))));
  const [stalled] = await connectStalled(bench, 1);
  await stalled!.ask();
  for (let second = 0; second < 5; second++) {
    bench.timers.advance(1000);
    await slow.ask(settings([4, 1000 * (second + 2)]));
  }
  const others = await connectStalled(bench, 10);
  t.is(slow.goAway, undefined);
  t.true([stalled!, ...others].some(peer => peer.goAway));
  t.true(bench.server.counters().heldBytes <= heldBytesMost);
});

test('requests that are begun and not ended count as well', async t => {
  const bench = start(t);
  const peers: Peer[] = [];
  const begun = message(Buffer.alloc(60_000)).subarray(0, 50_000);
  for (let count = 0; count < 40; count++) {
    const peer = await bench.connect();
    const pieces = [0, 1, 2, 3].map(index => data(1, begun.subarray(index * 12_500, (index + 1) * 12_500)));
    await peer.ask(headers(1, requestFields('/t.T/Echo')), ...pieces);
    peers.push(peer);
    t.true(bench.server.counters().heldBytes <= heldBytesMost);
  }
  t.is(peers.filter(peer => peer.goAway).length, 40 - Math.floor(heldBytesMost / 50_000));
  const good = await bench.connect();
  await askGood(t, good, 1);
});

test('from half of the bound on, a call waits until nothing else does on its connection', async t => {
  const bench = start(t);
  const peer = await bench.connect([4, 0]);
  const asked = [0, 1, 2].map(index => call(id(index), '/t.T/Large', text(String(answerBytes))));
  await peer.ask(...asked);
  t.is(bench.runs, 3, 'there is room');
  await connectStalled(bench, 4);
  t.is(bench.runs, 7);
  await peer.ask(call(7, '/t.T/Large', text(String(answerBytes))));
  t.is(bench.runs, 7, 'something waits here already');
  const good = await bench.connect();
  await askGood(t, good, 1);
  t.is(bench.runs, 8, 'and nothing there');
  await peer.ask(settings([4, 1_000_000]), windowUpdate(0, 1_000_000));
  for (let round = 0; round < 20; round++) await peer.settle();
  t.is(bench.runs, 9, 'now it is taken');
});

test('a call that waited because of what others hold begins within a second after they are gone', async t => {
  const bench = start(t);
  const peer = await bench.connect([4, 0]);
  await peer.ask(call(1, '/t.T/Large', text(String(answerBytes))));
  const others = await connectStalled(bench, 6);
  const before = bench.runs;
  await peer.ask(call(3, '/t.T/Large', text(String(answerBytes))));
  t.is(bench.runs, before, 'too much is held by all');
  for (const other of others) other.duplex.destroy();
  await peer.settle();
  bench.timers.advance(1000);
  await peer.settle();
  t.is(bench.runs, before + 1);
});

test('all is given back when connections go', async t => {
  const bench = start(t);
  const peers = await connectStalled(bench, 5);
  peers[0]!.duplex.destroy();
  await peers[1]!.settle();
  t.is(bench.server.counters().heldBytes, 4 * (answerBytes + 5));
  for (const peer of peers) peer.duplex.destroy();
  await peers[1]!.settle();
  t.is(bench.server.counters().heldBytes, 0);
});
