/**
 * One thread of a run: operations on a few keys at random, one behind the other as
 * fast as it can, each written down with when it was called and when it returned.
 */
import {parentPort} from 'node:worker_threads';
import {systemClock} from '../../src/base/index.js';
import {Cache, type CacheHandle, type CacheOptions} from '../../src/cache/index.js';
import {Random} from '../helpers/random.js';
import {deleteOf, getOf, incrementOf, putOf} from '../helpers/requests.js';
import {text} from '../helpers/text.js';
import type {Operation} from './checker.js';
import {type Fault, faults} from './faults.js';
import type {Condition, Done} from './register.js';

export interface Task {
  handle: CacheHandle;
  options: Omit<CacheOptions, 'clock'>;
  thread: number;
  seed: number;
  operations: number;
  keys: readonly string[];
  /** How many threads are ready: they begin together. */
  ready: SharedArrayBuffer;
  /** Something that this thread does wrong, for the checker to find. */
  fault?: Fault;
}

class Client {
  readonly #cache: Cache;
  readonly #random: Random;
  /** By key, the revision that was seen last. */
  readonly #seen = new Map<string, number>();

  constructor({handle, options, thread, seed}: Task) {
    this.#cache = new Cache({...options, clock: systemClock}, {handle, thread});
    this.#random = new Random(seed);
  }

  operate(key: string): Operation {
    const choice = this.#random.below(100);
    const called = nowNs();
    const done =
      choice < 40
        ? this.#get(key)
        : choice < 65
          ? this.#put(key)
          : choice < 75
            ? this.#delete(key)
            : this.#increment(key);
    const returned = nowNs();
    this.#seen.set(key, done.revision);
    return {key, called, returned, done};
  }

  #get(key: string): Done {
    const {entry} = this.#cache.get(getOf(key, {peek: this.#random.oneIn(2)}));
    return {do: 'get', value: entry && text(entry.value), revision: entry?.revision ?? 0};
  }

  #put(key: string): Done {
    const value = String(this.#random.below(1_000_000));
    const condition = this.#random.oneIn(2) ? this.#drawCondition(key) : {};
    const answer = this.#cache.put(putOf(key, value, condition));
    if (answer instanceof Promise) throw new Error('a small put is answered at once');
    const {outcome, existed, revision} = answer;
    return {do: 'put', value, condition, stored: outcome === 'stored', existed, revision};
  }

  #delete(key: string): Done {
    const {ifRevision} = this.#random.oneIn(3) ? this.#drawCondition(key) : {};
    const {outcome, revision} = this.#cache.delete(deleteOf(key, {ifRevision}));
    return {do: 'delete', condition: {ifRevision}, outcome, revision};
  }

  #increment(key: string): Done {
    const delta = 1 + this.#random.below(5);
    const {value, revision} = this.#cache.increment(incrementOf(key, {delta: BigInt(delta), initial: 7n}));
    return {do: 'increment', delta, initial: 7, value: String(value), revision};
  }

  #drawCondition(key: string): Condition {
    const ifRevision = this.#seen.get(key) || 1;
    return this.#random.pick([{ifAbsent: true}, {ifPresent: true}, {ifRevision}, {ifRevision}]);
  }
}

/** By a clock that all threads share. A double holds the nanoseconds of a hundred days. */
function nowNs(): number {
  return Number(process.hrtime.bigint());
}

function run(task: Task): Operation[] {
  const random = new Random(task.seed + 1);
  const client = new Client(task);
  const undo = task.fault && faults[task.fault]();
  awaitOthers(new Int32Array(task.ready), task.handle.threads);
  const operations: Operation[] = [];
  for (let step = 0; step < task.operations; step++) operations.push(client.operate(random.pick(task.keys)));
  undo?.();
  return operations;
}

function awaitOthers(ready: Int32Array, threads: number): void {
  let count = Atomics.add(ready, 0, 1) + 1;
  Atomics.notify(ready, 0);
  for (; count < threads; count = Atomics.load(ready, 0)) Atomics.wait(ready, 0, count);
}

parentPort!.on('message', (task: Task) => parentPort!.postMessage(run(task)));
