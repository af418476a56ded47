/** One of the other threads of the servers that tests have put together by hand: see other-threads.ts. */
import {parentPort} from 'node:worker_threads';
import {Cache, type CacheHandle, type WatchStats} from '../../src/cache/index.js';
import type {Transport} from '../../src/server/index.js';
import {Line} from '../../src/server/line.js';
import type {NextPlace} from '../../src/server/listening.js';
import {awaitWord} from './await-word.js';
import {ManualClock} from './manual-clock.js';
import type {TestAnswers} from './other-threads.js';
import {assembleParts, cacheOptionsOf, type PartsOptions} from './parts.js';

export interface OtherTask {
  server: number;
  transportName: Transport;
  handle: CacheHandle;
  thread: number;
  /** Of the test's ManualClock. */
  clock: SharedArrayBuffer;
  /** 0: how many threads have done what was told; 1: whose turn it is to close; from 2 on: how many watchers each has; the last: how often the clock has moved. */
  words: SharedArrayBuffer;
  /** But for functions. */
  options: PartsOptions;
  /** What is drawn each time. */
  random: number;
  httpRandom: number | undefined;
  place: NextPlace;
}

export type OtherAnswers = typeof answers;
export type Tell =
  | 'tick'
  | 'stopWatches'
  | 'countWatchers'
  | 'stopRpc'
  | 'stopHttp'
  | 'closeTransport'
  | 'drain'
  | 'standStill'
  | 'arriveToLeave';

/** This thread's part of one server. */
class Other {
  readonly cache: Cache;
  readonly words: Int32Array;
  readonly #deeds: Record<Tell, (drainMs: number) => unknown>;
  readonly #thread: number;
  readonly #threads: number;
  #moves = 0;
  readonly #done = new Map<Tell, unknown>();
  readonly port;

  constructor({server, transportName, handle, thread, clock, words, options, random, httpRandom}: OtherTask) {
    const cacheOptions = cacheOptionsOf(new ManualClock({buffer: clock}), {...options, random: () => random});
    const cache = new Cache(cacheOptions, {handle, thread});
    const logFault = (fault: unknown) => void tests.ask('fault', {server, fault}).catch(() => {});
    const {rpc, transport, http, port} = assembleParts(transportName, cache, logFault, {
      ...options,
      stats: () => tests.ask('allStats', server),
      http: {...options.http, ...(httpRandom !== undefined && {random: () => httpRandom})},
    });
    this.cache = cache;
    this.port = port;
    this.words = new Int32Array(words);
    this.#thread = thread;
    this.#threads = handle.threads;
    this.#deeds = {
      tick: () => cache.tick(),
      stopWatches: () => cache.stopWatches(),
      countWatchers: () => Atomics.store(this.words, 1 + thread, cache.stats().watch?.watchers ?? 0),
      stopRpc: () => rpc.stopServing(),
      stopHttp: () => http.stopServing(),
      closeTransport: drainMs => transport.close(drainMs),
      standStill: () => {},
      arriveToLeave: () => {},
      drain: drainMs => port.drain(drainMs),
    };
  }

  do(what: Tell, drainMs: number): void {
    this.#done.set(what, this.#deeds[what](drainMs));
    Atomics.add(this.words, 0, 1);
    Atomics.notify(this.words, 0);
    if (what === 'standStill') awaitWord(this.words, 1 + this.#threads, ++this.#moves);
    if (what === 'arriveToLeave') this.#leaveInTurn();
  }

  #leaveInTurn(): void {
    awaitWord(this.words, 1, this.#thread);
    const isLast = this.#thread === this.#threads - 1;
    if (!this.port.leaveDescriptor(isLast) && !isLast) throw new Error('somebody took the number of a descriptor');
    Atomics.add(this.words, 1, 1);
    Atomics.notify(this.words, 1);
    awaitWord(this.words, 1, this.#threads);
  }

  /** Settles when what was begun is done. */
  async finished(what: Tell): Promise<void> {
    await this.#done.get(what);
  }
}

const others = new Map<number, Other>();
const answers = {
  start: (task: OtherTask): Promise<void> => {
    const other = new Other(task);
    others.set(task.server, other);
    return other.port.listenNext(task.place);
  },
  tell: ({server, what, drainMs}: {server: number; what: Tell; drainMs: number}): void => {
    others.get(server)!.do(what, drainMs);
  },
  told: ({server, what}: {server: number; what: Tell}): Promise<void> => others.get(server)!.finished(what),
  watchStats: (server: number): WatchStats | undefined => others.get(server)!.cache.stats().watch,
};
const tests = new Line<TestAnswers>(parentPort!, answers);
