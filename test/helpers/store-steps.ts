/**
 * Random steps as data, and a player that does them on a store of its own: so the
 * same steps can be played on two stores, and again without some of them.
 */
import {noDeadline, type Store, type StoreStats} from '../../src/store/index.js';
import {ManualClock} from './manual-clock.js';
import type {Random} from './random.js';
import {seen} from './store-harness.js';
import {bytes} from './text.js';

/** `in` is how many grid steps from now a deadline lies; without it there is none. */
export type Step =
  | {
      do: 'get';
      namespace: number;
      key: string;
      peek?: boolean;
      metadataOnly?: boolean;
      known?: boolean;
      touchIn?: number;
    }
  | ({do: 'put'; namespace: number; key: string; valueBytes: number; contentType: string; in?: number} & PutChoice)
  | {do: 'delete'; namespace: number; key: string; ifRevision?: 'current' | 'other'; wantPrevious?: boolean}
  | {do: 'touch'; namespace: number; key: string; in?: number; onlyExtend?: boolean; onlyShorten?: boolean}
  | {do: 'scan'; namespace: number; prefix: string}
  | {do: 'purge'; namespace: number; prefix: string}
  | {do: 'advance'; steps: number; sweep: boolean}
  | {do: 'setWall'; by: number};

interface PutChoice {
  condition?: 'ifAbsent' | 'ifPresent' | 'current' | 'other';
  keepDeadline?: boolean;
  wantPrevious?: boolean;
}

/** Where the clock and the deadlines lie: the clock `offsetMs` behind multiples of `stepMs`, deadlines on them. */
export interface Grid {
  stepMs: number;
  offsetMs: number;
}

/** With `sweeps`, all that has died is swept as soon as time has passed. */
export function drawSteps(random: Random, count: number, sweeps: boolean): Step[] {
  return Array.from({length: count}, () => drawStep(random, sweeps));
}

function drawStep(random: Random, sweeps: boolean): Step {
  const maybe = <T>(value: T, times = 3): T | undefined => (random.oneIn(times) ? value : undefined);
  const namespace = random.oneIn(4) ? 1 : 0;
  const key = random.pick(['a', 'b', 'ab', 'abc', 'é', '\ufeffa', ...'cdefghijklmnop']);
  const steps = random.below(random.oneIn(10) ? 500 : 8);
  const inSteps = maybe(1 + random.below(random.oneIn(10) ? 1000 : 10), 2);
  const draws: (() => Step)[] = [
    () => ({do: 'get', namespace, key, peek: maybe(true)}),
    () => ({do: 'get', namespace, key, metadataOnly: maybe(true), known: maybe(true), touchIn: inSteps}),
    ...Array<() => Step>(4).fill(() => ({
      do: 'put',
      namespace,
      key,
      valueBytes: random.below(random.oneIn(10) ? 1000 : 150),
      contentType: maybe('text/plain') ?? '',
      in: inSteps,
      condition: maybe(random.pick(['ifAbsent', 'ifPresent', 'current', 'other'])),
      keepDeadline: maybe(true, 5),
      wantPrevious: maybe(true),
    })),
    () => ({
      do: 'delete',
      namespace,
      key,
      ifRevision: maybe(random.pick(['current', 'other'])),
      wantPrevious: maybe(true),
    }),
    () => ({do: 'touch', namespace, key, in: inSteps, ...(maybe({onlyExtend: true}) ?? maybe({onlyShorten: true}))}),
    () => ({do: 'advance', steps, sweep: sweeps || random.oneIn(5)}),
    () =>
      random.pick<Step>([
        {do: 'scan', namespace, prefix: random.pick(['', 'a', 'ab', 'é'])},
        random.oneIn(8)
          ? {do: 'purge', namespace, prefix: random.pick(['', 'a', 'ab', 'b', 'zz'])}
          : {do: 'get', namespace, key},
        {do: 'setWall', by: random.below(2000) - 1000},
      ]),
  ];
  return random.pick(draws)();
}

/** Does steps on one store. */
export class Player {
  readonly clock: ManualClock;
  readonly store: Store;
  /** Revisions differ where the dead are removed at other times, so answers name the step whose put gave them. */
  readonly #stepOfRevision = new Map<number, number>();
  #stepNumber = 0;
  readonly #grid: Grid;

