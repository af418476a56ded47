/**
 * One shard: a store of its own, but for the numbering of revisions. All of its
 * state is in shared memory (ShardMemory), so every thread that attaches to it sees
 * the same one; whoever calls holds its lock where there are several.
 *
 * An operation on one key costs the same however many entries there are. Those that
 * may have much to do (sweep, makeRoom) are given a number of steps.
 */
import {assert, type Clock} from '../base/index.js';
import type {ChangeLog} from './change-log.js';
import {limitNumber, typeNumber} from './change-record.js';
import {Compaction} from './compact.js';
import {type Content, chargeOf, contentBytes} from './content.js';
import {counter, Tally} from './counters.js';
import {EntryViews} from './entry-views.js';
import {HashIndex} from './hash-index.js';
import {classOfRecord, field, isLarge} from './layout.js';
import {Memory} from './memory.js';
import {LruPolicy, type Policy} from './policy.js';
import {Purges} from './purges.js';
import {Recency} from './recency.js';
import {Records} from './records.js';
import type {Revisions} from './revisions.js';
import {nextInOrder} from './scan-order.js';
import type {Scratch} from './scratch.js';
import type {ShardMemory} from './shard-memory.js';
import {Slots} from './slots.js';
import {TimingWheel} from './timing-wheel.js';
import {TinyLfuPolicy} from './tiny-lfu.js';
import {
  type Condition,
  type DeleteOptions,
  type DeleteResult,
  type EntryView,
  type NamespaceLimits,
  noDeadline,
  type PutOptions,
  type PutResult,
  type ReadOptions,
  type ScanCursor,
  type TouchOptions,
  type TouchResult,
} from './types.js';

const nothing = 0;

export interface ShardOptions {
  clock: Clock;
  revisions: Revisions;
  /** Where changes are written down; undefined: nowhere. */
  log?: ChangeLog;
  /** Shared by the shards of a thread. */
  scratch: Scratch;
}

export class Shard {
  readonly records: Records;
  readonly index: HashIndex;
  readonly recency: Recency;
  readonly wheel: TimingWheel;
  readonly slots: Slots;
  readonly purges: Purges;
  readonly counters: Float64Array;
  readonly tally: Tally;
  readonly policies: readonly Policy[];
  readonly #compaction: Compaction;
  readonly #clock: Clock;
  readonly #revisions: Revisions;
  readonly #log: ChangeLog | undefined;
  readonly #views: EntryViews;

  constructor(memory: ShardMemory, {clock, revisions, log, scratch}: ShardOptions) {
    this.#clock = clock;
    this.#revisions = revisions;
    this.#log = log;
    const memoryOfShard = new Memory(memory.memory);
    this.slots = new Slots(memoryOfShard, memory.slotTable, memory.pages);
    this.records = new Records(memoryOfShard, this.slots);
    this.index = new HashIndex(this.records, memory.buckets, memory.indexState);
    this.recency = new Recency(this.records, memory.recencyState);
    this.wheel = new TimingWheel(this.records, memory.wheelSlots, memory.wheelState);
    this.purges = new Purges(this.records, memory.purgeState, memory.purgePrefixes);
    this.counters = memory.counters;
    this.tally = new Tally(memory.counters);
    this.policies = memory.tinyLfu.map((buffers, namespace) =>
      buffers
        ? new TinyLfuPolicy({records: this.records, recency: this.recency, namespace}, buffers)
        : new LruPolicy(this.recency, namespace),
    );
    this.#compaction = new Compaction(this);
    this.#views = new EntryViews(this.records, scratch);
  }

