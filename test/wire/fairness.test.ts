/** However much some ask for at once, others are answered soon: counted in calls and bytes, not in time. */
import test, {type ExecutionContext} from 'ava';
import {limits} from '../../src/base/index.js';
import {call, settings, windowUpdate} from './helpers/frames.js';
import {ManualTimers} from './helpers/manual-timers.js';
import {type Bench, type Peer, startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);
const id = (index: number) => 2 * index + 1;

/** Time passes with each look at it: usually so much that a turn is over after the first thing that is done in it. */
class SlowTimers extends ManualTimers {
  readonly #lookMs: number;
  #looks = 0;

  constructor(lookMs: number = limits.wireTurnMs) {
    super();
    this.#lookMs = lookMs;
  }

  override nowMs(): number {
    return super.nowMs() + this.#looks++ * this.#lookMs;
  }
}

function start(t: ExecutionContext): Bench {
  return startBench(t, {timers: new SlowTimers()});
}

function sendCalls(peer: Peer, count: number, first = 0): void {
  peer.send(...Array.from({length: count}, (_, at) => call(id(first + at), '/t.T/Echo', text(`call ${first + at}`))));
}

async function settleAll(t: ExecutionContext, peers: readonly Peer[], calls: number): Promise<void> {
  for (const peer of peers) {
    for (let wait = 0; wait < 1000 && !peer.answer(id(calls - 1)).ended; wait++) await peer.settle();
    for (let index = 0; index < calls; index++) t.deepEqual(peer.answer(id(index)).messages, [`call ${index}`]);
  }
}

async function connectMany(bench: Bench, count: number): Promise<Peer[]> {
  const peers: Peer[] = [];
  while (peers.length < count) peers.push(await bench.connect());
  return peers;
}

test('a call beside a thousand on ten other connections waits for a few of them', async t => {
  const bench = start(t);
  const others = await connectMany(bench, 10);
  const small = await bench.connect();
  let before = 0;
  small.duplex.once('data', () => {
    before = bench.runs;
  });
  for (const peer of others) sendCalls(peer, 100);
  sendCalls(small, 1);
  await settleAll(t, [small], 1);
  t.true(before <= limits.wireTurnCredit, `${before} calls were answered before`);
  await settleAll(t, others, 100);
  t.is(bench.runs, 1001);
  t.true(bench.server.counters().cutTurns > 0);
  t.is(bench.server.counters().heldBytes, 0);
});

test('connections that are behind go on in turn', async t => {
  const bench = start(t);
  const [first, second] = await connectMany(bench, 2);
  const answers = (peer: Peer) => Array.from({length: 200}, (_, index) => peer.answer(id(index)).ended).filter(Boolean);
  sendCalls(first!, 200);
  sendCalls(second!, 200);
  while (!first!.answer(id(199)).ended || !second!.answer(id(199)).ended) {
    await new Promise(resolve => setImmediate(resolve));
    const apart = Math.abs(answers(first!).length - answers(second!).length);
    t.true(apart <= 2 * limits.wireReadCredit, `${apart} answers apart`);
  }
  await settleAll(t, [first!, second!], 200);
});

test('a call beside large answers waits for one or two of each connection', async t => {
  const bench = start(t);
  const others: Peer[] = [];
  for (let count = 0; count < 4; count++) {
    const peer = await bench.connect([4, 2 ** 30]);
    peer.send(windowUpdate(0, 2 ** 30));
    others.push(peer);
  }
  const small = await bench.connect();
  let before = 0;
  small.duplex.once('data', () => {
    before = bench.runs;
  });
  for (const peer of others) {
    peer.send(...Array.from({length: 8}, (_, index) => call(id(index), '/t.T/Large', text('300000'))));
  }
  sendCalls(small, 1);
  await settleAll(t, [small], 1);
  t.true(before <= 2 * others.length + 1, `${before} calls were answered before`);
  for (const peer of others) {
    for (let index = 0; index < 8; index++) {
      while (!peer.answer(id(index)).ended) await peer.settle();
      t.is(peer.dataBytes(id(index)), 300_005);
    }
  }
});

test('turns are shorter while somebody is there who sends little', async t => {
  const bench = startBench(t, {timers: new SlowTimers(limits.wireSharedTurnMs)});
  const [large, small] = await connectMany(bench, 2);
  const calls = 300;
  const turnsFor = async (first: number) => {
    const before = bench.server.counters().cutTurns;
    sendCalls(large!, calls, first);
    while (!large!.answer(id(first + calls - 1)).ended) await large!.settle();
    return bench.server.counters().cutTurns - before;
  };
  // Until those are forgotten who connected, and had sent no more than that.
  for (let batch = 0; batch < 5; batch++) await turnsFor(bench.runs);
  const alone = await turnsFor(bench.runs);
  sendCalls(small!, 1);
  await settleAll(t, [small!], 1);
  const shared = await turnsFor(bench.runs - 1);
  t.true(alone > 0 && shared > 1.5 * alone, `${alone} turns, and ${shared} shared ones`);
});

test('what waits to be read goes with its connection', async t => {
  const bench = start(t);
  const [cut, failing] = await connectMany(bench, 2);
  sendCalls(cut!, 200);
  sendCalls(failing!, 200);
  failing!.send(settings([2, 7]));
  cut!.duplex.destroy();
  for (let wait = 0; wait < 100; wait++) await failing!.settle();
  t.is(failing!.goAway?.code, 'PROTOCOL_ERROR');
  bench.timers.advance(limits.wireCloseMsMost);
  await failing!.settle();
  t.is(bench.server.counters().connections, 0);
  t.is(bench.server.counters().heldBytes, 0);
  t.deepEqual(bench.faults, []);
});
