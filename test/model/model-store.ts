/**
 * The model of the store: plain and obviously right, the oracle for the real one.
 *
 *   records   for each namespace a Map from key to record, least recently used
 *             first: a use moves a record to the end
 *   purges    what has been purged since the last sweep
 *   changes   everything that has happened to entries, in order
 *
 * It removes the dead when the real store does, so that even revisions and counters
 * can be compared: whoever meets a dead record removes it (a read, a write, an
 * eviction), and a sweep removes what is due. Two things it does not copy: a sweep
 * always goes to its end, and nothing is ever compacted. A sweep, a purge and a scan
 * look at every record.
 */
import {assert, CacheError, type Clock} from '../../src/base/index.js';
import {
  type Change,
  type ChangeType,
  type Condition,
  charge,
  type DeleteOptions,
  type DeleteResult,
  type EntryView,
  type LoggedEntry,
  type NamespaceId,
  type NamespaceLimits,
  noDeadline,
  type PutOptions,
  type PutResult,
  type ReadOptions,
  type ScanCursor,
  type StoreOperations,
  type StoreOptions,
  type StoreStats,
  type TouchOptions,
  type TouchResult,
} from '../../src/store/index.js';

/** A sweep frees what was due when the last tick began. */
const tickMs = 64;
const purgesMost = 64;

export function createModelStore(options: StoreOptions): ModelStore {
  return new ModelStore(options);
}

/** An entry. */
interface ModelRecord extends EntryView {
  /** The key's bytes as characters 0 to 255: what the Map is keyed by. */
  readonly mapKey: string;
  /** Grows with each new record, and stays its own for life: a scan goes by it. */
  readonly id: number;
}

interface Namespace {
  readonly id: NamespaceId;
  readonly limits: NamespaceLimits;
  readonly records: Map<string, ModelRecord>;
  readonly counts: Omit<StoreStats, 'entries' | 'memoryBytes'>;
  purges: {mapPrefix: string; revision: number}[];
  memoryBytes: number;
}

/** How much more there is to be. */
interface Need {
  entries: number;
  bytes: number;
}

const noValue = new Uint8Array(0);

/** What a change was about, beside its type: see Change. */
type Particulars = Pick<Change, 'entry' | 'previous' | 'evictionLimit'>;

export class ModelStore implements StoreOperations {
  lastRevision = 0;
  /** With every value, however long. What a put replaced is there if the store's log keeps that. */
  readonly changes: Change[] = [];
  readonly #keepsPrevious: boolean;
  readonly #clock: Clock;
  readonly #namespaces: readonly Namespace[];
  #lastId = 0;

