/**
 * A worker thread that serves: it opens the cache that the supervisor has reserved, and
 * does what it is asked.
 */
import {parentPort, workerData} from 'node:worker_threads';
import {CacheError, createSystemClock, limits, systemClock} from '../base/index.js';
import {Cache, type CacheHandle} from '../cache/index.js';
import {cacheOptions} from './cache-options.js';
import {Line} from './line.js';
import type {FirstPlace, NextPlace} from './listening.js';
import type {ServerOptions} from './options.js';
import {Spread} from './spread.js';
import type {SupervisorAnswers} from './supervisor.js';
import {type Released, ServingThread, type ThreadReport} from './thread.js';

export interface WorkerTask extends Released {
  options: ServerOptions;
  handle: CacheHandle;
  /** What the clocks of all threads have in common. */
  clock: SharedArrayBuffer;
  /** Which of the threads: from 0, each once. */
  thread: number;
  /** What they spread connections by, where they listen on one descriptor. */
  spread: SharedArrayBuffer | undefined;
}

/** What the supervisor may ask. */
export type WorkerAnswers = typeof answers;

const {options, handle, clock, thread: number, spread, image, version} = workerData as WorkerTask;
const thread = new ServingThread({
  options,
  cache: new Cache(cacheOptions(options, createSystemClock(clock)), {handle, thread: number}),
  image,
  version,
  allReports,
  spread: spread && new Spread({memory: spread, thread: number, nowMs: systemClock.nowMs}),
});

const answers = {
  listenFirst: async (place: FirstPlace): Promise<{port: number; next: NextPlace}> => {
    const listening = await thread.port.listenFirst(place);
    thread.startHousekeeping();
    return listening;
  },
  listenNext: async (place: NextPlace): Promise<void> => {
    await thread.port.listenNext(place);
    thread.startHousekeeping();
  },
  report: (_nothing: undefined): ThreadReport => thread.report(),
  drain: (drainMs: number): Promise<void> => {
    thread.stopServing();
    return thread.drain(drainMs);
  },
  leavePort: (_nothing: undefined): void => thread.port.stopListening(),
  leaveDescriptor: (isLast: boolean): boolean => thread.port.leaveDescriptor(isLast),
  keepDescriptor: (_nothing: undefined): void => thread.port.keepDescriptor(),
};
const supervisor = new Line<SupervisorAnswers>(parentPort!, answers);

async function allReports(): Promise<readonly ThreadReport[]> {
  try {
    return await supervisor.ask('allReports', undefined, 2 * limits.threadAnswerMs);
  } catch {
    throw new CacheError('THREAD_BUSY', `a thread of this server is busy for ${limits.threadAnswerMs} ms or more`);
  }
}
