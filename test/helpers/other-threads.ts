/**
 * The other threads of a server that a test has put together by hand. Thread 0 is that of
 * the test, so it has the cache, the clock and the parts in its hands; the others
 * are workers that put the same together, on the same memory, clock and descriptor.
 *
 * What a test does to a part it does to that of each thread, and has done when it
 * returns: this thread stands still until the others have. Connections come to any.
 *
 * The workers are the same for all servers of a test file; each has them for itself as
 * far as it can tell.
 */
import {Worker} from 'node:worker_threads';
import {Cache, type CacheHandle, type CacheOptions, type StatsAnswer, sumWatchStats} from '../../src/cache/index.js';
import type {FaultLog} from '../../src/rpc/index.js';
import type {Transport} from '../../src/server/index.js';
import {Line} from '../../src/server/line.js';
import type {NextPlace} from '../../src/server/listening.js';
import type {Port} from '../../src/server/port.js';
import {awaitWord} from './await-word.js';
import {ManualClock} from './manual-clock.js';
import type {OtherAnswers, OtherTask, Tell} from './other-thread-worker.js';
import type {PartsOptions, ServiceParts} from './parts.js';

const workerFile = new URL('./other-thread-worker.js', import.meta.url);

const answers = {
  allStats: (server: number): Promise<StatsAnswer> => servers.get(server)!.allStats(),
  fault: ({server, fault}: {server: number; fault: unknown}): void => servers.get(server)!.logFault(fault),
};

/** What another thread may ask this one. */
export type TestAnswers = typeof answers;

const workers: Worker[] = [];
const lines: Line<OtherAnswers>[] = [];
const servers = new Map<number, OtherThreads>();
let open = 0;

/** The lines to so many other threads. */
function linesTo(threads: number): readonly Line<OtherAnswers>[] {
  while (lines.length < threads) {
    const worker = new Worker(workerFile, {trackUnmanagedFds: false});
    workers.push(worker);
    lines.push(new Line<OtherAnswers>(worker, answers));
  }
  return lines.slice(0, threads);
}

/** The process may end when no server is open. */
function count(opened: 1 | -1): void {
  open += opened;
  for (const worker of workers) open > 0 ? worker.ref() : worker.unref();
}

export interface OtherThreadsOptions {
  transportName: Transport;
  handle: CacheHandle;
  options: PartsOptions;
  clock: ManualClock;
  logFault: FaultLog;
}

export class OtherThreads {
  readonly logFault: FaultLog;
  readonly #server = servers.size;
  readonly #lines: readonly Line<OtherAnswers>[];
  readonly #handle: CacheHandle;
  /** See OtherTask. */
  readonly #words: Int32Array;
  #cache: Cache | undefined;

