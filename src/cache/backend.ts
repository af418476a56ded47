/**
 * The operations as `rpc` calls them: requests and answers in plain values, no
 * Protobuf. Revisions are integers below 2^53, times milliseconds, wall-clock times
 * since 1970. An empty namespace means `default`.
 *
 * An operation throws a CacheError for what the caller did wrong; a miss and a lost
 * condition are outcomes. The cache answers at once; a backend that has to ask
 * another machine may answer a promise.
 */
import type {CacheError} from '../base/index.js';
import type {PolicyName, StoreStats} from '../store/index.js';
import type {ExplainAnswer, Watcher, WatchRequest, WatchSink, WatchStats} from './watch-types.js';

export type Answer<T> = T | Promise<T>;

export interface Backend {
  get(request: GetRequest): Answer<GetAnswer>;
  put(request: PutRequest): Answer<PutAnswer>;
  delete(request: DeleteRequest): Answer<DeleteAnswer>;
  touch(request: TouchRequest): Answer<TouchAnswer>;
  increment(request: IncrementRequest): Answer<IncrementAnswer>;

  /**
   * As many results as requests, in their order; stops looking keys up where the answer would outgrow the budget.
   * Each is looked up when it is asked for, and its value is good only until the next is.
   */
  batchGet(requests: Batch<GetRequest>, maxResponseBytes: number): Answer<Iterable<BatchResult<GetAnswer>>>;
  batchPut(requests: Batch<PutRequest>): Answer<BatchResult<PutAnswer>[]>;
  batchDelete(requests: Batch<DeleteRequest>): Answer<BatchResult<DeleteAnswer>[]>;
  batchTouch(requests: Batch<TouchRequest>): Answer<BatchResult<TouchAnswer>[]>;

  list(request: ListRequest): Answer<ListAnswer>;
  purge(request: PurgeRequest): Answer<PurgeAnswer>;
  stats(): Answer<StatsAnswer>;

  /**
   * Begins a watch, whose messages go to the sink: `created` first, before this
   * returns or later. Throws for bad input before that.
   */
  watch(request: WatchRequest, sink: WatchSink): Watcher;
  explain(request: KeyRequest): Answer<ExplainAnswer>;
}

/** The requests of a batch; in place of one that could not even be read, why. */
export type Batch<R> = readonly (R | CacheError)[];

/** What came of one request of a batch. */
export type BatchResult<A> = A | CacheError;

/** Names one entry. */
export interface KeyRequest {
  key: string;
  namespace: string;
}

/** Until when an entry lives: at most one of the four. A `ttlMs` of 0 is the same as none. */
export interface Lifetime {
  ttlMs?: number;
  expireTimeMs?: number;
  keepTtl?: boolean;
  noExpiry?: boolean;
}

/**
 * An entry in an answer. Its value may be the store's own memory: it stays as it
 * is only until the next operation, unless the answer is one of several.
 */
export interface Entry {
  key: string;
  namespace: string;
  value: Uint8Array;
  /** There is a value, but it is left out. */
  valueOmitted: boolean;
  revision: number;
  contentType: string;
  /** Undefined if it never expires. */
  expireTimeMs?: number;
  sizeBytes: number;
}

export interface GetRequest extends KeyRequest {
  metadataOnly: boolean;
  peek: boolean;
  ifRevisionNot?: number;
  touchTtlMs?: number;
}

export interface GetAnswer {
  outcome: 'hit' | 'miss' | 'notModified' | 'overBudget';
  entry?: Entry;
}

export interface PutRequest extends KeyRequest, Lifetime {
  value: Uint8Array;
  ttlJitter?: number;
  ifAbsent: boolean;
  ifPresent: boolean;
  ifRevision?: number;
  returnPrevious: boolean;
  contentType: string;
}

export interface PutAnswer {
  outcome: 'stored' | 'notStored';
  /** Whether there was an entry under the key before. */
  existed: boolean;
  revision: number;
  previous?: Entry;
  expireTimeMs?: number;
}

export interface DeleteRequest extends KeyRequest {
  ifRevision?: number;
  returnPrevious: boolean;
}

export interface DeleteAnswer {
  outcome: 'deleted' | 'notFound' | 'notDeleted';
  revision: number;
  previous?: Entry;
}

export interface TouchRequest extends KeyRequest, Lifetime {
  onlyExtend: boolean;
  onlyShorten: boolean;
}

export interface TouchAnswer {
  outcome: 'touched' | 'notFound' | 'notTouched';
  expireTimeMs?: number;
}

export interface IncrementRequest extends KeyRequest, Lifetime {
  delta: bigint;
  initial: bigint;
}

export interface IncrementAnswer {
  value: bigint;
  revision: number;
  expireTimeMs?: number;
}

export interface ListRequest {
  prefix: string;
  namespace: string;
  /** 0 means the default. */
  pageSize: number;
  pageToken: string;
  /** 0 means the default. */
  maxResponseBytes: number;
  metadataOnly: boolean;
}

export interface ListAnswer {
  entries: Entry[];
  /** Empty on the last page. */
  nextPageToken: string;
}

export interface PurgeRequest {
  prefix: string;
  namespace: string;
  all: boolean;
}

export interface PurgeAnswer {
  revision: number;
}

export interface StatsAnswer {
  startTimeMs: number;
  revision: number;
  maxKeyBytes: number;
  maxValueBytes: number;
  total: CacheStats;
  namespaces: NamespaceStats[];
  /** Undefined where no history is kept. */
  watch?: WatchStats;
}

export interface NamespaceStats {
  name: string;
  stats: CacheStats;
  defaultTtlMs?: number;
  maxTtlMs?: number;
  policy: PolicyName;
}

/** What the store counts of a namespace, and what it is allowed. */
export interface CacheStats extends StoreStats {
  maxEntries: number;
  maxMemoryBytes: number;
}
