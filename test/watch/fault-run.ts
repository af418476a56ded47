/**
 * One run from one seed: a cache with a small ring, operations at random, watchers
 * that stall, leave and come back, time and turns of the hub as steps that the run
 * chooses, restarts. At the end everything is let run dry, and the checker judges
 * (checker.ts). All in one process, no time passes by itself: the same seed gives
 * the same run.
 */
import {Cache} from '../../src/cache/index.js';
import type {ChangeLog} from '../../src/store/index.js';
import {ManualTurns} from '../helpers/manual-turns.js';
import {Random} from '../helpers/random.js';
import {checkRun} from './checker.js';
import {Oracle} from './oracle.js';
import {drawProfile, drawRequest, type Profile} from './profile.js';
import {RunClock} from './run-clock.js';
import {RunWatcher} from './run-watcher.js';
import {drawBytesFrom} from './seeded-bytes.js';
import {tapChanges} from './tap.js';
import type {Life, Moment, RunRecord} from './transcript.js';
import {Writer} from './writer.js';

export interface FaultRunResult {
  /** What was wrong, in words; empty if nothing was. */
  faults: string[];
  /** What was done, step by step. */
  steps: string[];
  record: RunRecord;
  /** What `npm run test:watch` is to be told for it, before the seed. */
  again: string;
}

/** More turns than this with nothing else to do are too many. */
const restTurnsMost = 5000;

/** One at a time: what it takes the place of belongs to the whole thread. */
export async function faultRun(seed: number): Promise<FaultRunResult> {
  const run = new FaultRun(seed);
  tapChanges((change, log) => run.hear(change, log));
  const faults: string[] = [];
  try {
    await run.play();
  } catch (error) {
    faults.push(`it threw: ${(error as Error).stack}`);
  }
  const {record} = run;
  return {faults: [...faults, ...run.faults, ...checkRun(record)], steps: run.steps, record, again: '1'};
}

