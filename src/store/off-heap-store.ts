/**
 * The store: shards off the JavaScript heap, so that neither the garbage collector's
 * work nor any single operation grows with the number of entries, and several
 * threads can share them.
 *
 * A key's hash decides on its shard. One shard for one thread: then order of
 * eviction and limits are exact over the whole store, and nothing is locked. With
 * several threads each shard has its lock and its equal share of the limits.
 *
 * A fault inside an operation leaves the lock held on purpose: the shard may be half
 * changed, and whoever waits for it ends the process (lock.ts).
 */
import {randomBytes} from 'node:crypto';
import {assert, type Clock} from '../base/index.js';
import {ChangeLog, type ChangeLogBuffers, reserveChangeLog} from './change-log.js';
import {checkShard} from './check.js';
import {sumCounters} from './counters.js';
import {type HashKey, hashKey} from './hash.js';
import {reverseBits} from './hash-index.js';
import {charge, shardBytesMost} from './layout.js';
import {acquire, release} from './lock.js';
import {tooManyPurges} from './purges.js';
import {Revisions} from './revisions.js';
import {Scratch} from './scratch.js';
import {Shard} from './shard.js';
import {reserveShard, type ShardBuffers, type ShardMemory, viewShard} from './shard-memory.js';
import type {
  DeleteOptions,
  DeleteResult,
  EntryView,
  NamespaceId,
  NamespaceLimits,
  PutOptions,
  PutResult,
  ReadOptions,
  ScanCursor,
  Store,
  StoreOptions,
  StoreStats,
  TouchOptions,
  TouchResult,
} from './types.js';

/** A store as sent to another thread; attachStore makes a Store of it there. */
export interface StoreHandle {
  shards: ShardBuffers[];
  revisions: SharedArrayBuffer;
  changeLog?: ChangeLogBuffers;
  hashKey: HashKey;
  locked: boolean;
}

/** With so many threads, how many shards of at least which size. */
const shardsPerThread = 4;
const shardEntriesLeast = 4096;
const shardValuesLeast = 16;
/** The rest of what refs reach is for partly filled pages. */
const shardMemoryMost = shardBytesMost - 2 ** 30;

/** Reserves the memory of a store, and attaches this thread to it. */
export function createStore(options: StoreOptions): Store {
  const {clock, history, maxKeyBytes, threads = 1} = options;
  const locked = threads > 1;
  const shardCount = countShards(options);
  const limits = options.namespaces.map(namespace => shareOf(namespace, shardCount));
  const seed = randomBytes(8);
  const handle: StoreHandle = {
    shards: Array.from({length: shardCount}, () => reserveShard(limits, maxKeyBytes)),
    revisions: Revisions.reserve(),
    changeLog: history && reserveChangeLog({...history, maxKeyBytes, isShared: locked}),
    hashKey: [seed.readInt32LE(0), seed.readInt32LE(4)],
    locked,
  };
  const store = new OffHeapStore(handle, clock);
  store.initialize(limits);
  return store;
}

/** A store that another thread has made, for several. */
export function attachStore(handle: StoreHandle, clock: Clock): Store {
  assert(handle.locked, 'a store that was made for one thread is for no other: nothing in it is locked');
  return new OffHeapStore(handle, clock);
}

function countShards({namespaces, threads = 1, maxKeyBytes, maxValueBytes}: StoreOptions): number {
  const entries = namespaces.reduce((sum, each) => sum + each.maxEntries, 0);
  const memoryBytes = namespaces.reduce((sum, each) => sum + each.maxMemoryBytes, 0);
  // Refs reach so far; a larger cache needs more shards even for one thread.
  let shards = 1;
  while (memoryBytes / shards > shardMemoryMost) shards *= 2;
  if (threads === 1) return shards;
  const largestBytes = charge(maxKeyBytes, maxValueBytes);
  const fits = (count: number) =>
    entries / count >= shardEntriesLeast &&
    memoryBytes / count >= shardValuesLeast * maxValueBytes &&
    namespaces.every(each => each.maxMemoryBytes / count >= Math.min(largestBytes, each.maxMemoryBytes));
  while (shards * 2 <= shardsPerThread * threads && fits(shards * 2)) shards *= 2;
  return shards;
}

/** The shares add up to no more than the limit, and a share is at least one entry. */
function shareOf({maxEntries, maxMemoryBytes, policy}: NamespaceLimits, shards: number): NamespaceLimits {
  return {
    maxEntries: Math.max(1, Math.floor(maxEntries / shards)),
    maxMemoryBytes: Math.floor(maxMemoryBytes / shards),
    policy,
  };
}

class OffHeapStore implements Store {
  readonly handle: StoreHandle;
  readonly changeLog?: ChangeLog;
  readonly #memory: readonly ShardMemory[];
  readonly #shards: readonly Shard[];
  readonly #revisions: Revisions;
  readonly #hashKey: HashKey;
  readonly #locked: boolean;
  readonly #shardShift: number;

  constructor(handle: StoreHandle, clock: Clock) {
    this.handle = handle;
    this.#hashKey = handle.hashKey;
    this.#locked = handle.locked;
    this.#revisions = new Revisions(handle.revisions, clock, handle.locked);
    this.#memory = handle.shards.map(viewShard);
    const scratch = new Scratch();
    const revisions = this.#revisions;
    if (handle.changeLog) this.changeLog = new ChangeLog(handle.changeLog, revisions, clock);
    const log = this.changeLog;
    this.#shards = this.#memory.map(memory => new Shard(memory, {clock, revisions, log, scratch}));
    // The index takes the low bits of the hash, so the shard is chosen by the high ones.
    this.#shardShift = 32 - Math.log2(this.#shards.length);
  }

