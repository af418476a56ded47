/**
 * The store, plain: a JavaScript Map for each namespace, in order of last use.
 *
 *   records   key → record, least recently used first: a use moves a record to the end
 *   slots     record or hole; a record keeps its slot for life, so a scan by slot
 *             number cannot lose one, whatever is used, added or removed meanwhile
 *   deadlines which records to remove when
 *
 * A get or put costs the same however many entries there are; Purge costs one look
 * at each entry of its namespace.
 */
import {assert, type Clock} from '../base/index.js';
import {charge} from './charge.js';
import {Deadlines} from './deadlines.js';
import {
  type Condition,
  type DeleteOptions,
  type DeleteResult,
  type EntryView,
  type NamespaceId,
  type NamespaceLimits,
  noDeadline,
  type PutOptions,
  type PutResult,
  type ReadOptions,
  type ScanCursor,
  type Store,
  type StoreOptions,
  type StoreStats,
  type TouchOptions,
  type TouchResult,
} from './types.js';

export function createHeapStore(options: StoreOptions): Store {
  return new HeapStore(options);
}

/** An entry; what its EntryView shows, and where it is kept. */
interface Record extends EntryView {
  /** The key's bytes as characters 0 to 255: what the Map is keyed by. */
  readonly mapKey: string;
  readonly slot: number;
}

interface Namespace {
  readonly limits: NamespaceLimits;
  readonly records: Map<string, Record>;
  /** slots[record.slot] is record, for each of the records and no other. */
  readonly slots: (Record | undefined)[];
  readonly freeSlots: number[];
  readonly deadlines: Deadlines<Record>;
  /** entries is records.size, and memoryBytes the sum of their sizeBytes. */
  readonly stats: StoreStats;
}

const noValue = new Uint8Array(0);

class HeapStore implements Store {
  readonly #clock: Clock;
  readonly #namespaces: readonly Namespace[];
  #lastRevision = 0;