  constructor({clock, namespaces, history}: StoreOptions) {
    this.#clock = clock;
    this.#keepsPrevious = history?.keepsPrevious === true;
    this.#namespaces = namespaces.map((limits, id) => ({
      id,
      limits,
      records: new Map(),
      counts: emptyCounts(),
      purges: [],
      memoryBytes: 0,
    }));
  }

  get(namespaceId: NamespaceId, key: Uint8Array, options: ReadOptions): EntryView | undefined {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!options.uncounted) namespace.counts[record ? 'hits' : 'misses']++;
    if (!record) return undefined;
    if (!options.peek) use(namespace, record);
    if (options.touchDeadlineMs !== undefined) this.#setDeadline(namespace, record, Math.ceil(options.touchDeadlineMs));
    return viewOf(record, !options.metadataOnly && options.ifRevisionNot !== record.revision);
  }

  put(namespaceId: NamespaceId, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult {
    const namespace = this.#namespace(namespaceId);
    const mapKey = mapKeyOf(key);
    const before = this.#find(namespace, mapKey);
    const previous = options.wantPrevious && before ? viewOf(before, true) : undefined;
    if (!conditionHolds(options, before)) {
      namespace.counts.conditionsLost++;
      return {
        stored: false,
        existed: before !== undefined,
        revision: before?.revision ?? 0,
        deadlineMs: before?.deadlineMs ?? noDeadline,
        previous,
      };
    }
    const {contentType} = options;
    const deadlineMs = options.keepDeadline && before ? before.deadlineMs : Math.ceil(options.deadlineMs);
    const sizeBytes = charge(key.length, value.length + contentType.length);
    assert(sizeBytes <= namespace.limits.maxMemoryBytes, 'the caller has made sure that the entry can fit');
    // An entry that is replaced is out of the way while others are evicted for its new content.
    if (before) remove(namespace, before);
    const need = {entries: 1, bytes: sizeBytes};
    while (lacksRoom(namespace, need)) this.#evictOldest(namespace, need);
    const revision = this.#nextRevision();
    const id = before?.id ?? ++this.#lastId;
    const record = {mapKey, id, key: key.slice(), value: value.slice(), revision, contentType, deadlineMs, sizeBytes};
    add(namespace, record);
    const replaced = before && this.#keepsPrevious ? {previous: logged(before)} : {};
    this.#changed('put', namespace, record.key, {entry: logged(record), ...replaced});
    namespace.counts.puts++;
    return {stored: true, existed: before !== undefined, revision, deadlineMs, previous};
  }

  delete(namespaceId: NamespaceId, key: Uint8Array, options: DeleteOptions): DeleteResult {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!record) return {outcome: 'notFound', revision: 0};
    const previous = options.wantPrevious ? viewOf(record, true) : undefined;
    if (!conditionHolds(options, record)) {
      namespace.counts.conditionsLost++;
      return {outcome: 'conditionLost', revision: record.revision, previous};
    }
    remove(namespace, record);
    namespace.counts.deletes++;
    const revision = this.#nextRevision();
    this.#changed('delete', namespace, record.key, {previous: logged(record)});
    return {outcome: 'deleted', revision, previous};
  }

  touch(namespaceId: NamespaceId, key: Uint8Array, options: TouchOptions): TouchResult {
    const namespace = this.#namespace(namespaceId);
    const record = this.#find(namespace, mapKeyOf(key));
    if (!record) return {outcome: 'notFound', deadlineMs: noDeadline};
    use(namespace, record);
    const deadlineMs = Math.ceil(options.deadlineMs);
    const isLater = deadlineMs > record.deadlineMs;
    const isEarlier = deadlineMs < record.deadlineMs;
    if ((options.onlyExtend && !isLater) || (options.onlyShorten && !isEarlier)) {
      namespace.counts.conditionsLost++;
      return {outcome: 'conditionLost', deadlineMs: record.deadlineMs};
    }
    this.#setDeadline(namespace, record, deadlineMs);
    return {outcome: 'touched', deadlineMs};
  }

  /** The cursor's position is the id of the record that was looked at last. */
  scan(
    namespaceId: NamespaceId,
    prefix: Uint8Array,
    cursor: ScanCursor,
    options: {metadataOnly: boolean},
  ): EntryView | undefined {
    const namespace = this.#namespace(namespaceId);
    const mapPrefix = mapKeyOf(prefix);
    const inOrder = [...namespace.records.values()].sort((one, other) => one.id - other.id);
    for (const record of inOrder.filter(each => each.id > cursor.position)) {
      if (cursor.recordsLeft <= 0) return undefined;
      cursor.recordsLeft--;
      cursor.position = record.id;
      if (record.mapKey.startsWith(mapPrefix) && !this.#isDead(namespace, record)) {
        return viewOf(record, !options.metadataOnly);
      }
    }
    cursor.done = true;
    return undefined;
  }

  purge(namespaceId: NamespaceId, prefix: Uint8Array): number {
    const namespace = this.#namespace(namespaceId);
    const mapPrefix = mapKeyOf(prefix);
    const others = namespace.purges.filter(each => !each.mapPrefix.startsWith(mapPrefix));
    const underWay = this.#namespaces.reduce((sum, each) => sum + each.purges.length, 0);
    const replaced = namespace.purges.length - others.length;
    if (underWay - replaced >= purgesMost) throw new CacheError('TOO_MANY_PURGES', 'too many');
    const revision = this.#nextRevision();
    namespace.purges = [...others, {mapPrefix, revision}];
    this.#changed('purge', namespace, prefix.slice());
    return revision;
  }

  /** A walk for purges, of whatever namespace, meets every record; the wheel alone only those that are due. */
  sweep(): boolean {
    const walks = this.#namespaces.some(({purges}) => purges.length > 0);
    const tickBeganMs = Math.floor(this.#clock.nowMs() / tickMs) * tickMs;
    for (const namespace of this.#namespaces) {
      for (const record of [...namespace.records.values()]) {
        const met = walks || record.deadlineMs <= tickBeganMs;
        if (met && this.#isDead(namespace, record)) this.#removeDead(namespace, record);
      }
    }
    for (const namespace of this.#namespaces) namespace.purges = [];
    return true;
  }

  maxEntryBytes(namespaceId: NamespaceId): number {
    return this.#namespace(namespaceId).limits.maxMemoryBytes;
  }

  lacksRoom(namespaceId: NamespaceId, key: Uint8Array, sizeBytes: number): boolean {
    const namespace = this.#namespace(namespaceId);
    return lacksRoom(namespace, needFor(namespace.records.get(mapKeyOf(key)), sizeBytes));
  }

  /** Each removal is a step. */
  makeRoom(namespaceId: NamespaceId, key: Uint8Array, sizeBytes: number, stepsMost: number): boolean {
    const namespace = this.#namespace(namespaceId);
    const before = this.#find(namespace, mapKeyOf(key));
    if (before) use(namespace, before);
    const need = needFor(before, sizeBytes);
    for (let step = 0; lacksRoom(namespace, need); step++) {
      if (step === stepsMost) return false;
      if (before && namespace.records.size === 1) break;
      if (!this.#evictOldest(namespace, need)) break;
    }
    return true;
  }

  stats(namespaceId: NamespaceId): StoreStats {
    const {counts, records, memoryBytes} = this.#namespace(namespaceId);
    return {...counts, entries: records.size, memoryBytes};
  }

  #namespace(id: NamespaceId): Namespace {
    const namespace = this.#namespaces[id];
    assert(namespace !== undefined, `there is a namespace ${id}`);
    return namespace;
  }

  /** A live record; one that is dead is removed on the way. */
  #find(namespace: Namespace, mapKey: string): ModelRecord | undefined {
    const record = namespace.records.get(mapKey);
    if (!record || !this.#isDead(namespace, record)) return record;
    this.#removeDead(namespace, record);
    return undefined;
  }

  #isDead(namespace: Namespace, record: ModelRecord): boolean {
    return record.deadlineMs <= this.#clock.nowMs() || isPurged(namespace, record);
  }

  /** An expiry is a change; what a purge has removed is silent. */
  #removeDead(namespace: Namespace, record: ModelRecord): void {
    remove(namespace, record);
    if (isPurged(namespace, record)) {
      namespace.counts.purged++;
      return;
    }
    this.#nextRevision();
    this.#changed('expire', namespace, record.key, {previous: logged(record)});
    namespace.counts.expirations++;
    namespace.counts.expiryLagMs = this.#clock.nowMs() - record.deadlineMs;
  }

  /** Removes the least recently used; false where there is none. */
  #evictOldest(namespace: Namespace, need: Need): boolean {
    const [oldest] = namespace.records.values();
    if (!oldest) return false;
    if (this.#isDead(namespace, oldest)) {
      this.#removeDead(namespace, oldest);
      return true;
    }
    const tooMany = namespace.records.size + need.entries > namespace.limits.maxEntries;
    remove(namespace, oldest);
    this.#nextRevision();
    const evictionLimit = tooMany ? 'entries' : 'memory';
    this.#changed('evict', namespace, oldest.key, {previous: logged(oldest), evictionLimit});
    namespace.counts[tooMany ? 'evictionsEntries' : 'evictionsMemory']++;
    return true;
  }

  #setDeadline(namespace: Namespace, record: ModelRecord, deadlineMs: number): void {
    record.deadlineMs = deadlineMs;
    namespace.counts.touches++;
    this.#nextRevision();
    this.#changed('touch', namespace, record.key, {entry: {...logged(record), value: noValue, valueOmitted: true}});
  }

  /** Writes down what the last revision was taken for. */
  #changed(type: ChangeType, namespace: Namespace, key: Uint8Array, particulars: Particulars = {}): void {
    this.changes.push({type, namespace: namespace.id, key, revision: this.lastRevision, ...particulars});
  }

  #nextRevision(): number {
    this.lastRevision = Math.max(this.lastRevision + 1, this.#clock.wallMicros());
    return this.lastRevision;
  }
}

