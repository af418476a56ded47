/**
 * A server of several threads: this one reserves the cache, starts the workers, adds up
 * what they tell of themselves, and ends them. It serves nothing and takes no lock.
 *
 *     supervisor ─┬ line ─ worker: port, gRPC, HTTP, watches ─┐
 *                 ├ line ─ worker                             ├ one cache in shared memory
 *                 └ line ─ worker                             ┘
 *
 * A worker that dies may leave the memory half changed and a lock held, and what it
 * served is gone. So the process ends, with what is known about it on stderr.
 */
import {writeSync} from 'node:fs';
import {isMainThread, Worker} from 'node:worker_threads';
import {createSystemClock, limits, reserveSystemClock} from '../base/index.js';
import {type CacheHandle, reserveCache} from '../cache/index.js';
import {cacheOptions, reserving} from './cache-options.js';
import {ConfigError} from './config.js';
import {Line} from './line.js';
import {type SharingWay, waysToShare} from './listening.js';
import type {ServerOptions} from './options.js';
import {Spread} from './spread.js';
import {readReleased, type ThreadReport} from './thread.js';
import type {WorkerAnswers, WorkerTask} from './worker.js';

/** What a worker may ask. */
export type SupervisorAnswers = {
  allReports: (nothing: undefined) => Promise<ThreadReport[]>;
};

/** What serves, on a port. */
export interface Served {
  port: number;
  close(): Promise<void>;
}

const workerFile = new URL('./worker.js', import.meta.url);

/** What all threads of a server have in common, as sent between them. */
export interface SharedMemory {
  cache: CacheHandle;
  /** What their clocks go by. */
  clock: SharedArrayBuffer;
}

export function reserveShared(options: ServerOptions): SharedMemory {
  const clock = reserveSystemClock();
  const cache = {...cacheOptions(options, createSystemClock(clock)), threads: options.threads};
  return {cache: reserving(options, () => reserveCache(cache)), clock};
}

/** Starts the server, and answers its port. `way` is how the threads share it: the best that there is, if unset. */
export async function startSupervised(
  options: ServerOptions,
  {way = waysToShare()[0], memory}: {way?: SharingWay; memory?: SharedMemory} = {},
): Promise<Served> {
  if (!way || !isMainThread) {
    const place = way ? 'in a worker thread' : 'on this system';
    throw new ConfigError(`threads "${options.threads}" is not possible ${place}; allowed: 1`);
  }
  const {cache: handle, clock} = memory ?? reserveShared(options);
  const released = await readReleased();
  const supervisor = new Supervisor(options, way);
  const spread = way === 'descriptor' ? Spread.reserve(options.threads) : undefined;
  return supervisor.start(thread => ({options, handle, clock, thread, spread, ...released}));
}

interface Thread {
  worker: Worker;
  line: Line<WorkerAnswers>;
  listens: boolean;
  /** It may end: nothing is left to serve. */
  isDismissed: boolean;
}

class Supervisor {
  readonly #options: ServerOptions;
  readonly #way: SharingWay;
  readonly #threads: Thread[] = [];
  #isStarted = false;

  constructor(options: ServerOptions, way: SharingWay) {
    this.#options = options;
    this.#way = way;
  }

  async start(taskOf: (thread: number) => WorkerTask): Promise<Served> {
    for (let thread = 0; thread < this.#options.threads; thread++) this.#threads.push(this.#begin(taskOf(thread)));
    try {
      const port = await this.#listen();
      this.#isStarted = true;
      return {port, close: () => this.#close(limits.drainMs)};
    } catch (error) {
      await this.#close(0);
      throw error;
    }
  }

  #begin(task: WorkerTask): Thread {
    const worker = new Worker(workerFile, {
      workerData: task,
      name: `krusty ${task.thread}`,
      // What shared-descriptor.ts opens in one thread, another closes. A worker could not start such a one.
      trackUnmanagedFds: false,
    });
    const line = new Line<WorkerAnswers>(worker, {allReports: () => this.#allReports()});
    const thread: Thread = {worker, line, listens: false, isDismissed: false};
    let cause: unknown;
    worker.on('error', error => {
      cause = error;
    });
    worker.on('exit', code => {
      const death = new Error(`serving thread ${task.thread} died: ${describe(cause, code)}`);
      line.end(death);
      if (this.#isStarted && !thread.isDismissed) endProcess(death);
    });
    return thread;
  }

  /** The first finds out whether it is possible; the others follow. */
  async #listen(): Promise<number> {
    const [first, ...others] = this.#threads as [Thread, ...Thread[]];
    const {address: host, port} = this.#options;
    const listening = await first.line.ask('listenFirst', {host, port, way: this.#way});
    first.listens = true;
    const follow = async (thread: Thread) => {
      await thread.line.ask('listenNext', listening.next);
      thread.listens = true;
    };
    for (const result of await Promise.allSettled(others.map(follow))) {
      if (result.status === 'rejected') throw result.reason;
    }
    return listening.port;
  }

  /** Of each thread. Fails where one does not answer in time. */
  #allReports(): Promise<ThreadReport[]> {
    return Promise.all(this.#threads.map(({line}) => line.ask('report', undefined, limits.threadAnswerMs)));
  }

  async #close(drainMs: number): Promise<void> {
    const withinMs = drainMs + limits.threadEndMs;
    const listening = this.#threads.filter(({listens}) => listens);
    const drained = Promise.allSettled(listening.map(({line}) => line.ask('drain', drainMs, withinMs)));
    const left = await this.#leavePort(listening, withinMs);
    for (const {line, worker} of left) {
      line.ask('keepDescriptor', undefined, withinMs).catch(() => {}); // then it is stuck, and waited for no longer than this
      worker.unref();
    }
    await drained;
    await Promise.all(this.#threads.filter(thread => !left.includes(thread)).map(dismiss));
  }

  /** Gives the port back. Answers the threads that could not close their sockets, and must not end before the process. */
  async #leavePort(listening: readonly Thread[], withinMs: number): Promise<Thread[]> {
    if (this.#way === 'reusePort') {
      await Promise.allSettled(listening.map(({line}) => line.ask('leavePort', undefined, withinMs)));
      return [];
    }
    for (const [index, {line}] of listening.entries()) {
      const isLast = index === listening.length - 1;
      try {
        const isOurs = await line.ask('leaveDescriptor', isLast, withinMs);
        if (!isOurs) return listening.slice(index + 1);
      } catch {
        return listening.slice(index);
      }
    }
    return [];
  }
}

function dismiss(thread: Thread): Promise<number> {
  thread.isDismissed = true;
  return thread.worker.terminate();
}

function describe(cause: unknown, exitCode: number): string {
  if (cause === undefined) return `it ended itself, with code ${exitCode}`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function endProcess({message}: Error): void {
  writeSync(2, `krusty: fatal: ${message}\nThe process ends, since what its threads share may be half changed.\n`);
  process.exit(1);
}
