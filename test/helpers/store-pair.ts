/**
 * The real store and the model, side by side on one clock: each step is done on both,
 * and what differs is thrown.
 *
 * One thing the model cannot know is what a sweep in slices has come to, and in which
 * order. So a sweep is done in slices, but to its end, and its changes are compared as
 * a set.
 */
import {isDeepStrictEqual} from 'node:util';
import {
  charge,
  checkStore,
  createStore,
  type EntryView,
  type NamespaceLimits,
  noDeadline,
  type ScanCursor,
  type Store,
  type StoreOperations,
  type StoreOptions,
} from '../../src/store/index.js';
import {createModelStore, type ModelStore} from '../model/model-store.js';
import {ManualClock} from './manual-clock.js';
import {HistoryCheck} from './store-history.js';
import {contentFor, keyOf, nameOf, type PutStep, type Step} from './store-steps.js';
import {bytes} from './text.js';

/** A scan of the real store that goes on while other steps change it. */
interface OpenScan {
  cursor: ScanCursor;
  /** Keys that have been there since it began, and that it has not found yet. */
  missing: Set<string>;
}

export interface PairOptions extends Pick<StoreOptions, 'history' | 'threads'> {
  make?: (options: StoreOptions) => Store;
}

export class StorePair {
  readonly clock = new ManualClock();
  readonly real: Store;
  readonly model: ModelStore;
  readonly #history?: HistoryCheck;
  readonly #scans = new Map<number, OpenScan>();
  readonly #namespaces: readonly number[];

  constructor(namespaces: readonly NamespaceLimits[], {make = createStore, ...others}: PairOptions = {}) {
    const options = {clock: this.clock, namespaces, maxKeyBytes: 9100, maxValueBytes: 100_000, ...others};
    this.real = make(options);
    this.model = createModelStore(options);
    const {changeLog} = this.real;
    same('whether there is a log', changeLog !== undefined, options.history !== undefined);
    if (changeLog) this.#history = new HistoryCheck(changeLog, this.model.changes);
    this.#namespaces = namespaces.map((_, id) => id);
  }

  /** Throws if anything that can be seen differs, or an invariant does not hold. */
  play(step: Step): void {
    const [ofReal, ofModel] = this.#answers(step);
    same('answer', ofReal, ofModel);
    for (const namespace of this.#namespaces) this.#compareStats(namespace);
    same('last revision', this.real.lastRevision, this.model.lastRevision);
    if (step.do === 'sweep') this.#history?.takeOrder();
    this.#history?.compareAdded();
    for (const [namespace, {missing}] of this.#scans) {
      const live = this.#liveKeys(namespace);
      for (const key of missing) if (!live.has(key)) missing.delete(key);
    }
    checkStore(this.real);
  }

  /** All entries of both, with their values, in the order of their keys; and all changes. */
  compareEntries(): void {
    this.#history?.compareLeft();
    for (const namespace of this.#namespaces) {
      same('entries', allEntries(this.real, namespace, '', 100), allEntries(this.model, namespace, '', 100));
    }
  }

  #answers(step: Step): [unknown, unknown] {
    switch (step.do) {
      case 'advance':
        this.clock.advance(step.ms);
        return [undefined, undefined];
      case 'setWall':
        this.clock.setWallBy(step.byMs);
        return [undefined, undefined];
      case 'sweep':
        // After a jump of hours, small slices would take too long.
        for (let slice = 0; !this.real.sweep(slice < 50 ? step.steps : 100_000); slice++);
        this.model.sweep();
        return [undefined, undefined];
      case 'scanOn':
        return [this.#scanOn(step), undefined];
      case 'makeRoom': {
        // The real one may have more to do than the model: to compact.
        const ofReal = makeRoom(step, this.real);
        const ofModel = makeRoom(step, this.model);
        return [{...ofReal, done: ofReal.done || ofModel.done}, ofModel];
      }
      default:
        return [answerOf(step, this.real, this.clock), answerOf(step, this.model, this.clock)];
    }
  }

  /** Goes on with the scan of a namespace; answers what is wrong with it. */
  #scanOn({namespace, records}: {namespace: number; records: number}): unknown {
    const scan = this.#scans.get(namespace) ?? this.#beginScan(namespace);
    scan.cursor.recordsLeft = records;
    for (let view = this.#scanOne(namespace, scan); view; view = this.#scanOne(namespace, scan)) {
      const ofModel = this.model.get(namespace, keyOf({key: view.key!}), {
        peek: true,
        metadataOnly: false,
        uncounted: true,
      });
      if (!isDeepStrictEqual(view, plain(ofModel, view.key))) return {found: view, should: plain(ofModel)};
      scan.missing.delete(view.key!);
    }
    if (!scan.cursor.done) return undefined;
    this.#scans.delete(namespace);
    return scan.missing.size > 0 ? {missing: [...scan.missing]} : undefined;
  }

