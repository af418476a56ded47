/**
 * One thread of a run with several: it writes the cache at random, and has watchers
 * of its own. It works in turns of its event loop, as a server does; what the other
 * threads change its watchers hear of by the bell between the threads alone.
 *
 * A round ends with a put of each thread under a key of its own, and each waits until
 * a watcher that never stalls has brought it all of them: so whichever thread is the
 * last to change something, a bell that does not ring leaves the others waiting.
 */
import {parentPort} from 'node:worker_threads';
import {Cache, type CacheHandle, type CacheOptions, type WatchMessage} from '../../src/cache/index.js';
import {attachStore, type Store} from '../../src/store/index.js';
import {Random} from '../helpers/random.js';
import {bytes, text} from '../helpers/text.js';
import {plainWatch} from '../helpers/watch-harness.js';
import type {Deed} from './history.js';
import {drawRequest, type Profile} from './profile.js';
import {RunWatcher} from './run-watcher.js';
import {SharedClock} from './shared-clock.js';
import {ThreadWriter} from './thread-writer.js';
import type {Moment, Transcript} from './transcript.js';

export interface PartTask {
  handle: CacheHandle;
  /** Of all threads. */
  options: Omit<CacheOptions, 'clock' | 'schedule'>;
  clock: SharedArrayBuffer;
  profile: Profile;
  /** Which of the threads it is. */
  thread: number;
  seed: number;
  /** The namespace in which each thread notes the rounds that it has ended, and nothing else is done. */
  marks: string;
}

export type PartOrder =
  | {do: 'begin'; task: PartTask}
  | {do: 'round'; operations: number}
  | {do: 'runDry'}
  | {do: 'end'};

export interface PartReport {
  deeds: Deed[];
  faults: string[];
  steps: string[];
  transcripts: Transcript[];
}

const batchMost = 20;

class ThreadPart {
  readonly steps: string[] = [];
  readonly #task: PartTask;
  readonly #random: Random;
  readonly #clock: SharedClock;
  readonly #cache: Cache;
  /** For looking at how things stand. */
  readonly #store: Store;
  readonly #writer: ThreadWriter;
  readonly #watchers: RunWatcher[];
  /** By thread, the last round that it has ended, as far as was heard. */
  readonly #ended: number[] = [];
  #whenEnded = () => {};
  #round = 0;
  #turnsToCome = 0;
  #turnWallMs = 0;

  constructor(task: PartTask) {
    const {handle, options, profile, thread, seed} = task;
    this.#task = task;
    this.#random = new Random(seed);
    this.#clock = new SharedClock(task.clock);
    const schedule = (turn: () => void, afterMs?: number) => this.#schedule(turn, afterMs);
    this.#cache = new Cache({...options, clock: this.#clock, schedule}, {handle, thread});
    this.#store = attachStore(handle.store, this.#clock);
    this.#writer = new ThreadWriter({cache: this.#cache, random: this.#random, profile});
    for (let index = thread; index < profile.prefilled; index += handle.threads) {
      this.#writer.put({namespace: 'default', key: profile.keys[index]!});
    }
    this.#watchers = Array.from({length: profile.watchers}, (_, index) => this.#createWatcher(index));
    const request = {...plainWatch, namespace: task.marks, initialState: true};
    this.#cache.watch(request, {write: message => this.#takeMarks(message), end: () => {}});
  }

  get report(): PartReport {
    return {
      deeds: this.#writer.deeds,
      faults: [...this.#writer.faults, ...this.#watchers.flatMap(({faults}) => faults)],
      steps: this.steps,
      transcripts: this.#watchers.map(({transcript}) => transcript),
    };
  }

  /** So many operations, and then until the others are heard to have done theirs. */
  async round(operations: number): Promise<void> {
    const random = this.#random;
    for (let done = 0; done < operations; ) {
      const batch = Math.min(operations - done, 1 + random.below(batchMost));
      for (let step = 0; step < batch; step++) this.#writer.step();
      done += batch;
      if (random.oneIn(3)) this.#moveWatcher(random.pick(this.#watchers));
      if (random.oneIn(20)) this.#cache.tick();
      if (random.oneIn(10)) this.#clock.advance(random.below(40));
      await turn();
    }
    this.#round++;
    const {marks, thread} = this.#task;
    this.#writer.putMark({namespace: marks, key: String(thread)}, bytes(String(this.#round)));
    await this.#othersEnded();
  }

  /** Lets all that is left to send be sent, and no watcher stall any more. */
  async runDry(): Promise<void> {
    for (const watcher of this.#watchers) {
      if (!watcher.isConnected) watcher.connect(this.#cache, 0);
      watcher.hurry();
    }
    await this.#idle();
    while (!this.#cache.sweep(1000));
    this.#writer.noteOthers();
    await this.round(0);
    await this.#idle();
  }

  /** To be called when all threads have run dry. */
  end(): void {
    for (const {session} of this.#watchers) if (session) session.ranDry = this.#moment();
    // A snapshot that looks a key up may have found it expired.
    this.#writer.noteOthers();
  }

  close(): void {
    this.#cache.stopWatches();
  }

  #takeMarks({news}: WatchMessage): boolean {
    for (const {key, entry} of news.kind === 'events' ? news.events : []) {
      this.#ended[Number(key)] = Number(text(entry!.value));
    }
    this.#whenEnded();
    return true;
  }

  #othersEnded(): Promise<void> {
    const {threads} = this.#task.handle;
    return new Promise(resolve => {
      this.#whenEnded = () => {
        const isOver = Array.from({length: threads}, (_, thread) => this.#ended[thread]).every(
          round => round === this.#round,
        );
        if (isOver) resolve();
      };
      this.#whenEnded();
    });
  }

  async #idle(): Promise<void> {
    while (this.#turnsToCome > 0) await turn();
  }

  #moveWatcher(watcher: RunWatcher): void {
    if (!watcher.isConnected) watcher.connect(this.#cache, 0);
    else if (this.#random.oneIn(4)) watcher.disconnect();
    else watcher.drain();
  }

  #createWatcher(index: number): RunWatcher {
    const name = `w${index} of thread ${this.#task.thread}`;
    const request = drawRequest(this.#random, this.#task.profile);
    this.steps.push(`${name} asks for ${JSON.stringify(request)}`);
    return new RunWatcher({
      name,
      random: this.#random,
      request,
      stallsOneIn: this.#random.pick([2, 5, 50]),
      moment: () => this.#moment(),
      log: line => void this.steps.push(line),
    });
  }

  #schedule(work: () => void, afterMs = 0): void {
    this.#turnsToCome++;
    const run = () => {
      this.#turnsToCome--;
      // The time that it was to wait has passed.
      this.#clock.advance(afterMs);
      this.#turnWallMs = this.#clock.wallMs();
      work();
    };
    setImmediate(run);
  }

  #moment(): Moment {
    return {
      revision: this.#store.lastRevision,
      trimmedRevision: this.#store.changeLog!.trimmedRevision,
      wallMs: this.#clock.wallMs(),
      turnWallMs: this.#turnWallMs,
    };
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

let part: ThreadPart;

async function obey(order: PartOrder): Promise<PartReport | undefined> {
  if (order.do === 'begin') part = new ThreadPart(order.task);
  if (order.do === 'round') await part.round(order.operations);
  if (order.do === 'runDry') await part.runDry();
  if (order.do !== 'end') return undefined;
  part.end();
  return part.report;
}

parentPort!.on('message', async (order: PartOrder) => {
  parentPort!.postMessage(await obey(order));
  if (order.do === 'end') part.close();
});