  /** To be called once, by whoever made the memory. */
  initialize(limits: readonly NamespaceLimits[]): void {
    limits.forEach(({maxEntries, maxMemoryBytes}, namespace) => {
      this.tally.set(namespace, counter.maxEntries, maxEntries);
      this.tally.set(namespace, counter.maxMemoryBytes, maxMemoryBytes);
    });
    this.slots.initialize();
    this.index.initialize();
    this.wheel.initialize(this.#clock.nowMs());
    for (const policy of this.policies) policy.initialize();
  }

  get(namespace: number, key: Uint8Array, hash: number, options: ReadOptions): EntryView | undefined {
    const ref = this.#find(namespace, key, hash);
    if (!options.uncounted) this.tally.count(namespace, ref === nothing ? counter.misses : counter.hits);
    if (ref === nothing) return undefined;
    if (!options.peek) this.policies[namespace]!.used(ref);
    if (options.touchDeadlineMs !== undefined) this.#setDeadline(namespace, ref, Math.ceil(options.touchDeadlineMs));
    const {ifRevisionNot} = options;
    const isKnown = ifRevisionNot !== undefined && this.records.revision(ref) === ifRevisionNot;
    const wantsValue = !options.metadataOnly && !isKnown;
    return this.#views.show(ref, wantsValue);
  }

  put(namespace: number, key: Uint8Array, hash: number, value: Uint8Array, options: PutOptions): PutResult {
    const records = this.records;
    const before = this.#find(namespace, key, hash);
    const existed = before !== nothing;
    const previous = options.wantPrevious && existed ? this.#views.copy(before) : undefined;
    if (!this.#holds(options, before)) {
      this.tally.count(namespace, counter.conditionsLost);
      return {
        stored: false,
        existed,
        revision: existed ? records.revision(before) : 0,
        deadlineMs: existed ? records.deadlineMs(before) : noDeadline,
        previous,
      };
    }
    const keeps = options.keepDeadline && existed;
    const deadlineMs = keeps ? records.deadlineMs(before) : Math.ceil(options.deadlineMs);
    const replaced = this.#log?.keepsPrevious && existed ? (previous ?? this.#views.copy(before)) : undefined;
    const content = {key, contentType: options.contentType, value};
    const ref =
      before === nothing
        ? this.#insert(namespace, hash, content, deadlineMs)
        : this.#replace(namespace, hash, before, content, deadlineMs);
    const revision = this.#numberPut(ref, value, replaced);
    this.tally.count(namespace, counter.puts);
    return {stored: true, existed, revision, deadlineMs, previous};
  }

  delete(namespace: number, key: Uint8Array, hash: number, options: DeleteOptions): DeleteResult {
    const ref = this.#find(namespace, key, hash);
    if (ref === nothing) return {outcome: 'notFound', revision: 0};
    const previous = options.wantPrevious ? this.#views.copy(ref) : undefined;
    if (!this.#holds(options, ref)) {
      this.tally.count(namespace, counter.conditionsLost);
      return {outcome: 'conditionLost', revision: this.records.revision(ref), previous};
    }
    const revision = this.#changed(typeNumber.delete, ref);
    this.#remove(namespace, ref);
    this.tally.count(namespace, counter.deletes);
    return {outcome: 'deleted', revision, previous};
  }

  touch(namespace: number, key: Uint8Array, hash: number, options: TouchOptions): TouchResult {
    const ref = this.#find(namespace, key, hash);
    if (ref === nothing) return {outcome: 'notFound', deadlineMs: noDeadline};
    this.policies[namespace]!.used(ref);
    const deadlineMs = Math.ceil(options.deadlineMs);
    const standsMs = this.records.deadlineMs(ref);
    if ((options.onlyExtend && deadlineMs <= standsMs) || (options.onlyShorten && deadlineMs >= standsMs)) {
      this.tally.count(namespace, counter.conditionsLost);
      return {outcome: 'conditionLost', deadlineMs: standsMs};
    }
    this.#setDeadline(namespace, ref, deadlineMs);
    return {outcome: 'touched', deadlineMs};
  }

  /** The next live entry of the scan in this shard, as far as the cursor allows. */
  scan(
    namespace: number,
    prefix: Uint8Array,
    cursor: ScanCursor,
    options: {metadataOnly: boolean},
  ): EntryView | undefined {
    for (let ref = nextInOrder(this, cursor); ref !== nothing; ref = nextInOrder(this, cursor)) {
      if (this.records.namespace(ref) !== namespace || !this.records.startsWith(ref, prefix)) continue;
      if (this.#isExpired(ref) || this.purges.covers(ref)) continue;
      return this.#views.showWithKey(ref, !options.metadataOnly);
    }
    return undefined;
  }

  /** Removes what is past its deadline or purged, in so many steps at most; false if there is more to do now. */
  sweep(stepsMost: number): boolean {
    const steps = {left: stepsMost};
    const nowMs = this.#clock.nowMs();
    for (let due = this.wheel.nextDue(nowMs, steps); due !== nothing; due = this.wheel.nextDue(nowMs, steps)) {
      this.#removeDead(due);
    }
    while (this.purges.count > 0 && steps.left > 0) this.#walkForPurges(steps);
    return steps.left > 0;
  }

  /** Evicts and compacts until an entry of this charge would fit at once; false if the steps were too few for that. */
  makeRoom(namespace: number, key: Uint8Array, hash: number, sizeBytes: number, stepsMost: number): boolean {
    const before = this.#find(namespace, key, hash);
    if (before === nothing) return this.#makeRoom(namespace, {entries: 1, bytes: sizeBytes}, sizeBytes, stepsMost);
    // What the entry is to replace is not among those that may go for it.
    const segment = this.records.segment(before);
    this.policies[namespace]!.removed(before);
    const need = {entries: 0, bytes: sizeBytes - this.records.charge(before)};
    const done = this.#makeRoom(namespace, need, sizeBytes, stepsMost);
    // Compaction may have moved it.
    this.policies[namespace]!.returned(this.index.find(hash, namespace, key), segment);
    return done;
  }

  maxMemoryBytes(namespace: number): number {
    return this.tally.get(namespace, counter.maxMemoryBytes);
  }

  lacksRoom(namespace: number, key: Uint8Array, hash: number, sizeBytes: number): boolean {
    const before = this.index.find(hash, namespace, key);
    const beforeBytes = before === nothing ? 0 : this.records.charge(before);
    const lacks = this.tally.lacksRoom(namespace, before === nothing ? 1 : 0, sizeBytes - beforeBytes);
    return lacks || this.#compaction.lacksPages(sizeBytes);
  }

  /** A live record; one that is dead is removed on the way. */
  #find(namespace: number, key: Uint8Array, hash: number): number {
    const ref = this.index.find(hash, namespace, key);
    if (ref === nothing || !this.#isDead(ref)) return ref;
    this.#removeDead(ref);
    return nothing;
  }

  #isExpired(ref: number): boolean {
    const deadlineMs = this.records.deadlineMs(ref);
    return deadlineMs !== noDeadline && deadlineMs <= this.#clock.nowMs();
  }

  #isDead(ref: number): boolean {
    return (this.purges.count > 0 && this.purges.covers(ref)) || this.#isExpired(ref);
  }

