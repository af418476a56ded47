/**
 * A lock in shared memory, for as long as one operation on a shard takes.
 *
 *   word   0 free, otherwise the number of the thread that holds it; its sign says
 *          that others may be waiting
 *
 * A thread that dies inside leaves its shard half changed, and the others waiting
 * for ever. So the wait has a bound, past which the whole process ends with its
 * reason: a cache that starts again empty is better than one that lies or hangs.
 */
import {writeSync} from 'node:fs';
import {threadId} from 'node:worker_threads';

/**
 * An operation takes microseconds, a slice of housekeeping a few milliseconds. The wait
 * is several short ones: while the whole process stands still (stopped, or without a
 * processor) the clock goes on, but no more than one of them runs out meanwhile.
 */
const waitMs = 500;
const waitsMost = 10;
const free = 0;
const spins = 100;

/** The main thread's id is 0, which here means that nobody is inside. */
const self = threadId + 1;

export function acquire(lock: Int32Array): void {
  for (let spin = 0; spin < spins; spin++) {
    if (Atomics.compareExchange(lock, 0, free, self) === free) return;
  }
  for (let waits = 0; ; ) {
    const holder = Atomics.load(lock, 0);
    // Whoever takes the lock after a wait leaves the mark: there may be more who wait.
    if (holder === free) {
      if (Atomics.compareExchange(lock, 0, free, -self) === free) return;
      continue;
    }
    const marked = holder < 0 ? holder : -holder;
    if (holder !== marked && Atomics.compareExchange(lock, 0, holder, marked) !== holder) continue;
    const isStuck = Atomics.wait(lock, 0, marked, waitMs) === 'timed-out' && Atomics.load(lock, 0) === marked;
    waits = isStuck ? waits + 1 : 0;
    if (waits === waitsMost) endProcess(-marked);
  }
}

export function release(lock: Int32Array): void {
  if (Atomics.exchange(lock, 0, free) < 0) Atomics.notify(lock, 0, 1);
}

/** From a worker, process.exit() would end the worker alone. */
function endProcess(holder: number): never {
  writeSync(
    2,
    `krusty: fatal: thread ${holder - 1} has held a lock of the store for ${waitsMost * waitMs} ms and may have died inside; the process ends, since what it left cannot be trusted\n`,
  );
  process.kill(process.pid, 'SIGABRT');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
