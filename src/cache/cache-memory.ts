/**
 * What a cache stands on: the memory of its entries and changes, and what its tokens
 * hold for. Where one thread serves, it makes them for itself. For several, one thread
 * reserves them, and the handle goes to those that serve: so a token that one gave holds
 * on each.
 */
import {assert, type Clock} from '../base/index.js';
import {attachStore, createStore, handleOf, type Share, type Store, type StoreHandle} from '../store/index.js';
import type {NamespaceConfig} from './namespaces.js';
import {newEpoch} from './resume-token.js';
import type {Schedule} from './schedule.js';
import {ThreadBell} from './thread-bell.js';

export interface CacheOptions {
  clock: Clock;
  /** `default` first. */
  namespaces: readonly NamespaceConfig[];
  maxKeyBytes: number;
  maxValueBytes: number;
  /** Memory for the history of changes; 0 or unset keeps none. */
  historyBytes?: number;
  /** Whether the history of a put has what it replaced. */
  historyKeepsPrevious?: boolean;
  /** Calls a function soon, in a tick of its own; setImmediate if unset. */
  schedule?: Schedule;
  /** Draws from 0 up to but not including 1; for the jitter of TTLs. */
  random?: () => number;
}

/** One life of a cache. */
interface Life {
  startTimeMs: number;
  /** Of its resume tokens. */
  epoch: string;
  /** How many watchers there are, a word. */
  watchersOpen: SharedArrayBuffer;
}

/** A cache for several threads, as sent to each. */
export interface CacheHandle extends Life {
  store: StoreHandle;
  threads: number;
  /** See thread-bell.ts. */
  bell: SharedArrayBuffer;
}

/** One of the threads of a cache. */
export interface CachePlace {
  handle: CacheHandle;
  /** Which of them: from 0, each once. */
  thread: number;
}

export interface CacheMemory extends Life {
  store: Store;
  /** Of the housekeeping. */
  share: Share;
  /** Where several threads share it. */
  bell?: SharedArrayBuffer;
}

/** Reserves the memory of a cache for several threads, each of which then makes a Cache with the same options and the handle. */
export function reserveCache(options: CacheOptions & {threads: number}): CacheHandle {
  const {threads} = options;
  assert(threads > 1, 'one thread has the memory of its cache for itself');
  return {...beginLife(options), store: handleOf(reserveStore(options, threads)), threads, bell: ThreadBell.reserve()};
}

export function openMemory(options: CacheOptions, place?: CachePlace): CacheMemory {
  if (!place) return {...beginLife(options), store: reserveStore(options, 1), share: {thread: 0, threads: 1}};
  const {thread, handle} = place;
  const {store, threads, ...common} = handle;
  assert(thread >= 0 && thread < threads, `the cache is for threads 0 to ${threads - 1}`);
  return {...common, store: attachStore(store, options.clock), share: {thread, threads}};
}

function reserveStore(options: CacheOptions, threads: number): Store {
  const {historyBytes = 0, historyKeepsPrevious = false} = options;
  const history = historyBytes > 0 ? {bytes: historyBytes, keepsPrevious: historyKeepsPrevious} : undefined;
  return createStore({...options, history, threads});
}

function beginLife({clock}: CacheOptions): Life {
  return {startTimeMs: clock.wallMicros() / 1000, epoch: newEpoch(), watchersOpen: new SharedArrayBuffer(4)};
}
