/**
 * The store's contract: what it keeps, and what each operation promises.
 *
 * Synchronous throughout, and told everything in its own terms: namespaces are
 * small integers, keys and values bytes, deadlines milliseconds of the injected
 * clock (rounded up to whole ones), revisions integers below 2^53. Whoever calls has validated the input.
 */

import type {Clock} from '../base/index.js';
import type {ChangeLog} from './change-log.js';

/** Each namespace's place in StoreOptions.namespaces; 0 is `default`. */
export type NamespaceId = number;

/** What a namespace gives up when it reaches a limit: what was not used for longest, or what is used least often of late. */
export const policyNames = ['lru', 'tiny-lfu'] as const;
export type PolicyName = (typeof policyNames)[number];

export interface NamespaceLimits {
  maxEntries: number;
  /** The most that the charges of the namespace's entries may sum to. */
  maxMemoryBytes: number;
  /** `lru` if unset. */
  policy?: PolicyName;
}

/** No entry expires at this deadline. */
export const noDeadline = Number.POSITIVE_INFINITY;

/**
 * An entry as it was at the moment of the call. The object and the bytes it shows
 * belong to the store, which may overwrite them at its next call: copy what must
 * live longer.
 */
export interface EntryView {
  /** Empty where the caller named it. */
  key: Uint8Array;
  /** Empty where the value was not asked for. */
  value: Uint8Array;
  revision: number;
  contentType: string;
  deadlineMs: number;
  /** charge() of the entry. */
  sizeBytes: number;
}

export interface ReadOptions {
  /** Do not count as a use. */
  peek: boolean;
  /** Leave the value out. */
  metadataOnly: boolean;
  /** Leave the value out if the entry's revision is this one. */
  ifRevisionNot?: number;
  /** On a hit, the entry's new deadline. */
  touchDeadlineMs?: number;
  /** Count neither a hit nor a miss: the read is part of another operation. */
  uncounted?: boolean;
  /** That of namespace and key, if it is known. */
  hash?: number;
}

/** At most one of the three; checked under the same lock as the change. */
export interface Condition {
  ifAbsent?: boolean;
  ifPresent?: boolean;
  ifRevision?: number;
}

export interface PutOptions extends Condition {
  contentType: string;
  deadlineMs: number;
  /** Keep the deadline of the entry that is replaced, if there is one. */
  keepDeadline?: boolean;
  /** Answer the entry as it was before. */
  wantPrevious?: boolean;
}

export interface PutResult {
  stored: boolean;
  /** Whether there was an entry under the key before. */
  existed: boolean;
  /** The revision now in force; 0 if there is no entry. */
  revision: number;
  /** The deadline now in force. */
  deadlineMs: number;
  previous?: EntryView;
}

export interface DeleteOptions {
  ifRevision?: number;
  wantPrevious?: boolean;
}

export interface DeleteResult {
  outcome: 'deleted' | 'notFound' | 'conditionLost';
  /** The removal's revision, or that of the entry that stands; 0 if there was none. */
  revision: number;
  previous?: EntryView;
}

export interface TouchOptions {
  deadlineMs: number;
  onlyExtend?: boolean;
  onlyShorten?: boolean;
}

export interface TouchResult {
  outcome: 'touched' | 'notFound' | 'conditionLost';
  /** The deadline now in force. */
  deadlineMs: number;
}

/** A position in a scan, moved on by each call. */
export interface ScanCursor {
  /** Where the next call begins; both 0 at the start. Opaque; lives over changes of the store. */
  position: number;
  revision: number;
  /** How many records the scan may still look at; counts down. */
  recordsLeft: number;
  /** True once every record has been looked at. */
  done: boolean;
}

/** Counters since the start, and sizes now, of one namespace. */
export interface StoreStats {
  entries: number;
  memoryBytes: number;
  hits: number;
  misses: number;
  puts: number;
  deletes: number;
  touches: number;
  conditionsLost: number;
  expirations: number;
  evictionsEntries: number;
  evictionsMemory: number;
  purged: number;
  /** How long past its deadline the entry that expired last was removed, in milliseconds. */
  expiryLagMs: number;
}