  initialize(limits: readonly NamespaceLimits[]): void {
    for (const shard of this.#shards) shard.initialize(limits);
  }

  get lastRevision(): number {
    return this.#revisions.last;
  }

  get(namespace: NamespaceId, key: Uint8Array, options: ReadOptions): EntryView | undefined {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const result = this.#shards[shard]!.get(namespace, key, hash, options);
    this.#leave(shard);
    return result;
  }

  put(namespace: NamespaceId, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const result = this.#shards[shard]!.put(namespace, key, hash, value, options);
    this.#leave(shard);
    return result;
  }

  delete(namespace: NamespaceId, key: Uint8Array, options: DeleteOptions): DeleteResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const result = this.#shards[shard]!.delete(namespace, key, hash, options);
    this.#leave(shard);
    return result;
  }

  touch(namespace: NamespaceId, key: Uint8Array, options: TouchOptions): TouchResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const result = this.#shards[shard]!.touch(namespace, key, hash, options);
    this.#leave(shard);
    return result;
  }

  scan(
    namespace: NamespaceId,
    prefix: Uint8Array,
    cursor: ScanCursor,
    options: {metadataOnly: boolean},
  ): EntryView | undefined {
    while (cursor.recordsLeft > 0 && !cursor.done) {
      const shard = Math.floor(cursor.position / shardRange);
      if (shard >= this.#shards.length) {
        cursor.done = true;
        break;
      }
      const base = shard * shardRange;
      cursor.position -= base;
      this.#lock(shard);
      const view = this.#shards[shard]!.scan(namespace, prefix, cursor, options);
      this.#leave(shard);
      cursor.position += base;
      if (view) return view;
    }
    return undefined;
  }

  /**
   * The only operation that is inside several shards at a time, all of them, entered in
   * order: so it comes at the same place among the changes of each.
   */
  purge(namespace: NamespaceId, prefix: Uint8Array): number {
    for (let shard = 0; shard < this.#shards.length; shard++) this.#lock(shard);
    const hasRoom = this.#shards.every(({purges}) => purges.hasRoom(namespace, prefix));
    const revision = hasRoom ? this.#addPurge(namespace, prefix) : 0;
    for (let shard = 0; shard < this.#shards.length; shard++) this.#leave(shard);
    if (!hasRoom) throw tooManyPurges();
    return revision;
  }

  sweep(stepsMost: number): boolean {
    let done = true;
    for (let shard = 0; shard < this.#shards.length; shard++) {
      this.#lock(shard);
      if (!this.#shards[shard]!.sweep(stepsMost)) done = false;
      this.#leave(shard);
    }
    return done;
  }

  hashOf(namespace: NamespaceId, key: Uint8Array): number {
    return hashKey(namespace, key, this.#hashKey);
  }

  positionOf(hash: number): number {
    return this.#shardOf(hash) * shardRange + reverseBits(hash);
  }

  maxEntryBytes(namespace: NamespaceId): number {
    return this.#shards[0]!.maxMemoryBytes(namespace);
  }

  lacksRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number): boolean {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const lacks = this.#shards[shard]!.lacksRoom(namespace, key, hash, sizeBytes);
    this.#leave(shard);
    return lacks;
  }

  makeRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number, stepsMost: number): boolean {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(hash);
    const result = this.#shards[shard]!.makeRoom(namespace, key, hash, sizeBytes, stepsMost);
    this.#leave(shard);
    return result;
  }

  stats(namespace: NamespaceId): StoreStats {
    return sumCounters(
      this.#shards.map(shard => shard.counters),
      namespace,
    );
  }

  check(): void {
    for (let shard = 0; shard < this.#shards.length; shard++) {
      this.#lock(shard);
      checkShard(this.#shards[shard]!);
      this.#leave(shard);
    }
  }

  #addPurge(namespace: NamespaceId, prefix: Uint8Array): number {
    const revision = this.changeLog?.appendPurge(namespace, prefix) ?? this.#revisions.next();
    for (const {purges} of this.#shards) purges.add(namespace, prefix, revision);
    return revision;
  }

  #shardOf(hash: number): number {
    return this.#shards.length === 1 ? 0 : hash >>> this.#shardShift;
  }

  #enter(hash: number): number {
    const shard = this.#shardOf(hash);
    this.#lock(shard);
    return shard;
  }

  #lock(shard: number): void {
    if (this.#locked) acquire(this.#memory[shard]!.lock);
  }

  #leave(shard: number): void {
    if (this.#locked) release(this.#memory[shard]!.lock);
  }
}

/** A scan's position within a shard is from 0 to 2^32; the next shard's begins there. */
const shardRange = 2 ** 32;

export function handleOf(store: Store): StoreHandle {
  assert(store instanceof OffHeapStore, 'there is one kind of store');
  return store.handle;
}

/** Walks every invariant of the store; throws where one is broken. For tests: it takes as long as there are entries. */
export function checkStore(store: Store): void {
  assert(store instanceof OffHeapStore, 'there is one kind of store');
  store.check();
}