  constructor({handle, logFault}: OtherThreadsOptions) {
    servers.set(this.#server, this);
    this.logFault = logFault;
    this.#handle = handle;
    this.#lines = linesTo(handle.threads - 1);
    count(1);
    this.#words = new Int32Array(new SharedArrayBuffer(4 * (2 + handle.threads)));
  }

  async start({transportName, handle, options, clock}: OtherThreadsOptions, place: NextPlace): Promise<void> {
    const {random, http: {random: httpRandom, ...http} = {}, ...rest} = options;
    const task: Omit<OtherTask, 'thread'> = {
      server: this.#server,
      transportName,
      handle,
      clock: clock.buffer,
      words: this.#words.buffer as SharedArrayBuffer,
      options: {...rest, http},
      random: random?.() ?? 0.5,
      httpRandom: httpRandom?.(),
      place,
    };
    await Promise.all(this.#lines.map((line, index) => line.ask('start', {...task, thread: index + 1})));
  }

  /** Has every other thread do something, and waits until it is done. */
  #tell(what: Tell, drainMs = 0): void {
    Atomics.store(this.#words, 0, 0);
    for (const line of this.#lines) line.ask('tell', {server: this.#server, what, drainMs}).catch(() => {});
    awaitWord(this.#words, 0, this.#lines.length);
  }

  /**
   * The clock of all: it moves while no thread is at work. To one in the midst of a
   * slice it would look as if that had taken all the time.
   */
  clockOfAll({buffer}: ManualClock): ManualClock {
    return new ClockOfAll(buffer, move => {
      this.#tell('standStill');
      move();
      const moves = 1 + this.#handle.threads;
      Atomics.add(this.#words, moves, 1);
      Atomics.notify(this.#words, moves);
    });
  }

  /** The cache of this thread, whose housekeeping, end and counts are those of all. */
  cacheOfAll(cache: Cache, options: CacheOptions): Cache {
    this.#cache = cache;
    const sweepers = this.#lines.map((_, index) => new Cache(options, {handle: this.#handle, thread: index + 1}));
    const replaced: Partial<Cache> = {
      sweep: stepsMost => [cache, ...sweepers].map(each => each.sweep(stepsMost)).every(Boolean),
      tick: () => {
        cache.tick();
        this.#tell('tick');
      },
      stopWatches: () => {
        cache.stopWatches();
        this.#tell('stopWatches');
      },
      stats: () => {
        this.#tell('countWatchers');
        const stats = cache.stats();
        const others = this.#words.subarray(2, -1).reduce((sum, watchers) => sum + watchers, 0);
        return stats.watch ? {...stats, watch: {...stats.watch, watchers: stats.watch.watchers + others}} : stats;
      },
    };
    return new Proxy(cache, {
      get: (target, name) => {
        const member = replaced[name as keyof Cache] ?? target[name as keyof Cache];
        return typeof member === 'function' ? member.bind(target as never) : member;
      },
    });
  }

  /** As a server of several threads tells it. */
  async allStats(): Promise<StatsAnswer> {
    const others = await Promise.all(this.#lines.map(line => line.ask('watchStats', this.#server)));
    const own = this.#cache!.stats();
    const [first, ...rest] = [own.watch, ...others].flatMap(watch => watch ?? []);
    return {...own, watch: first && sumWatchStats([first, ...rest])};
  }

  /** The parts of this thread, which end together with those of the others. */
  partsOfAll({rpc, transport, http, port}: ServiceParts): ServiceParts {
    const withAll = async (own: Promise<void>, what: Tell, drainMs: number) => {
      this.#tell(what, drainMs);
      await Promise.all([own, ...this.#lines.map(line => line.ask('told', {server: this.#server, what}))]);
    };
    const closePort = async (drainMs: number) => {
      this.#leaveDescriptor(port);
      await withAll(port.drain(drainMs), 'drain', drainMs);
    };
    let closing: Promise<void> | undefined;
    const stopBoth = (part: {stopServing(): void}, what: Tell) => () => {
      part.stopServing();
      this.#tell(what);
    };
    return {
      rpc: {...rpc, stopServing: stopBoth(rpc, 'stopRpc')},
      http: {...http, stopServing: stopBoth(http, 'stopHttp')},
      transport: {
        ...transport,
        close: drainMs => withAll(transport.close(drainMs), 'closeTransport', drainMs),
      },
      port: Object.assign(Object.create(port), {close: (drainMs: number) => (closing ??= closePort(drainMs))}),
    };
  }

  /**
   * The threads close in turn, and all but the one whose turn it is stand still: they serve
   * other tests as well, and would accept a connection on the number that is free for a moment.
   */
  #leaveDescriptor(port: Port): void {
    Atomics.store(this.#words, 1, 0);
    this.#tell('arriveToLeave');
    const isOurs = port.leaveDescriptor(false);
    if (!isOurs) throw new Error('somebody took the number of a descriptor');
    Atomics.store(this.#words, 1, 1);
    Atomics.notify(this.#words, 1);
    awaitWord(this.#words, 1, this.#handle.threads);
  }

  /** Its port is closed. */
  end(): void {
    count(-1);
  }
}

class ClockOfAll extends ManualClock {
  readonly #whileAllStand: (move: () => void) => void;

  constructor(buffer: SharedArrayBuffer, whileAllStand: (move: () => void) => void) {
    super({buffer});
    this.#whileAllStand = whileAllStand;
  }

  override advance(durationMs: number): void {
    this.#whileAllStand(() => super.advance(durationMs));
  }
}
