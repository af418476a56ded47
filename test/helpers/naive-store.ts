/**
 * The store as anybody would write it who need not care what it costs: one array,
 * least recently used first, searched from end to end. The real one is compared
 * with it; so it has to be right at sight, and shares no code but charge().
 *
 * It removes the dead at the start of every operation. A real store may do so
 * later: what can be compared is said in model.test.ts.
 */
import {isDeepStrictEqual} from 'node:util';
import type {Clock} from '../../src/base/index.js';
import {
  type Condition,
  charge,
  type DeleteOptions,
  type DeleteResult,
  type EntryView,
  type NamespaceLimits,
  noDeadline,
  type PutOptions,
  type PutResult,
  type ReadOptions,
  type ScanCursor,
  type Store,
  type StoreStats,
  type TouchOptions,
  type TouchResult,
} from '../../src/store/index.js';

interface Item extends EntryView {
  namespace: number;
}

const noValue = new Uint8Array(0);

export class NaiveStore implements Store {
  lastRevision = 0;
  /** Least recently used first. */
  #items: Item[] = [];
  readonly #clock: Clock;
  readonly #limits: readonly NamespaceLimits[];
  readonly #counts: Omit<StoreStats, 'entries' | 'memoryBytes'>[];

  constructor({clock, namespaces}: {clock: Clock; namespaces: readonly NamespaceLimits[]}) {
    this.#clock = clock;
    this.#limits = namespaces;
    this.#counts = namespaces.map(() => ({
      hits: 0,
      misses: 0,
      puts: 0,
      deletes: 0,
      touches: 0,
      conditionsLost: 0,
      expirations: 0,
      evictionsEntries: 0,
      evictionsMemory: 0,
      purged: 0,
      expiryLagMs: 0,
    }));
  }

  get(namespace: number, key: Uint8Array, options: ReadOptions): EntryView | undefined {
    const item = this.#find(namespace, key);
    const counts = this.#counts[namespace]!;
    if (!options.uncounted && item) counts.hits++;
    if (!options.uncounted && !item) counts.misses++;
    if (!item) return undefined;
    if (!options.peek) this.#use(item);
    if (options.touchDeadlineMs !== undefined) this.#setDeadline(item, options.touchDeadlineMs);
    const omitted = options.metadataOnly || options.ifRevisionNot === item.revision;
    return omitted ? {...view(item), value: noValue} : view(item);
  }

  put(namespace: number, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult {
    const before = this.#find(namespace, key);
    const previous = before && options.wantPrevious ? view(before) : undefined;
    if (!holds(options, before)) {
      this.#counts[namespace]!.conditionsLost++;
      return {stored: false, revision: before?.revision ?? 0, deadlineMs: before?.deadlineMs ?? noDeadline, previous};
    }
    const deadlineMs = before && options.keepDeadline ? before.deadlineMs : options.deadlineMs;
    const sizeBytes = charge(key.length, value.length + options.contentType.length);
    // The old value is gone before anything is evicted for the new one.
    if (before) this.#drop(before);
    this.#makeRoom(namespace, sizeBytes);
    const revision = this.#nextRevision();
    const {contentType} = options;
    this.#items.push({namespace, key: key.slice(), value: value.slice(), revision, contentType, deadlineMs, sizeBytes});
    this.#counts[namespace]!.puts++;
    return {stored: true, revision, deadlineMs, previous};
  }

  delete(namespace: number, key: Uint8Array, options: DeleteOptions): DeleteResult {
    const item = this.#find(namespace, key);
    if (!item) return {outcome: 'notFound', revision: 0};
    const previous = options.wantPrevious ? view(item) : undefined;
    if (!holds(options, item)) {
      this.#counts[namespace]!.conditionsLost++;
      return {outcome: 'conditionLost', revision: item.revision, previous};
    }
    this.#drop(item);
    this.#counts[namespace]!.deletes++;
    return {outcome: 'deleted', revision: this.#nextRevision(), previous};
  }

  touch(namespace: number, key: Uint8Array, {deadlineMs, onlyExtend, onlyShorten}: TouchOptions): TouchResult {
    const item = this.#find(namespace, key);
    if (!item) return {outcome: 'notFound', deadlineMs: noDeadline};
    this.#use(item);
    if ((onlyExtend && !(deadlineMs > item.deadlineMs)) || (onlyShorten && !(deadlineMs < item.deadlineMs))) {
      this.#counts[namespace]!.conditionsLost++;
      return {outcome: 'conditionLost', deadlineMs: item.deadlineMs};
    }
    this.#setDeadline(item, deadlineMs);
    return {outcome: 'touched', deadlineMs};
  }

  /** Its position is that in the array: right as long as nothing changes during a scan. */
  scan(namespace: number, prefix: Uint8Array, cursor: ScanCursor): EntryView | undefined {
    this.#expireAll();
    const items = this.#items.filter(item => item.namespace === namespace);
    while (cursor.position < items.length) {
      const item = items[cursor.position++]!;
      if (startsWith(item.key, prefix)) return view(item);
    }
    cursor.done = true;
    return undefined;
  }

  purge(namespace: number, prefix: Uint8Array): number {
    this.#expireAll();
    for (const item of this.#items.filter(each => each.namespace === namespace && startsWith(each.key, prefix))) {
      this.#drop(item);
      this.#counts[namespace]!.purged++;
    }
    return this.#nextRevision();
  }

  sweep(): number {
    return this.#expireAll();
  }

  stats(namespace: number): StoreStats {
    const items = this.#items.filter(item => item.namespace === namespace);
    const memoryBytes = items.reduce((sum, item) => sum + item.sizeBytes, 0);
    return {...this.#counts[namespace]!, entries: items.length, memoryBytes};
  }

  #find(namespace: number, key: Uint8Array): Item | undefined {
    this.#expireAll();
    return this.#items.find(item => item.namespace === namespace && Buffer.compare(item.key, key) === 0);
  }

  #expireAll(): number {
    const dead = this.#items.filter(item => item.deadlineMs <= this.#clock.nowMs());
    for (const item of dead) {
      this.#drop(item);
      this.#nextRevision();
      this.#counts[item.namespace]!.expirations++;
      this.#counts[item.namespace]!.expiryLagMs = this.#clock.nowMs() - item.deadlineMs;
    }
    return dead.length;
  }

  #makeRoom(namespace: number, sizeBytes: number): void {
    const {maxEntries, maxMemoryBytes} = this.#limits[namespace]!;
    for (;;) {
      const {entries, memoryBytes} = this.stats(namespace);
      const tooMany = entries + 1 > maxEntries;
      if (!tooMany && memoryBytes + sizeBytes <= maxMemoryBytes) return;
      this.#drop(this.#items.find(item => item.namespace === namespace)!);
      this.#nextRevision();
      this.#counts[namespace]![tooMany ? 'evictionsEntries' : 'evictionsMemory']++;
    }
  }

  #use(item: Item): void {
    this.#drop(item);
    this.#items.push(item);
  }

  #drop(item: Item): void {
    this.#items = this.#items.filter(each => each !== item);
  }

  #setDeadline(item: Item, deadlineMs: number): void {
    item.deadlineMs = deadlineMs;
    this.#counts[item.namespace]!.touches++;
    this.#nextRevision();
  }

  #nextRevision(): number {
    this.lastRevision = Math.max(this.lastRevision + 1, this.#clock.wallMicros());
    return this.lastRevision;
  }
}

function holds({ifAbsent, ifPresent, ifRevision}: Condition, item: Item | undefined): boolean {
  if (ifAbsent && item) return false;
  if (ifPresent && !item) return false;
  return ifRevision === undefined || item?.revision === ifRevision;
}

function view({namespace: _, ...entry}: Item): EntryView {
  return {...entry};
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return isDeepStrictEqual([...key.subarray(0, prefix.length)], [...prefix]);
}