  /** Removes a record that is purged, silently, or expired, which is a change. */
  #removeDead(ref: number): void {
    const namespace = this.records.namespace(ref);
    const isPurged = this.purges.count > 0 && this.purges.covers(ref);
    const deadlineMs = this.records.deadlineMs(ref);
    if (!isPurged) this.#changed(typeNumber.expire, ref);
    this.#remove(namespace, ref);
    this.tally.count(namespace, isPurged ? counter.purged : counter.expirations);
    if (!isPurged) this.tally.set(namespace, counter.expiryLagMs, this.#clock.nowMs() - deadlineMs);
  }

  /** Numbers a put, tells its record, and writes it down. */
  #numberPut(ref: number, value: Uint8Array, replaced: EntryView | undefined): number {
    if (this.#log) return this.#log.appendPut(this.records, ref, value, replaced);
    const revision = this.#revisions.next();
    this.records.setRevision(ref, revision);
    return revision;
  }

  /** Numbers any other change of a record, and writes it down: after a touch, before a removal. */
  #changed(type: number, ref: number, limit = 0): number {
    return this.#log ? this.#log.append(type, this.records, ref, limit) : this.#revisions.next();
  }

  #holds(condition: Condition, ref: number): boolean {
    if (condition.ifAbsent) return ref === nothing;
    if (condition.ifPresent) return ref !== nothing;
    if (condition.ifRevision !== undefined) {
      return ref !== nothing && this.records.revision(ref) === condition.ifRevision;
    }
    return true;
  }

  #insert(namespace: number, hash: number, content: Content, deadlineMs: number): number {
    this.#evictFor(namespace, 1, chargeOf(content));
    const ref = this.#write(namespace, hash, content, deadlineMs);
    this.policies[namespace]!.inserted(ref);
    return ref;
  }

  /** Gives a record new content, perhaps elsewhere. Its place in the order of eviction becomes that of one just used. */
  #replace(namespace: number, hash: number, ref: number, content: Content, deadlineMs: number): number {
    const {records} = this;
    const policy = this.policies[namespace]!;
    policy.used(ref);
    const segment = records.segment(ref);
    const bytes = contentBytes(content);
    const fitsInPlace =
      !isLarge(bytes) && !records.isLarge(ref) && this.slots.classOfSlot(ref) === classOfRecord(bytes);
    if (fitsInPlace) {
      records.refill(ref, content.contentType, content.value);
      this.#changeDeadline(ref, deadlineMs);
      return ref;
    }
    // While others make room for it, the record is not among those that may go.
    policy.removed(ref);
    this.#evictFor(namespace, 0, chargeOf(content) - records.charge(ref));
    this.#erase(namespace, ref);
    const written = this.#write(namespace, hash, content, deadlineMs);
    policy.returned(written, segment);
    return written;
  }

  /** Takes and fills slots, and enters the record everywhere but in the order of eviction. Its revision is for the caller to set. */
  #write(namespace: number, hash: number, content: Content, deadlineMs: number): number {
    const {records} = this;
    const bytes = contentBytes(content);
    this.#compaction.ensureSlots(bytes);
    const ref = this.slots.take(classOfRecord(bytes));
    assert(ref !== nothing, 'ensureSlots has made sure of a slot');
    records.fill(ref, namespace, content.key, content.contentType, content.value);
    records.set(ref, field.hash, hash);
    records.set(ref, field.high, 0);
    records.set(ref, field.revisionLow, 0);
    records.setDeadline(ref, deadlineMs);
    this.index.insert(ref);
    this.wheel.add(ref);
    this.tally.add(namespace, counter.entries, 1);
    this.tally.add(namespace, counter.memoryBytes, records.charge(ref));
    return ref;
  }

  #remove(namespace: number, ref: number): void {
    this.policies[namespace]!.removed(ref);
    this.#erase(namespace, ref);
  }

  /** Undoes #write. */
  #erase(namespace: number, ref: number): void {
    this.index.remove(ref);
    this.wheel.remove(ref);
    this.tally.add(namespace, counter.entries, -1);
    this.tally.add(namespace, counter.memoryBytes, -this.records.charge(ref));
    this.records.free(ref);
  }

  #setDeadline(namespace: number, ref: number, deadlineMs: number): void {
    this.#changeDeadline(ref, deadlineMs);
    this.#changed(typeNumber.touch, ref);
    this.tally.count(namespace, counter.touches);
  }

  #changeDeadline(ref: number, deadlineMs: number): void {
    if (this.records.deadlineMs(ref) === deadlineMs) return;
    this.wheel.remove(ref);
    this.records.setDeadline(ref, deadlineMs);
    this.wheel.add(ref);
  }

  #makeRoom(namespace: number, need: {entries: number; bytes: number}, sizeBytes: number, stepsMost: number): boolean {
    let left = stepsMost;
    while (this.tally.lacksRoom(namespace, need.entries, need.bytes)) {
      if (left-- <= 0) return false;
      if (!this.#evictOne(namespace, need.entries, need.bytes)) break;
    }
    while (this.#compaction.lacksPages(sizeBytes)) {
      if (left <= 0) return false;
      left -= this.#compaction.freePage();
    }
    return true;
  }

  #evictFor(namespace: number, entries: number, bytes: number): void {
    while (this.tally.lacksRoom(namespace, entries, bytes)) {
      const evicted = this.#evictOne(namespace, entries, bytes);
      assert(evicted, 'an entry that can fit at all fits into an empty namespace');
    }
  }

  /** For what needs so many entries and bytes more; false where there is nothing to evict. */
  #evictOne(namespace: number, entries: number, bytes: number): boolean {
    const ref = this.policies[namespace]!.victim(bytes);
    if (ref === nothing) return false;
    if (this.#isDead(ref)) {
      this.#removeDead(ref);
      return true;
    }
    const tooMany = this.tally.lacksEntries(namespace, entries);
    this.#changed(typeNumber.evict, ref, tooMany ? limitNumber.entries : limitNumber.memory);
    this.#remove(namespace, ref);
    this.tally.count(namespace, tooMany ? counter.evictionsEntries : counter.evictionsMemory);
    return true;
  }

  /** Frees what is dead in the bucket that the walk has come to, and moves on. */
  #walkForPurges(steps: {left: number}): void {
    const {position} = this.purges;
    let ref = this.index.firstAt(position);
    while (ref !== nothing) {
      const next = this.records.get(ref, field.chain);
      if (this.#isDead(ref)) this.#removeDead(ref);
      steps.left--;
      ref = next;
    }
    steps.left--;
    this.purges.walked(this.index.rangeEnd(position));
  }
}
