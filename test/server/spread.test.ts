/** Threads that accept from one queue: when one stands back for the others, and for how long at most. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {Spread} from '../../src/server/spread.js';

interface Stood {
  thread: number;
  atMostMs: number;
}

/** Threads whose waits take as long as they may, unless `cutShort` says how long. */
function threadsOf(count: number, cutShort = (atMostMs: number) => atMostMs) {
  const memory = Spread.reserve(count);
  const clock = {nowMs: 0};
  const stood: Stood[] = [];
  const threads = Array.from({length: count}, (_, thread) => {
    const wait = (words: Int32Array, index: number, value: number, atMostMs: number) => {
      if (words[index] !== value) return;
      stood.push({thread, atMostMs});
      clock.nowMs += cutShort(atMostMs);
    };
    return new Spread({memory, thread, nowMs: () => clock.nowMs, wait});
  });
  return {threads, stood, clock};
}

test('who has no more connections than the others goes on', t => {
  const {threads, stood} = threadsOf(3);
  for (const thread of threads) thread.count(4);
  threads[1]!.accepted(4);
  threads[2]!.accepted(3);
  t.deepEqual(stood, []);
});

test('who has more stands still, for a moment at most', t => {
  const {threads, stood} = threadsOf(2);
  threads[0]!.accepted(1);
  t.deepEqual(stood, [{thread: 0, atMostMs: limits.spreadWaitMs}]);
  threads[1]!.accepted(1);
  t.is(stood.length, 1, 'now both have one');
});

test('an accept of another thread ends it, also one that comes before it begins', t => {
  const memory = Spread.reserve(2);
  const other = new Spread({memory, thread: 1, nowMs: () => 0});
  const results: unknown[] = [];
  const one = new Spread({
    memory,
    thread: 0,
    nowMs: () => 0,
    wait: (words, index, value) => {
      other.accepted(1);
      results.push(Atomics.wait(words, index, value, 60_000));
    },
  });
  one.accepted(2);
  t.deepEqual(results, ['not-equal']);
});

test('nobody stands still for long, however many connections come', t => {
  const {threads, stood, clock} = threadsOf(2);
  const total = () => stood.reduce((sum, {atMostMs}) => sum + atMostMs, 0);
  for (let connections = 1; connections <= 1000; connections++) threads[0]!.accepted(connections);
  t.is(total(), limits.spreadMsPerSecond);
  clock.nowMs = 1000;
  for (let connections = 1001; connections <= 2000; connections++) threads[0]!.accepted(connections);
  t.is(total(), 2 * limits.spreadMsPerSecond);
});

test('what was cut short leaves the rest for later', t => {
  const {threads, stood} = threadsOf(2, atMostMs => atMostMs / 2);
  for (let connections = 1; connections <= 1000; connections++) threads[0]!.accepted(connections);
  t.true(stood.length >= (2 * limits.spreadMsPerSecond) / limits.spreadWaitMs);
});
