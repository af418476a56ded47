/**
 * The store: shards off the JavaScript heap, so that neither the garbage collector's
 * work nor any single operation grows with the number of entries, and several
 * threads can share them.
 *
 * A key's hash decides on its shard (sharding.ts). One shard for one thread: then order
 * of eviction and limits are exact over the whole store, and nothing is locked. With
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
import {acquire, release} from './lock.js';
import {lookAhead, lookAheadLeast} from './look-ahead.js';
import {tooManyPurges} from './purges.js';
import {Revisions} from './revisions.js';
import {Scratch} from './scratch.js';
import {Shard} from './shard.js';
import {reserveShard, type ShardBuffers, type ShardMemory, viewShard} from './shard-memory.js';
import {shardsOf, shareOf} from './sharding.js';
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
  Share,
  Store,
  StoreOptions,
  StoreStats,
  TouchOptions,
  TouchResult,
} from './types.js';

/** A store as sent to another thread; attachStore makes a Store of it there. */
export interface StoreHandle {
  shards: ShardBuffers[];
  /** In how many of them each namespace is. */
  shardCounts: number[];
  revisions: SharedArrayBuffer;
  changeLog?: ChangeLogBuffers;
  hashKey: HashKey;
  locked: boolean;
}

/** Reserves the memory of a store, and attaches this thread to it. */
export function createStore(options: StoreOptions): Store {
  const {clock, history, maxKeyBytes, namespaces, threads = 1} = options;
  const locked = threads > 1;
  const shardCounts = shardsOf(options);
  const limits = Array.from({length: Math.max(...shardCounts)}, (_, shard) =>
    namespaces.map((namespace, id) => shareOf(namespace, shardCounts[id]!, shard)),
  );
  const seed = randomBytes(8);
  const handle: StoreHandle = {
    shards: limits.map(ofShard => reserveShard(ofShard, maxKeyBytes)),
    shardCounts,
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

const whole: Share = {thread: 0, threads: 1};

class OffHeapStore implements Store {
  readonly handle: StoreHandle;
  readonly changeLog?: ChangeLog;
  readonly #memory: readonly ShardMemory[];
  readonly #shards: readonly Shard[];
  readonly #revisions: Revisions;
  readonly #hashKey: HashKey;
  readonly #locked: boolean;
  readonly #shardCounts: readonly number[];
  /** Of each namespace, by how much the high 31 bits of a hash are shifted. */
  readonly #shardShifts: readonly number[];

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
    this.#shardCounts = handle.shardCounts;
    this.#shardShifts = handle.shardCounts.map(count => 31 - Math.log2(count));
  }

  initialize(limits: readonly NamespaceLimits[][]): void {
    for (const [shard, ofShard] of limits.entries()) this.#shards[shard]!.initialize(ofShard);
  }

  get lastRevision(): number {
    return this.#revisions.last;
  }

  get(namespace: NamespaceId, key: Uint8Array, options: ReadOptions): EntryView | undefined {
    const hash = options.hash ?? hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
    const result = this.#shards[shard]!.get(namespace, key, hash, options);
    this.#leave(shard);
    return result;
  }

  put(namespace: NamespaceId, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
    const result = this.#shards[shard]!.put(namespace, key, hash, value, options);
    this.#leave(shard);
    return result;
  }

  delete(namespace: NamespaceId, key: Uint8Array, options: DeleteOptions): DeleteResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
    const result = this.#shards[shard]!.delete(namespace, key, hash, options);
    this.#leave(shard);
    return result;
  }

  touch(namespace: NamespaceId, key: Uint8Array, options: TouchOptions): TouchResult {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
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
      if (shard >= this.#shardCounts[namespace]!) {
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
   * The only operation that is inside several shards at a time, all of the namespace's,
   * entered in order: so it comes at the same place among the changes of each.
   */
  purge(namespace: NamespaceId, prefix: Uint8Array): number {
    const count = this.#shardCounts[namespace]!;
    for (let shard = 0; shard < count; shard++) this.#lock(shard);
    const shards = this.#shards.slice(0, count);
    const hasRoom = shards.every(({purges}) => purges.hasRoom(namespace, prefix));
    const revision = hasRoom ? this.#addPurge(shards, namespace, prefix) : 0;
    for (let shard = 0; shard < count; shard++) this.#leave(shard);
    if (!hasRoom) throw tooManyPurges();
    return revision;
  }

  sweep(stepsMost: number, {thread, threads}: Share = whole): boolean {
    let done = true;
    for (let shard = thread; shard < this.#shards.length; shard += threads) {
      this.#lock(shard);
      if (!this.#shards[shard]!.sweep(stepsMost)) done = false;
      this.#leave(shard);
    }
    return done;
  }

  lookAheadLeast(namespace: NamespaceId): number {
    return lookAheadLeast * this.#shardCounts[namespace]!;
  }

  lookAhead(namespace: NamespaceId, hashes: Int32Array): void {
    lookAhead(this.#shards, hashes, hash => this.#shardOf(namespace, hash));
  }

  hashOf(namespace: NamespaceId, key: Uint8Array): number {
    return hashKey(namespace, key, this.#hashKey);
  }

  positionOf(namespace: NamespaceId, hash: number): number {
    return this.#shardOf(namespace, hash) * shardRange + reverseBits(hash);
  }

  maxEntryBytes(namespace: NamespaceId): number {
    // The last share is the least.
    return this.#shards[this.#shardCounts[namespace]! - 1]!.maxMemoryBytes(namespace);
  }

  lacksRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number): boolean {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
    const lacks = this.#shards[shard]!.lacksRoom(namespace, key, hash, sizeBytes);
    this.#leave(shard);
    return lacks;
  }

  makeRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number, stepsMost: number): boolean {
    const hash = hashKey(namespace, key, this.#hashKey);
    const shard = this.#enter(namespace, hash);
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

  #addPurge(shards: readonly Shard[], namespace: NamespaceId, prefix: Uint8Array): number {
    const revision = this.changeLog?.appendPurge(namespace, prefix) ?? this.#revisions.next();
    for (const {purges} of shards) purges.add(namespace, prefix, revision);
    return revision;
  }

  #shardOf(namespace: NamespaceId, hash: number): number {
    return (hash >>> 1) >>> this.#shardShifts[namespace]!;
  }

  #enter(namespace: NamespaceId, hash: number): number {
    const shard = this.#shardOf(namespace, hash);
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
