/**
 * One run with several threads: two write one shared store, and the hub of a third
 * reads its change log meanwhile. What comes between what is up to the machine, so a
 * seed gives the same operations again, but not the same run.
 */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import {createStore, handleOf, type Store} from '../../src/store/index.js';
import {ManualTurns} from '../helpers/manual-turns.js';
import {Random} from '../helpers/random.js';
import {bytes} from '../helpers/text.js';
import {checkRun} from './checker.js';
import type {FaultRunResult} from './fault-run.js';
import {type Deed, History} from './history.js';
import {drawRequest, type Profile} from './profile.js';
import {RunWatcher} from './run-watcher.js';
import {SharedClock} from './shared-clock.js';
import {type Heard, tapChanges} from './tap.js';
import {hubOver} from './thread-hub.js';
import type {WriterReport, WriterTask} from './thread-writer.js';
import type {Life, Moment, RunRecord} from './transcript.js';

const threads = 2;
const namespaces = ['default', 'other'];
const restTurnsMost = 5000;
const kib = 1024;

/** The threads that write, run after run. */
export class WriterThreads {
  readonly #workers = Array.from({length: threads}, () => new Worker(new URL('./thread-writer.js', import.meta.url)));

  /** Begins before it returns. */
  run(task: Omit<WriterTask, 'thread'>): Promise<WriterReport[]> {
    return Promise.all(
      this.#workers.map(async (worker, thread) => {
        worker.postMessage({...task, thread, seed: task.seed + thread});
        const [report] = await once(worker, 'message');
        return report as WriterReport;
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }
}

export async function threadRun(seed: number, writers: WriterThreads): Promise<FaultRunResult> {
  const run = new ThreadRun(seed);
  tapChanges(change => run.hear(change));
  await run.play(writers);
  const faults = [...run.faults, ...checkRun(run.record)];
  return {faults, steps: run.steps, record: run.record, again: '--threads 1'};
}

class ThreadRun {
  readonly steps: string[] = [];
  readonly faults: string[] = [];
  readonly #random: Random;
  readonly #clock = new SharedClock();
  readonly #profile: Profile;
  readonly #store: Store;
  readonly #hub;
  readonly #watchers: RunWatcher[];
  readonly #life: Life;
  readonly #deeds: Deed[] = [];
  readonly #turns = new ManualTurns(this.#clock);
  #turnWallMs = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#profile = this.#drawProfile();
    const {historyBytes, historyKeepsPrevious, watchers} = this.#profile;
    this.#life = {history: new History(), historyBytes, historyKeepsPrevious, isShared: true};
    this.#store = createStore({
      clock: this.#clock,
      namespaces: this.#profile.namespaces,
      maxKeyBytes: 64,
      maxValueBytes: 2 * kib,
      history: {bytes: historyBytes, keepsPrevious: historyKeepsPrevious},
      threads,
    });
    this.#hub = hubOver(this.#store, this.#clock, this.#turns.schedule, this.#profile.namespaces);
    this.#watchers = Array.from({length: watchers}, (_, index) => this.#createWatcher(index));
  }

  get record(): RunRecord {
    return {lives: [this.#life], transcripts: this.#watchers.map(({transcript}) => transcript)};
  }

  /** What this thread changes itself beside the puts at first: a snapshot that looks a key up may find it expired. */
  hear({namespace, ...change}: Heard): void {
    if (change.type !== 'put') this.#deeds.push({...change, namespace: namespaces[namespace]!});
  }

  async play(writers: WriterThreads): Promise<void> {
    this.#fill();
    const operations = 200 + this.#random.below(1500);
    const pace = new SharedArrayBuffer(4 * (1 + threads));
    const reports = writers.run({
      handle: handleOf(this.#store),
      clock: this.#clock.buffer,
      pace,
      seed: this.#random.below(2 ** 31),
      operations,
      keys: this.#profile.keys,
      namespaces,
      valueBytesMost: this.#profile.valueBytesMost,
    });
    this.#watchMeanwhile(new Int32Array(pace), operations);
    for (const {deeds, faults} of await reports) {
      this.#deeds.push(...deeds);
      this.faults.push(...faults);
    }
    this.#runDry();
    this.#writeHistory();
  }

  /** Lets the writers go on a little at a time, and turns the hub until they have come so far. */
  #watchMeanwhile(pace: Int32Array, operations: number): void {
    for (let allowed = 0; allowed < operations; ) {
      const reached = () => Math.min(...pace.subarray(1)) >= allowed - 50;
      allowed = Math.min(operations, allowed + 1 + this.#random.below(100));
      Atomics.store(pace, 0, allowed);
      Atomics.notify(pace, 0);
      do {
        this.#step();
      } while (!reached());
    }
  }

  #step(): void {
    const random = this.#random;
    const choice = random.below(100);
    if (choice < 96) this.#turn();
    else if (choice < 99) this.#moveWatcher(random.pick(this.#watchers));
    else this.#clock.advance(1 + random.below(20));
    this.#hub.wake();
  }

  #turn(): void {
    this.#turnWallMs = this.#clock.wallMs();
    this.#turns.take()?.();
  }

  #moveWatcher(watcher: RunWatcher): void {
    if (!watcher.isConnected) watcher.connect(this.#hub, 0);
    else if (this.#random.oneIn(4)) watcher.disconnect();
    else watcher.drain();
  }

  #runDry(): void {
    this.#note('all is let run dry');
    for (const watcher of this.#watchers) {
      if (!watcher.isConnected) watcher.connect(this.#hub, 0);
      watcher.hurry();
    }
    this.#hub.wake();
    for (let turns = 0; this.#turns.nextInMs !== undefined && turns < restTurnsMost; turns++) {
      this.#clock.advance(this.#turns.nextInMs);
      this.#turn();
    }
    if (this.#turns.nextInMs !== undefined) this.faults.push(`the hub is not done after ${restTurnsMost} turns`);
    for (const {session} of this.#watchers) if (session) session.ranDry = this.#moment();
  }

  /** What all threads have done, in the order of revisions. */
  #writeHistory(): void {
    this.#deeds.sort((one, other) => one.revision - other.revision);
    for (const deed of this.#deeds) {
      try {
        this.#life.history.add(deed);
      } catch (error) {
        this.faults.push(`the store: ${(error as Error).message}`);
      }
    }
  }

  /** Before the other threads begin. */
  #fill(): void {
    for (const name of this.#profile.keys.slice(0, this.#profile.prefilled)) {
      const value = bytes(name);
      const options = {contentType: '', deadlineMs: Number.POSITIVE_INFINITY};
      const {revision} = this.#store.put(0, bytes(name), value, options);
      this.#deeds.push({type: 'put', revision, namespace: 'default', key: name, value});
    }
  }

  #drawProfile(): Profile {
    const random = this.#random;
    const count = random.pick([10, 30, 400, 800]);
    return {
      name: 'small',
      historyBytes: random.pick([8, 32, 64, 256, 1024]) * kib,
      historyKeepsPrevious: random.oneIn(2),
      // Just large enough to be cut into 8 shards: the more there are, the more can come between them.
      namespaces: namespaces.map(name => ({name, maxEntries: 8 * 4096, maxMemoryBytes: kib * kib, ttlJitter: 0})),
      keys: Array.from({length: count}, (_, index) => `${random.pick(['', 'a', 'ab', 'b'])}${index.toString(36)}`),
      prefilled: random.oneIn(3) ? 0 : count,
      valueBytesMost: random.pick([100, 1500]),
      watchers: 1 + random.below(6),
      isCrowded: false,
      steps: 0,
    };
  }

  #createWatcher(index: number): RunWatcher {
    const request = drawRequest(this.#random, this.#profile);
    this.#note(`w${index} asks for ${JSON.stringify(request)}`);
    return new RunWatcher({
      name: `w${index}`,
      random: this.#random,
      request,
      stallsOneIn: this.#random.pick([2, 5, 50]),
      moment: () => this.#moment(),
      log: line => this.#note(line),
    });
  }

  #moment(): Moment {
    return {
      revision: this.#store.lastRevision,
      trimmedRevision: this.#store.changeLog!.trimmedRevision,
      wallMs: this.#clock.wallMs(),
      turnWallMs: this.#turnWallMs,
    };
  }

  #note(line: string): void {
    this.steps.push(line);
  }
}
