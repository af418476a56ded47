/** The lock, taken by one thread of what it takes for another's. Waits are played: no time passes. */
import {threadId} from 'node:worker_threads';
import test from 'ava';
import {acquire, release} from '../../src/store/lock.js';

const other = 77;
const self = threadId + 1;
const {wait} = Atomics;

function lockHeldBy(holder: number): Int32Array {
  const lock = new Int32Array(new SharedArrayBuffer(4));
  lock[0] = holder;
  return lock;
}

/** Takes the lock, each wait being one of these; answers how long they were to be. */
function acquirePlaying(lock: Int32Array, waits: (() => 'ok' | 'timed-out')[]): number[] {
  const asked: number[] = [];
  Atomics.wait = ((_lock: Int32Array, _index: number, _value: number, ms: number) => {
    asked.push(ms);
    return waits.shift()!();
  }) as typeof Atomics.wait;
  try {
    acquire(lock);
  } finally {
    Atomics.wait = wait;
  }
  return asked;
}

test.serial('what is free is taken without a wait, and free again behind it', t => {
  const lock = lockHeldBy(0);
  t.deepEqual(acquirePlaying(lock, []), []);
  t.is(lock[0], self);
  release(lock);
  t.is(lock[0], 0);
});

test.serial('a wait that runs out because the whole process stood still does not count for all', t => {
  const lock = lockHeldBy(other);
  const stoodStill = () => 'timed-out' as const;
  const isFree = () => {
    lock[0] = 0;
    return 'ok' as const;
  };
  const asked = acquirePlaying(lock, [stoodStill, stoodStill, stoodStill, isFree]);
  t.true(Math.max(...asked) <= 500);
  t.is(lock[0], -self, 'marked: others may be waiting');
});

test.serial('a lock that others take meanwhile is not one that somebody died in', t => {
  const lock = lockHeldBy(other);
  const passedOn = (holder: number) => () => {
    lock[0] = holder;
    return 'timed-out' as const;
  };
  const waits = Array.from({length: 100}, (_, index) => passedOn(-other - (index % 5) - 1));
  acquirePlaying(lock, [...waits, passedOn(0)]);
  t.is(lock[0], -self);
});