class FaultRun {
  readonly steps: string[] = [];
  readonly #random: Random;
  readonly #clock = new RunClock();
  readonly #profile: Profile;
  readonly #lives: Life[] = [];
  readonly #oracles: Oracle[] = [];
  readonly #watchers: RunWatcher[];
  readonly #faults: string[] = [];
  #cache!: Cache;
  #writer!: Writer;
  #log: ChangeLog | undefined;
  #lastRevision = 0;
  /** Turns of the hub that are to come. */
  #turns = new ManualTurns(this.#clock);
  #turnWallMs = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    drawBytesFrom(new Random(seed + 1));
    this.#profile = drawProfile(this.#random);
    this.#watchers = this.#createWatchers(this.#profile);
  }

  get faults(): string[] {
    const ofOracles = this.#oracles.flatMap(({faults}) => faults);
    return [...this.#faults, ...ofOracles, ...this.#watchers.flatMap(({faults}) => faults)];
  }

  get record(): RunRecord {
    return {lives: this.#lives, transcripts: this.#watchers.map(({transcript}) => transcript)};
  }

  hear(change: Parameters<Oracle['hear']>[0], log: ChangeLog): void {
    this.#log = log;
    this.#lastRevision = change.revision;
    this.#oracle.hear(change);
  }

  async play(): Promise<void> {
    this.#note(`a ${JSON.stringify({...this.#profile, keys: this.#profile.keys.length})}`);
    await this.#start();
    for (let step = 0; step < this.#profile.steps; step++) await this.#step();
    await this.#runDry();
  }

  get #oracle(): Oracle {
    return this.#oracles.at(-1)!;
  }

  /** A new life of the server, which begins empty. */
  async #start(): Promise<void> {
    const {namespaces, historyBytes, historyKeepsPrevious} = this.#profile;
    const oracle = new Oracle(
      namespaces.map(({name}) => name),
      () => this.#clock.wallMs(),
    );
    this.#oracles.push(oracle);
    this.#lives.push({history: oracle.history, historyBytes, historyKeepsPrevious});
    this.#log = undefined;
    this.#lastRevision = 0;
    this.#turns = new ManualTurns(this.#clock);
    this.#cache = new Cache({
      clock: this.#clock,
      namespaces,
      maxKeyBytes: 64,
      maxValueBytes: 2 ** 16,
      historyBytes,
      historyKeepsPrevious,
      schedule: this.#turns.schedule,
    });
    this.#writer = new Writer({
      random: this.#random,
      clock: this.#clock,
      profile: this.#profile,
      cache: this.#cache,
      oracle,
      trimmedRevision: () => this.#log?.trimmedRevision ?? 0,
      log: line => this.#note(line),
    });
    await this.#writer.fill(this.#profile.prefilled);
    if (!this.#profile.isCrowded) return;
    for (const watcher of this.#watchers)
      if (!this.#random.oneIn(5)) watcher.connect(this.#cache, this.#lives.length - 1);
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const choice = random.below(1000);
    if (choice < 500) await this.#writer.step();
    else if (choice < 760) this.#turn();
    else if (choice < 880) this.#moveWatcher(random.pick(this.#watchers));
    else if (choice < 940) this.#pass(random.pick([0.25, 1, 10, 100, 1000]));
    else if (choice < 970) this.#writer.sweep(1 + random.below(30));
    else if (choice < 990) for (let times = random.below(100); times > 0; times--) await this.#writer.step();
    else if (choice < 996) this.#tick();
    else await this.#restart();
  }

  #turn(): void {
    const turn = this.#turns.take();
    if (!turn) return;
    this.#turnWallMs = this.#clock.wallMs();
    this.#clock.perLookMs = this.#random.pick([0, 0, 0, 0.25, 1]);
    this.#note(this.#clock.perLookMs > 0 ? 'a turn in slices' : 'a turn');
    turn();
    this.#clock.perLookMs = 0;
    // A snapshot that looks a key up may find it expired.
    this.#oracle.note('a turn');
  }

  #moveWatcher(watcher: RunWatcher): void {
    if (!watcher.isConnected) watcher.connect(this.#cache, this.#lives.length - 1);
    else if (this.#random.oneIn(3)) watcher.disconnect();
    else if (this.#profile.isCrowded) for (const each of this.#watchers) each.drain();
    else watcher.drain();
  }

  #pass(ms: number): void {
    this.#note(`${ms} ms pass`);
    this.#clock.advance(ms);
    if (this.#random.oneIn(2)) this.#tick();
  }

  #tick(): void {
    this.#note('a tick');
    this.#turnWallMs = this.#clock.wallMs();
    this.#cache.tick();
  }

  /** The server goes, told or not, and comes back empty, perhaps with a wall clock that was set. */
  async #restart(): Promise<void> {
    const isTold = this.#random.oneIn(2);
    this.#note(isTold ? 'the server is stopped' : 'the server dies');
    if (isTold) {
      for (const {session} of this.#watchers) if (session) session.stopped = true;
      this.#cache.stopWatches();
      for (const {isConnected} of this.#watchers) if (isConnected) this.#faults.push('a stream outlives the stop');
      for (let turn = this.#turns.take(); turn; turn = this.#turns.take()) turn();
    }
    for (const watcher of this.#watchers) watcher.disconnect();
    this.#clock.advance(this.#random.below(3));
    if (this.#random.oneIn(3)) this.#clock.setWallBy(this.#random.below(2000) - 1000);
    this.#note('the server starts again');
    await this.#start();
  }

  /** Lets all that is left to send be sent; every watcher that is there at the end has to know all. */
  async #runDry(): Promise<void> {
    this.#note('all is let run dry');
    for (const watcher of this.#watchers) {
      if (!watcher.isConnected && !this.#random.oneIn(5)) watcher.connect(this.#cache, this.#lives.length - 1);
      watcher.hurry();
    }
    this.#rest();
    if (this.#random.oneIn(2)) while (!this.#cache.sweep(1000));
    this.#oracle.note('the last sweep');
    this.#rest();
    this.#expectBookmarks();
    const moment = this.#moment();
    for (const {session} of this.#watchers) if (session) session.ranDry = moment;
    this.#writer.compareAll();
    this.#oracle.note('the end');
  }

  #rest(): void {
    for (let turns = 0; this.#turns.nextInMs !== undefined; turns++) {
      if (turns === restTurnsMost) {
        this.#faults.push(`the hub is not done after ${turns} turns`);
        return;
      }
      this.#clock.advance(this.#turns.nextInMs);
      this.#turn();
    }
  }

  /** Whoever wants bookmarks and is sent nothing else gets one in time. */
  #expectBookmarks(): void {
    const before = this.#watchers.map(({session}) => session?.receipts.length);
    this.#clock.advance(1000);
    this.#tick();
    for (const [index, {session, transcript}] of this.#watchers.entries()) {
      if (session?.request.bookmarkIntervalMs === undefined || session.ended) continue;
      const came = session.receipts.slice(before[index]).map(({message}) => message.news.kind);
      if (came.join() !== 'bookmark') this.#faults.push(`${transcript.watcher} gets "${came}" instead of a bookmark`);
    }
  }

  #createWatchers(profile: Profile): RunWatcher[] {
    const {watchers, isCrowded} = profile;
    const length = isCrowded ? 1 + this.#random.below(3) : watchers;
    const requests = Array.from({length}, () => drawRequest(this.#random, profile));
    for (const request of requests) this.#note(`a request: ${JSON.stringify(request)}`);
    return Array.from({length: watchers}, (_, index) => {
      return new RunWatcher({
        name: `w${index}`,
        random: this.#random,
        request: requests[index % length]!,
        stallsOneIn: this.#random.pick(isCrowded ? [20, 200] : [2, 5, 50]),
        moment: () => this.#moment(),
        log: line => this.#note(line),
      });
    });
  }

  #moment(): Moment {
    return {
      revision: this.#lastRevision,
      trimmedRevision: this.#log?.trimmedRevision ?? 0,
      wallMs: this.#clock.wallMs(),
      turnWallMs: this.#turnWallMs,
    };
  }

  #note(line: string): void {
    this.steps.push(line);
  }
}
