/** What a thread can be made to do wrong, so that the checker has something to find. */
import {Cache} from '../../src/cache/index.js';
import {Shard} from '../../src/store/shard.js';

const {get, put} = Shard.prototype;

/** Each answers what undoes it. */
export const faults = {
  /** It takes every lock for free, and leaves it to whoever holds it. To write so would leave the store in ruins. */
  'reads without the lock': () => {
    const {get} = Cache.prototype;
    const {compareExchange, exchange} = Atomics;
    const free = (_array: Int32Array, _index: number, expected: number) => expected;
    Cache.prototype.get = function (request) {
      Object.assign(Atomics, {compareExchange: free, exchange: () => 1});
      const answer = get.call(this, {...request, peek: true});
      Object.assign(Atomics, {compareExchange, exchange});
      return answer;
    };
    return () => {
      Cache.prototype.get = get;
    };
  },
  /** Whatever a put is told about when to do it, it does it. */
  'forgets if_revision': () => {
    Shard.prototype.put = function (namespace, key, hash, value, options) {
      return put.call(this, namespace, key, hash, value, {...options, ifRevision: undefined});
    };
    return () => {
      Shard.prototype.put = put;
    };
  },
  /** Now and then it answers a read with what it read the time before. */
  'answers what it saw before': () => {
    let reads = 0;
    const before = new Map<number, ReturnType<typeof get>>();
    Shard.prototype.get = function (namespace, key, hash, options) {
      const view = get.call(this, namespace, key, hash, options);
      const old = before.get(hash);
      before.set(hash, view && {...view, value: view.value.slice()});
      return !options.uncounted && reads++ % 10 === 0 ? old : view;
    };
    return () => {
      Shard.prototype.get = get;
    };
  },
} as const;

export type Fault = keyof typeof faults;