/** One of the threads between which work is divided. */
export interface Share {
  /** From 0. */
  thread: number;
  threads: number;
}

/** What can be done with entries. */
export interface StoreOperations {
  /** The entry under a key; undefined if there is none, or it has expired. Counted as a hit or a miss. */
  get(namespace: NamespaceId, key: Uint8Array, options: ReadOptions): EntryView | undefined;

  /**
   * Stores a copy of the value, if the condition holds. Where a limit is reached,
   * it first removes what the policy gives up; those removals have earlier
   * revisions. The caller has made sure that charge() of the entry is within
   * maxEntryBytes().
   */
  put(namespace: NamespaceId, key: Uint8Array, value: Uint8Array, options: PutOptions): PutResult;

  delete(namespace: NamespaceId, key: Uint8Array, options: DeleteOptions): DeleteResult;

  /** Changes an entry's deadline but not its revision. Counts as a use. */
  touch(namespace: NamespaceId, key: Uint8Array, options: TouchOptions): TouchResult;

  /**
   * The next entry whose key begins with the prefix; undefined when the cursor is
   * done or has no records left. An entry that is there throughout a scan is found
   * at least once.
   */
  scan(
    namespace: NamespaceId,
    prefix: Uint8Array,
    cursor: ScanCursor,
    options: {metadataOnly: boolean},
  ): EntryView | undefined;

  /**
   * Removes every entry under a prefix: at once for whoever asks, and from memory by
   * sweep(). One change, whose revision it answers. Throws TOO_MANY_PURGES.
   */
  purge(namespace: NamespaceId, prefix: Uint8Array): number;

  /**
   * Frees entries that are past their deadline or purged, in so many steps at most in
   * each shard, or of those that are a thread's share; false if there is more to do. To
   * be called again and again.
   */
  sweep(stepsMost: number, share?: Share): boolean;

  /** The most that an entry of the namespace may be charged: its memory limit, or the least share that a shard has of it. */
  maxEntryBytes(namespace: NamespaceId): number;

  /** Whether a put of an entry with this charge would have to evict others. */
  lacksRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number): boolean;

  /**
   * Does ahead of a put what it would have to do at once: evicts and compacts, in so
   * many steps at most; false if there is more to do. Counts as a use of what the put
   * will replace, which is not among those that go.
   */
  makeRoom(namespace: NamespaceId, key: Uint8Array, sizeBytes: number, stepsMost: number): boolean;

  stats(namespace: NamespaceId): StoreStats;

  /** The revision of the last change; 0 before the first. */
  readonly lastRevision: number;
}

export interface Store extends StoreOperations {
  /** What happened of late; undefined where that is not kept. */
  readonly changeLog?: ChangeLog;

  /** How many gets of a namespace at a time it pays to look ahead for. */
  lookAheadLeast(namespace: NamespaceId): number;

  /** Brings closer what gets of keys with these hashes will read, up to batchMost of them. Changes nothing. */
  lookAhead(namespace: NamespaceId, hashes: Int32Array): void;

  /** The hash of a key, as the change log has it. */
  hashOf(namespace: NamespaceId, key: Uint8Array): number;

  /** Where a scan meets the keys with this hash: see ScanCursor. */
  positionOf(namespace: NamespaceId, hash: number): number;
}

/** How many bytes of changes to keep, and whether a put's shows what it replaced. */
export interface HistoryOptions {
  bytes: number;
  keepsPrevious: boolean;
}

export interface StoreOptions {
  clock: Clock;
  /** At least `default`. */
  namespaces: readonly NamespaceLimits[];
  maxKeyBytes: number;
  maxValueBytes: number;
  /** Unset: no changes are kept. */
  history?: HistoryOptions;
  /** How many threads will share the store; 1 if unset. */
  threads?: number;
}