  constructor({clock, namespaces}: StoreOptions) {
    this.#clock = clock;
    this.#namespaces = namespaces.map(limits => ({
      limits,
      records: new Map(),
      slots: [],
      freeSlots: [],
      deadlines: new Deadlines<Record>(),
      stats: emptyStats(),
    }));
  }

  get lastRevision(): number {
    return this.#lastRevision;
  }

  get(namespaceId: NamespaceId, key: Uint8Array, options: ReadOptions): EntryView | undefined {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!options.uncounted) namespace.stats[record ? 'hits' : 'misses']++;
    if (!record) return undefined;
    if (!options.peek) use(namespace, record);
    if (options.touchDeadlineMs !== undefined) this.#setDeadline(namespace, record, options.touchDeadlineMs);
    const wantsValue = !options.metadataOnly && options.ifRevisionNot !== record.revision;
    return viewOf(record, wantsValue);
  }

  put(namespaceId: NamespaceId, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult {
    const namespace = this.#namespace(namespaceId);
    const mapKey = mapKeyOf(key);
    const before = this.#find(namespace, mapKey);
    const previous = options.wantPrevious && before ? viewOf(before, true) : undefined;
    if (!conditionHolds(options, before)) {
      namespace.stats.conditionsLost++;
      return {
        stored: false,
        revision: before?.revision ?? 0,
        deadlineMs: before?.deadlineMs ?? noDeadline,
        previous,
      };
    }
    const deadlineMs = options.keepDeadline && before ? before.deadlineMs : options.deadlineMs;
    const sizeBytes = charge(key.length, value.length + options.contentType.length);
    assert(sizeBytes <= namespace.limits.maxMemoryBytes, 'the caller has made sure that the entry can fit');
    // An entry that is replaced comes last in the order of eviction, so it is not among those that go.
    if (before) use(namespace, before);
    this.#makeRoom(namespace, before ? 0 : 1, sizeBytes - (before?.sizeBytes ?? 0));
    const content = {
      value: value.slice(),
      revision: this.#nextRevision(),
      contentType: options.contentType,
      deadlineMs,
      sizeBytes,
    };
    if (before) this.#replace(namespace, before, content);
    else this.#insert(namespace, {key: key.slice(), mapKey, ...content});
    namespace.stats.puts++;
    return {stored: true, revision: content.revision, deadlineMs, previous};
  }

  delete(namespaceId: NamespaceId, key: Uint8Array, options: DeleteOptions): DeleteResult {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!record) return {outcome: 'notFound', revision: 0};
    const previous = options.wantPrevious ? viewOf(record, true) : undefined;
    if (!conditionHolds(options, record)) {
      namespace.stats.conditionsLost++;
      return {outcome: 'conditionLost', revision: record.revision, previous};
    }
    this.#remove(namespace, record);
    namespace.stats.deletes++;
    return {outcome: 'deleted', revision: this.#nextRevision(), previous};
  }

  touch(namespaceId: NamespaceId, key: Uint8Array, options: TouchOptions): TouchResult {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!record) return {outcome: 'notFound', deadlineMs: noDeadline};
    use(namespace, record);
    const {deadlineMs} = options;
    const lost =
      (options.onlyExtend && deadlineMs <= record.deadlineMs) ||
      (options.onlyShorten && deadlineMs >= record.deadlineMs);
    if (lost) {
      namespace.stats.conditionsLost++;
      return {outcome: 'conditionLost', deadlineMs: record.deadlineMs};
    }
    this.#setDeadline(namespace, record, deadlineMs);
    return {outcome: 'touched', deadlineMs};
  }

  scan(
    namespaceId: NamespaceId,
    prefix: Uint8Array,
    cursor: ScanCursor,
    options: {metadataOnly: boolean},
  ): EntryView | undefined {
    const namespace = this.#namespace(namespaceId);
    const mapPrefix = mapKeyOf(prefix);
    const nowMs = this.#clock.nowMs();
    while (cursor.recordsLeft > 0 && cursor.position < namespace.slots.length) {
      const record = namespace.slots[cursor.position++];
      cursor.recordsLeft--;
      if (record?.mapKey.startsWith(mapPrefix) && record.deadlineMs > nowMs) {
        return viewOf(record, !options.metadataOnly);
      }
    }
    cursor.done = cursor.position >= namespace.slots.length;
    return undefined;
  }

  purge(namespaceId: NamespaceId, prefix: Uint8Array): number {
    const namespace = this.#namespace(namespaceId);
    const mapPrefix = mapKeyOf(prefix);
    const nowMs = this.#clock.nowMs();
    for (const record of [...namespace.records.values()]) {
      if (!record.mapKey.startsWith(mapPrefix)) continue;
      if (record.deadlineMs <= nowMs) {
        this.#expire(namespace, record);
      } else {
        this.#remove(namespace, record);
        namespace.stats.purged++;
      }
    }
    return this.#nextRevision();
  }

  sweep(entriesMost: number): number {
    const nowMs = this.#clock.nowMs();
    let removed = 0;
    for (const namespace of this.#namespaces) {
      while (removed < entriesMost) {
        const record = namespace.deadlines.next(nowMs);
        if (!record) break;
        this.#expire(namespace, record);
        removed++;
      }
    }
    return removed;
  }

  stats(namespaceId: NamespaceId): StoreStats {
    return {...this.#namespace(namespaceId).stats};
  }

  #namespace(id: NamespaceId): Namespace {
    const namespace = this.#namespaces[id];
    assert(namespace !== undefined, `there is a namespace ${id}`);
    return namespace;
  }

  /** A live record; one past its deadline is removed on the way. */
  #find(namespace: Namespace, mapKey: string): Record | undefined {
    const record = namespace.records.get(mapKey);
    if (!record || record.deadlineMs > this.#clock.nowMs()) return record;
    this.#expire(namespace, record);
    return undefined;
  }

  /** Removes the least recently used until so much more is within the limits. */
  #makeRoom(namespace: Namespace, entries: number, bytes: number): void {
    const {limits, stats} = namespace;
    const nowMs = this.#clock.nowMs();
    for (const record of namespace.records.values()) {
      const tooMany = stats.entries + entries > limits.maxEntries;
      if (!tooMany && stats.memoryBytes + bytes <= limits.maxMemoryBytes) return;
      if (record.deadlineMs <= nowMs) {
        this.#expire(namespace, record);
        continue;
      }
      this.#remove(namespace, record);
      this.#nextRevision();
      if (tooMany) stats.evictionsEntries++;
      else stats.evictionsMemory++;
    }
  }

  #expire(namespace: Namespace, record: Record): void {
    this.#remove(namespace, record);
    this.#nextRevision();
    namespace.stats.expirations++;
    namespace.stats.expiryLagMs = this.#clock.nowMs() - record.deadlineMs;
  }

  #setDeadline(namespace: Namespace, record: Record, deadlineMs: number): void {
    namespace.deadlines.remove(record);
    record.deadlineMs = deadlineMs;
    namespace.deadlines.add(record);
    namespace.stats.touches++;
    this.#nextRevision();
  }

  #insert(namespace: Namespace, content: Omit<Record, 'slot'>): void {
    const slot = namespace.freeSlots.pop() ?? namespace.slots.length;
    const record: Record = {...content, slot};
    namespace.records.set(record.mapKey, record);
    namespace.slots[slot] = record;
    namespace.deadlines.add(record);
    namespace.stats.entries++;
    namespace.stats.memoryBytes += record.sizeBytes;
  }

  #replace(namespace: Namespace, record: Record, content: Omit<EntryView, 'key'>): void {
    namespace.deadlines.remove(record);
    namespace.stats.memoryBytes += content.sizeBytes - record.sizeBytes;
    Object.assign(record, content);
    namespace.deadlines.add(record);
  }

  #remove(namespace: Namespace, record: Record): void {
    namespace.records.delete(record.mapKey);
    namespace.slots[record.slot] = undefined;
    namespace.freeSlots.push(record.slot);
    namespace.deadlines.remove(record);
    namespace.stats.entries--;
    namespace.stats.memoryBytes -= record.sizeBytes;
  }

  /** It keeps growing over restarts, as long as fewer than a million changes a second happen on average. */
  #nextRevision(): number {
    this.#lastRevision = Math.max(this.#lastRevision + 1, this.#clock.wallMicros());
    return this.#lastRevision;
  }
}

function conditionHolds(condition: Condition, record: Record | undefined): boolean {
  if (condition.ifAbsent) return record === undefined;
  if (condition.ifPresent) return record !== undefined;
  if (condition.ifRevision !== undefined) return record?.revision === condition.ifRevision;
  return true;
}

/** Moves a record to the end that is evicted last. */
function use(namespace: Namespace, record: Record): void {
  namespace.records.delete(record.mapKey);
  namespace.records.set(record.mapKey, record);
}

function viewOf(record: Record, wantsValue: boolean): EntryView {
  const {key, value, revision, contentType, deadlineMs, sizeBytes} = record;
  return {key, value: wantsValue ? value : noValue, revision, contentType, deadlineMs, sizeBytes};
}

function mapKeyOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

function emptyStats(): StoreStats {
  return {
    entries: 0,
    memoryBytes: 0,
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
  };
}
