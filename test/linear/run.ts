/** One run: several threads on a few keys of one cache at the same time, and what the checker says of it. */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import {systemClock} from '../../src/base/index.js';
import {reserveCache} from '../../src/cache/index.js';
import {Random} from '../helpers/random.js';
import {checkHistory, type Operation} from './checker.js';
import type {Fault} from './faults.js';
import type {Task} from './worker.js';

const threadsMost = 4;
/** Nothing is evicted, and what is put stays. */
const options = {
  namespaces: [{name: 'default', maxEntries: 100_000, maxMemoryBytes: 2 ** 24, ttlJitter: 0}],
  maxKeyBytes: 64,
  maxValueBytes: 1024,
  historyBytes: 2 ** 16,
};

export class LinearThreads {
  readonly #workers = Array.from({length: threadsMost}, () => new Worker(new URL('./worker.js', import.meta.url)));

  /** What each thread has done. One of them may have a fault. */
  run(seed: number, {operations, fault}: {operations: number; fault?: Fault}): Promise<Operation[][]> {
    const random = new Random(seed);
    const threads = 2 + random.below(threadsMost - 1);
    // On one key, a fault shows soonest.
    const keys = ['a', 'b', 'c'].slice(0, fault ? 1 : 1 + random.below(3));
    const handle = reserveCache({...options, clock: systemClock, threads});
    const ready = new SharedArrayBuffer(4);
    const shared = {handle, options, operations, keys, ready};
    return Promise.all(
      this.#workers.slice(0, threads).map(async (worker, thread) => {
        const faulty = thread === 0 ? fault : undefined;
        worker.postMessage({...shared, thread, seed: seed + 1000 * thread, fault: faulty} satisfies Task);
        const [done] = await once(worker, 'message');
        return done as Operation[];
      }),
    );
  }

  /** What is wrong with a run; nothing if all that was answered can be. */
  async check(seed: number, how: {operations: number; fault?: Fault}): Promise<string[]> {
    return checkHistory(await this.run(seed, how));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }
}
