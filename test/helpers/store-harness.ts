/** A store and its clock, with keys and values as text, and every answer copied as the contract asks. */
import {
  checkStore,
  createStore,
  type EntryView,
  type NamespaceLimits,
  noDeadline,
  type PutOptions,
  type ReadOptions,
  type Store,
  type StoreOptions,
  type StoreStats,
} from '../../src/store/index.js';
import {ManualClock} from './manual-clock.js';
import {bytes, text} from './text.js';

/** An entry as tests compare it. */
export interface Seen {
  key: string;
  value: string;
  revision: number;
  contentType: string;
  deadlineMs: number;
  sizeBytes: number;
}

export const roomy: NamespaceLimits = {maxEntries: 1_000_000, maxMemoryBytes: 2 ** 30};

export class TextStore {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly #namespaces: number;

  constructor(options: Omit<StoreOptions, 'clock'>) {
    this.clock = new ManualClock();
    this.#namespaces = options.namespaces.length;
    this.store = createStore({...options, clock: this.clock});
  }

  /** The answer; `ttlMs` counts from now. */
  put(
    key: string,
    value = '',
    {ttlMs, namespace = 0, ...options}: Partial<PutOptions> & {ttlMs?: number; namespace?: number} = {},
  ) {
    const deadlineMs = ttlMs === undefined ? noDeadline : this.clock.nowMs() + ttlMs;
    const result = this.store.put(namespace, bytes(key), bytes(value), {contentType: '', deadlineMs, ...options});
    return {...result, previous: result.previous && {...seen(result.previous), key}};
  }

  get(key: string, {namespace = 0, ...options}: Partial<ReadOptions> & {namespace?: number} = {}): Seen | undefined {
    const view = this.store.get(namespace, bytes(key), {peek: false, metadataOnly: false, ...options});
    // A get shows no key: whoever asks knows it.
    return view && {...seen(view), key};
  }

  /** Looks without leaving a trace in order or counters. */
  has(key: string, namespace = 0): boolean {
    return this.get(key, {namespace, peek: true, uncounted: true}) !== undefined;
  }

  /** Which of these keys are there, untouched. */
  present(...keys: string[]): string[] {
    return keys.filter(key => this.has(key));
  }

  delete(
    key: string,
    {namespace = 0, ...options}: {ifRevision?: number; wantPrevious?: boolean; namespace?: number} = {},
  ) {
    const result = this.store.delete(namespace, bytes(key), options);
    return {...result, previous: result.previous && {...seen(result.previous), key}};
  }

  /** `ttlMs` counts from now; without one, the entry never expires. */
  touch(key: string, {ttlMs, ...options}: {ttlMs?: number; onlyExtend?: boolean; onlyShorten?: boolean} = {}) {
    const deadlineMs = ttlMs === undefined ? noDeadline : this.clock.nowMs() + ttlMs;
    return this.store.touch(0, bytes(key), {deadlineMs, ...options});
  }

  purge(prefix: string, namespace = 0): number {
    return this.store.purge(namespace, bytes(prefix));
  }

  /** All entries under a prefix, sorted by key; `recordsPerCall` at a time. */
  scanAll(prefix = '', {namespace = 0, recordsPerCall = 1000} = {}): Seen[] {
    const cursor = {position: 0, revision: 0, recordsLeft: recordsPerCall, done: false};
    const found: Seen[] = [];
    while (!cursor.done) {
      const entry = seen(this.store.scan(namespace, bytes(prefix), cursor, {metadataOnly: false}));
      if (entry) found.push(entry);
      else cursor.recordsLeft = recordsPerCall;
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Sweeps until nothing is left to do now; answers how many expired entries went. */
  sweepAll(): number {
    const expired = () => namespaces.reduce((sum, namespace) => sum + this.store.stats(namespace).expirations, 0);
    const namespaces = Array.from({length: this.#namespaces}, (_, namespace) => namespace);
    const before = expired();
    while (!this.store.sweep(1000));
    return expired() - before;
  }

  /** Walks every invariant; throws where one is broken. */
  check(): void {
    checkStore(this.store);
  }

  stats(namespace = 0): StoreStats {
    return this.store.stats(namespace);
  }
}

/** A store with these namespaces, one if none are given, and room for whatever they do not say. */
export class StoreHarness extends TextStore {
  constructor(...namespaces: Partial<NamespaceLimits>[]) {
    super({namespaces: limitsOf(namespaces), maxKeyBytes: 65_535, maxValueBytes: 2 ** 26});
  }
}

/** At least one namespace. */
export function limitsOf(namespaces: readonly Partial<NamespaceLimits>[]): NamespaceLimits[] {
  return (namespaces.length > 0 ? namespaces : [{}]).map(limits => ({...roomy, ...limits}));
}

export function seen(view: EntryView): Seen;
export function seen(view: EntryView | undefined): Seen | undefined;
export function seen(view: EntryView | undefined): Seen | undefined {
  return view && {...view, key: text(view.key)!, value: text(view.value)!};
}