/** What an entry of this charge takes more than the one whose place it takes, if there is one. */
function needFor(before: ModelRecord | undefined, sizeBytes: number): Need {
  return before ? {entries: 0, bytes: sizeBytes - before.sizeBytes} : {entries: 1, bytes: sizeBytes};
}

function lacksRoom({limits, records, memoryBytes}: Namespace, need: Need): boolean {
  return records.size + need.entries > limits.maxEntries || memoryBytes + need.bytes > limits.maxMemoryBytes;
}

function isPurged({purges}: Namespace, record: ModelRecord): boolean {
  return purges.some(purge => record.revision < purge.revision && record.mapKey.startsWith(purge.mapPrefix));
}

/** At the end that is evicted last. */
function add(namespace: Namespace, record: ModelRecord): void {
  namespace.records.set(record.mapKey, record);
  namespace.memoryBytes += record.sizeBytes;
}

function remove(namespace: Namespace, record: ModelRecord): void {
  namespace.records.delete(record.mapKey);
  namespace.memoryBytes -= record.sizeBytes;
}

function use(namespace: Namespace, record: ModelRecord): void {
  namespace.records.delete(record.mapKey);
  namespace.records.set(record.mapKey, record);
}

function conditionHolds(condition: Condition, record: ModelRecord | undefined): boolean {
  if (condition.ifAbsent) return record === undefined;
  if (condition.ifPresent) return record !== undefined;
  if (condition.ifRevision !== undefined) return record?.revision === condition.ifRevision;
  return true;
}

function viewOf(record: ModelRecord, wantsValue: boolean): EntryView {
  const {key, value, revision, contentType, deadlineMs, sizeBytes} = record;
  return {key, value: wantsValue ? value : noValue, revision, contentType, deadlineMs, sizeBytes};
}

function logged({value, revision, contentType, deadlineMs}: ModelRecord): LoggedEntry {
  return {value, valueOmitted: false, revision, contentType, deadlineMs};
}

function mapKeyOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

function emptyCounts(): Namespace['counts'] {
  return {
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