  constructor(grid: Grid, make: (clock: ManualClock) => Store) {
    this.#grid = grid;
    this.clock = new ManualClock({nowMs: 1_000_000 * grid.stepMs + grid.offsetMs});
    this.store = make(this.clock);
  }

  /** What the store answers, with texts for bytes and steps for revisions. */
  play(step: Step): unknown {
    this.#stepNumber++;
    switch (step.do) {
      case 'get': {
        const {namespace, key, peek = false, metadataOnly = false, known, touchIn} = step;
        const touchDeadlineMs = touchIn === undefined ? undefined : this.#deadline(touchIn);
        const ifRevisionNot = known ? this.#revisionOf(namespace, key) : undefined;
        const options = {peek, metadataOnly, ifRevisionNot, touchDeadlineMs};
        return this.#plain(this.store.get(namespace, bytes(key), options));
      }
      case 'put':
        return this.#put(step);
      case 'delete': {
        const {namespace, key, wantPrevious} = step;
        const ifRevision = step.ifRevision && this.#conditionRevision(step.ifRevision, namespace, key);
        const result = this.store.delete(namespace, bytes(key), {ifRevision, wantPrevious});
        return {outcome: result.outcome, previous: this.#plain(result.previous)};
      }
      case 'touch': {
        const {namespace, key, onlyExtend, onlyShorten} = step;
        return this.store.touch(namespace, bytes(key), {deadlineMs: this.#deadline(step.in), onlyExtend, onlyShorten});
      }
      case 'scan':
        return this.#scan(step.namespace, step.prefix);
      case 'purge':
        this.store.purge(step.namespace, bytes(step.prefix));
        return undefined;
      case 'advance':
        this.clock.advance(step.steps * this.#grid.stepMs);
        if (step.sweep) while (this.store.sweep(100) > 0);
        return undefined;
      case 'setWall':
        this.clock.setWallBy(step.by);
        return undefined;
    }
  }

  stats(): StoreStats[] {
    return [this.store.stats(0), this.store.stats(1)];
  }

  #put({namespace, key, valueBytes, contentType, condition, ...step}: Step & {do: 'put'}): unknown {
    const result = this.store.put(namespace, bytes(key), bytes('x'.repeat(valueBytes)), {
      contentType,
      deadlineMs: this.#deadline(step.in),
      keepDeadline: step.keepDeadline,
      wantPrevious: step.wantPrevious,
      ifAbsent: condition === 'ifAbsent',
      ifPresent: condition === 'ifPresent',
      ifRevision:
        condition === 'current' || condition === 'other'
          ? this.#conditionRevision(condition, namespace, key)
          : undefined,
    });
    const previous = this.#plain(result.previous);
    if (result.stored) this.#stepOfRevision.set(result.revision, this.#stepNumber);
    return {...result, revision: this.#stepOfRevision.get(result.revision), previous};
  }

  #scan(namespace: number, prefix: string): unknown {
    const cursor = {position: 0, recordsLeft: 1000, done: false};
    const found: {key: string}[] = [];
    while (!cursor.done) {
      const entry = this.#plain(this.store.scan(namespace, bytes(prefix), cursor, {metadataOnly: false}));
      if (entry) found.push(entry);
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #plain(view: Parameters<typeof seen>[0] | undefined) {
    const entry = seen(view);
    return entry && {...entry, revision: this.#stepOfRevision.get(entry.revision)};
  }

  #conditionRevision(which: 'current' | 'other', namespace: number, key: string): number {
    return (this.#revisionOf(namespace, key) ?? 1) + (which === 'current' ? 0 : 1);
  }

  #revisionOf(namespace: number, key: string): number | undefined {
    return this.store.get(namespace, bytes(key), {peek: true, metadataOnly: true, uncounted: true})?.revision;
  }

  #deadline(gridSteps: number | undefined): number {
    if (gridSteps === undefined) return noDeadline;
    return this.clock.nowMs() - this.#grid.offsetMs + gridSteps * this.#grid.stepMs;
  }
}