  #beginScan(namespace: number): OpenScan {
    const scan = {
      cursor: {position: 0, revision: 0, recordsLeft: 0, done: false},
      missing: this.#liveKeys(namespace),
    };
    this.#scans.set(namespace, scan);
    return scan;
  }

  #scanOne(namespace: number, {cursor}: OpenScan) {
    const view = this.real.scan(namespace, bytes(''), cursor, {metadataOnly: false});
    return view && plain(view, nameOf(view.key));
  }

  #liveKeys(namespace: number): Set<string> {
    const cursor = {position: 0, revision: 0, recordsLeft: Number.POSITIVE_INFINITY, done: false};
    const keys = new Set<string>();
    const next = () => this.model.scan(namespace, bytes(''), cursor, {metadataOnly: true});
    for (let view = next(); view; view = next()) keys.add(nameOf(view.key));
    return keys;
  }

  /** Of several that were swept, any may be the last: the lag is left out. */
  #compareStats(namespace: number): void {
    const {expiryLagMs: _, ...ofReal} = this.real.stats(namespace);
    const ofModel = this.model.stats(namespace);
    for (const [name, figure] of Object.entries(ofReal)) {
      same(`${name} of namespace ${namespace}`, figure, ofModel[name as keyof typeof ofModel]);
    }
  }
}

/** What a store answers to a step on it alone, as plain data. */
export function answerOf(
  step: Exclude<Step, {do: 'advance' | 'setWall' | 'scanOn'}>,
  store: StoreOperations,
  clock: ManualClock,
) {
  const deadlineMs = (ms: number | undefined) => (ms === undefined ? noDeadline : clock.nowMs() + ms);
  switch (step.do) {
    case 'get': {
      const {namespace, known, touchInMs, ...options} = step;
      const ifRevisionNot = known && revisionFor(known, step, store);
      const touchDeadlineMs = touchInMs === undefined ? undefined : deadlineMs(touchInMs);
      const {peek = false, metadataOnly = false, uncounted} = options;
      return plain(store.get(namespace, keyOf(step), {peek, metadataOnly, uncounted, ifRevisionNot, touchDeadlineMs}));
    }
    case 'put':
      return put(step, store, deadlineMs(step.inMs));
    case 'delete': {
      const {ifRevision: which, wantPrevious} = step;
      const ifRevision = which && revisionFor(which, step, store);
      const {previous, ...result} = store.delete(step.namespace, keyOf(step), {ifRevision, wantPrevious});
      return {...result, previous: plain(previous)};
    }
    case 'touch':
      return store.touch(step.namespace, keyOf(step), {
        deadlineMs: deadlineMs(step.inMs),
        onlyExtend: step.only === 'extend',
        onlyShorten: step.only === 'shorten',
      });
    case 'scan':
      return allEntries(store, step.namespace, step.prefix, step.recordsPerCall);
    case 'purge':
      return store.purge(step.namespace, bytes(step.prefix));
    case 'makeRoom':
      return makeRoom(step, store);
    case 'sweep':
      return store.sweep(step.steps);
  }
}

function makeRoom(step: Extract<Step, {do: 'makeRoom'}>, store: StoreOperations) {
  const sizeBytes = Math.min(step.sizeBytes, store.maxEntryBytes(step.namespace));
  return {
    lacks: store.lacksRoom(step.namespace, keyOf(step), sizeBytes),
    done: store.makeRoom(step.namespace, keyOf(step), sizeBytes, step.steps),
  };
}

function put(step: PutStep, store: StoreOperations, deadlineMs: number) {
  const {namespace, condition, keepDeadline, wantPrevious, contentType = ''} = step;
  const key = keyOf(step);
  if (charge(key.length, step.valueBytes + contentType.length) > store.maxEntryBytes(namespace)) return 'can never fit';
  const {previous, ...result} = store.put(namespace, key, contentFor(step), {
    contentType,
    deadlineMs,
    keepDeadline,
    wantPrevious,
    ifAbsent: condition === 'ifAbsent',
    ifPresent: condition === 'ifPresent',
    ifRevision: condition === 'current' || condition === 'other' ? revisionFor(condition, step, store) : undefined,
  });
  return {...result, previous: plain(previous)};
}

function revisionFor(
  which: 'current' | 'other',
  step: {namespace: number; key: string},
  store: StoreOperations,
): number {
  const view = store.get(step.namespace, keyOf(step), {peek: true, metadataOnly: true, uncounted: true});
  return (view?.revision ?? 1) + (which === 'current' ? 0 : 1);
}

export function allEntries(store: StoreOperations, namespace: number, prefix: string, recordsPerCall: number) {
  const cursor = {position: 0, revision: 0, recordsLeft: recordsPerCall, done: false};
  const found: NonNullable<ReturnType<typeof plain>>[] = [];
  while (!cursor.done) {
    const view = store.scan(namespace, bytes(prefix), cursor, {metadataOnly: false});
    if (view) found.push(plain(view, nameOf(view.key))!);
    else cursor.recordsLeft = recordsPerCall;
  }
  return found.sort((one, other) => (one.key! < other.key! ? -1 : 1));
}

/** A view as data that stays as it is; of a lookup, without the key that its caller knows. */
function plain(view: EntryView | undefined, key?: string) {
  return view && {...view, key, value: Buffer.from(view.value).toString('latin1')};
}

function same(what: string, ofReal: unknown, ofModel: unknown): void {
  if (isDeepStrictEqual(ofReal, ofModel)) return;
  throw new Error(`${what}\n  of the store: ${show(ofReal)}\n  of the model: ${show(ofModel)}`);
}

/** Long texts cut. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (each === noDeadline) return 'never';
    return typeof each === 'string' && each.length > 60 ? `${each.slice(0, 50)}… (${each.length} characters)` : each;
  });
}
