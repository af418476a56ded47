/**
 * The operations over the store of this process. Each checks its request whole
 * before it changes anything, and answers at once, but for a put that has much room
 * to make.
 */
import {CacheError, limits} from '../base/index.js';
import {
  type Change,
  charge,
  checkStore,
  type EntryView,
  type PutOptions,
  type PutResult,
  type ScanCursor,
  type Share,
  type Store,
} from '../store/index.js';
import type {
  Answer,
  Backend,
  Batch,
  BatchResult,
  CacheStats,
  DeleteAnswer,
  DeleteRequest,
  Entry,
  GetAnswer,
  GetRequest,
  IncrementAnswer,
  IncrementRequest,
  KeyRequest,
  ListAnswer,
  ListRequest,
  PurgeAnswer,
  PurgeRequest,
  PutAnswer,
  PutRequest,
  StatsAnswer,
  TouchAnswer,
  TouchRequest,
} from './backend.js';
import {doBatch, getBatch, hashesAhead, sizeOfEntry, withoutValue} from './batch.js';
import {type CacheMemory, type CacheOptions, type CachePlace, openMemory} from './cache-memory.js';
import {lastChange} from './explain.js';
import {addNumbers, formatNumber, parseNumber} from './increment.js';
import {Lifetimes} from './lifetimes.js';
import {makeRoomInSlices} from './make-room.js';
import {type Namespace, Namespaces} from './namespaces.js';
import {decodePageToken, encodePageToken} from './page-token.js';
import {type Schedule, soon} from './schedule.js';
import {sumStats} from './stats.js';
import {
  checkConditions,
  checkContentType,
  checkKey,
  checkPrefix,
  checkResponseBytes,
  checkRevision,
  checkValue,
  refuseTogether,
} from './validate.js';
import {WatchHub} from './watch-hub.js';
import {EventMaker, planOf} from './watch-plan.js';
import type {ExplainAnswer, Watcher, WatchRequest, WatchSink} from './watch-types.js';

export class Cache implements Backend {
  readonly #options: CacheOptions;
  readonly #store: Store;
  readonly #share: Share;
  readonly #namespaces: Namespaces;
  readonly #lifetimes: Lifetimes;
  /** Of this life of the cache, on all its threads. */
  readonly #startTimeMs: number;
  readonly #schedule: Schedule;
  /** Undefined where no history is kept. */
  readonly #hub: WatchHub | undefined;

  /** With a place, as one of several threads; otherwise alone, on memory of its own. */
  constructor(options: CacheOptions, place?: CachePlace) {
    this.#options = options;
    const memory = openMemory(options, place);
    this.#store = memory.store;
    this.#share = memory.share;
    this.#namespaces = new Namespaces(options.namespaces);
    this.#lifetimes = new Lifetimes(options.clock, options.random ?? Math.random);
    this.#startTimeMs = memory.startTimeMs;
    this.#schedule = options.schedule ?? soon;
    this.#hub = this.#store.changeLog && this.#createHub(memory);
  }

  get(request: GetRequest): GetAnswer {
    return this.#get(request);
  }

  /** `hash` is the key's, if it is known. */
  #get(request: GetRequest, hash?: number): GetAnswer {
    const namespace = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes);
    const {metadataOnly, peek, ifRevisionNot, touchTtlMs} = request;
    checkRevision(ifRevisionNot, 'if_revision_not');
    if (peek && touchTtlMs !== undefined) refuseTogether('INVALID_OPTION', ['peek', 'touch_ttl']);
    const touchDeadlineMs = touchTtlMs === undefined ? undefined : this.#lifetimes.touchDeadline(touchTtlMs, namespace);
    const view = this.#store.get(namespace.id, key, {metadataOnly, peek, ifRevisionNot, touchDeadlineMs, hash});
    this.#hub?.changed();
    if (!view) return {outcome: 'miss'};
    const notModified = view.revision === ifRevisionNot;
    const entry = this.#entryOf(namespace, request.key, view, metadataOnly || notModified);
    return {outcome: notModified ? 'notModified' : 'hit', entry};
  }

  put(request: PutRequest): Answer<PutAnswer> {
    const namespace = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes);
    checkValue(request.value, this.#options.maxValueBytes);
    checkContentType(request.contentType);
    checkConditions(request);
    const sizeBytes = charge(key.length, request.value.length + request.contentType.length);
    this.#checkFits(namespace, sizeBytes);
    const deadlineMs = this.#lifetimes.deadlineOf(request, namespace);
    const store = (keyBytes: Uint8Array) => {
      const result = this.#store.put(namespace.id, keyBytes, request.value, storeOptions(request, deadlineMs));
      this.#hub?.changed();
      return result;
    };
    const answer = (result: PutResult): PutAnswer => ({
      outcome: result.stored ? 'stored' : 'notStored',
      existed: result.existed,
      revision: result.revision,
      previous: result.previous && this.#entryOf(namespace, request.key, result.previous, false),
      expireTimeMs: this.#lifetimes.expireTimeMs(result.deadlineMs),
    });
    if (!this.#needsSlices(namespace, key, sizeBytes, request)) return answer(store(key));
    const incoming = {namespace: namespace.id, key: key.slice(), sizeBytes};
    return makeRoomInSlices(this.#store, this.#options.clock, incoming).then(() => answer(store(incoming.key)));
  }

  delete(request: DeleteRequest): DeleteAnswer {
    const namespace = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes);
    checkRevision(request.ifRevision, 'if_revision');
    const {outcome, revision, previous} = this.#store.delete(namespace.id, key, {
      ifRevision: request.ifRevision,
      wantPrevious: request.returnPrevious,
    });
    this.#hub?.changed();
    return {
      outcome: outcome === 'conditionLost' ? 'notDeleted' : outcome,
      revision,
      previous: previous && this.#entryOf(namespace, request.key, previous, false),
    };
  }

  touch(request: TouchRequest): TouchAnswer {
    const namespace = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes);
    const {onlyExtend, onlyShorten} = request;
    if (onlyExtend && onlyShorten) refuseTogether('INVALID_OPTION', ['only_extend', 'only_shorten']);
    const {outcome, deadlineMs} = this.#store.touch(namespace.id, key, {
      deadlineMs: this.#lifetimes.deadlineOf(request, namespace),
      onlyExtend,
      onlyShorten,
    });
    this.#hub?.changed();
    return {
      outcome: outcome === 'conditionLost' ? 'notTouched' : outcome,
      expireTimeMs: this.#lifetimes.expireTimeMs(deadlineMs),
    };
  }

  increment(request: IncrementRequest): IncrementAnswer {
    const namespace = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes);
    const deadlineMs = this.#lifetimes.deadlineOf(request, namespace);
    const before = this.#store.get(namespace.id, key, {metadataOnly: false, peek: true, uncounted: true});
    this.#hub?.changed();
    const sum = addNumbers(before ? parseNumber(before.value) : request.initial, request.delta);
    const value = formatNumber(sum);
    const contentType = before?.contentType ?? '';
    this.#checkFits(namespace, charge(key.length, value.length + contentType.length));
    const result = this.#store.put(namespace.id, key, value, {
      ...(before ? {ifRevision: before.revision} : {ifAbsent: true}),
      contentType,
      deadlineMs,
      keepDeadline: true,
    });
    this.#hub?.changed();
    // Its deadline or another thread's change came between the read and the write.
    if (!result.stored) return this.increment(request);
    return {
      value: sum,
      revision: result.revision,
      expireTimeMs: this.#lifetimes.expireTimeMs(result.deadlineMs),
    };
  }

  batchGet(requests: Batch<GetRequest>, maxResponseBytes: number): Iterable<BatchResult<GetAnswer>> {
    return getBatch(requests, maxResponseBytes, {
      hashesOf: () => hashesAhead(requests, this.#namespaces, this.#store),
      get: (request, hash) => this.#get(request, hash),
    });
  }

  batchPut(requests: Batch<PutRequest>): Answer<BatchResult<PutAnswer>[]> {
    return doBatch(requests, request => this.put(request));
  }

  batchDelete(requests: Batch<DeleteRequest>): Answer<BatchResult<DeleteAnswer>[]> {
    return doBatch(requests, request => this.delete(request));
  }

  batchTouch(requests: Batch<TouchRequest>): Answer<BatchResult<TouchAnswer>[]> {
    return doBatch(requests, request => this.touch(request));
  }

  list(request: ListRequest): ListAnswer {
    const namespace = this.#namespaces.find(request.namespace);
    const prefix = checkPrefix(request.prefix, this.#options.maxKeyBytes);
    const budgetBytes = checkResponseBytes(request.maxResponseBytes);
    const pageSize = Math.min(request.pageSize || limits.pageSizeDefault, limits.pageSizeMost);
    const scope = {epoch: this.#startTimeMs, namespace: namespace.name, prefix: request.prefix};
    const cursor: ScanCursor = {
      ...decodePageToken(request.pageToken, scope),
      recordsLeft: limits.scanRecordsMost,
      done: false,
    };
    const entries = this.#scan(namespace, prefix, cursor, {...request, pageSize, budgetBytes});
    return {entries, nextPageToken: cursor.done ? '' : encodePageToken(cursor, scope)};
  }

  purge({prefix, namespace: name, all}: PurgeRequest): PurgeAnswer {
    const namespace = this.#namespaces.find(name);
    if (all && prefix !== '') refuseTogether('INVALID_OPTION', ['all', 'prefix']);
    if (!all && prefix === '') {
      throw CacheError.ofField('INVALID_OPTION', 'prefix', 'is empty; allowed: a prefix, or all: true for every entry');
    }
    const revision = this.#store.purge(namespace.id, checkPrefix(prefix, this.#options.maxKeyBytes));
    this.#hub?.changed();
    return {revision};
  }

  /** Throws where the store contradicts itself. For tests: it takes as long as there are entries. */
  check(): void {
    checkStore(this.#store);
  }

  stats(): StatsAnswer {
    const {maxKeyBytes, maxValueBytes} = this.#options;
    const namespaces = this.#namespaces.all.map(namespace => {
      const {id, name, defaultTtlMs, maxTtlMs, maxEntries, maxMemoryBytes, policy = 'lru'} = namespace;
      const stats: CacheStats = {...this.#store.stats(id), maxEntries, maxMemoryBytes};
      return {name, stats, defaultTtlMs, maxTtlMs, policy};
    });
    return {
      startTimeMs: this.#startTimeMs,
      revision: this.#store.lastRevision,
      maxKeyBytes,
      maxValueBytes,
      watch: this.#hub?.stats(),
      total: sumStats(namespaces.map(({stats}) => stats) as [CacheStats, ...CacheStats[]]),
      namespaces,
    };
  }

  /** Frees what is expired or purged in this thread's share, in so many steps at most; false if there is more to do. To be called again and again. */
  sweep(stepsMost: number): boolean {
    const isDone = this.#store.sweep(stepsMost, this.#share);
    this.#hub?.changed();
    return isDone;
  }

  watch(request: WatchRequest, sink: WatchSink): Watcher {
    const plan = planOf(request, this.#namespaces.find(request.namespace), this.#options.maxKeyBytes);
    return this.#hubOrRefuse().add(plan, request, sink);
  }

  async explain(request: KeyRequest): Promise<ExplainAnswer> {
    const {id} = this.#namespaces.find(request.namespace);
    const key = checkKey(request.key, this.#options.maxKeyBytes).slice();
    const hub = this.#hubOrRefuse();
    // First, since it removes an entry that has expired.
    const present = this.#store.get(id, key, {metadataOnly: true, peek: true, uncounted: true}) !== undefined;
    hub.changed();
    const sought = {namespace: id, key, hash: this.#store.hashOf(id, key)};
    const change = await lastChange(this.#store.changeLog!, sought, {
      clock: this.#options.clock,
      schedule: this.#schedule,
    });
    return {change: change && explained(change), historyStartMs: hub.historyStartMs, present};
  }

  /** What watchers need from time to time. To be called again and again. */
  tick(): void {
    this.#hub?.tick();
  }

  /** Ends all watches: the server is going away. */
  stopWatches(): void {
    this.#hub?.stop();
  }

  #createHub(memory: CacheMemory): WatchHub {
    return new WatchHub({
      ...memory,
      clock: this.#options.clock,
      schedule: this.#schedule,
      events: new EventMaker(deadlineMs => this.#lifetimes.expireTimeMs(deadlineMs)),
      entryOf: (key, view, {namespace, keysOnly}) => {
        const entry = this.#entryOf(namespace, Buffer.from(key).toString('utf8'), view, keysOnly);
        return {...entry, value: view.value.slice()};
      },
    });
  }

  #hubOrRefuse(): WatchHub {
    if (this.#hub) return this.#hub;
    throw new CacheError(
      'HISTORY_OFF',
      'this server keeps no history of changes; allowed where it is started with --watch-history above 0',
    );
  }

  #checkFits({id, name}: Namespace, sizeBytes: number): void {
    const mostBytes = this.#store.maxEntryBytes(id);
    if (sizeBytes <= mostBytes) return;
    throw CacheError.ofField(
      'VALUE_TOO_LARGE',
      'value',
      `the entry takes ${sizeBytes} bytes and can never fit; the namespace ${name} has ${mostBytes} for one`,
    );
  }

  /** Whether a put would evict so much that it must be spread over ticks. One whose condition is lost evicts nothing. */
  #needsSlices(namespace: Namespace, key: Uint8Array, sizeBytes: number, request: PutRequest): boolean {
    if (sizeBytes < limits.makeRoomBytesLeast || !this.#store.lacksRoom(namespace.id, key, sizeBytes)) return false;
    const {ifAbsent, ifPresent, ifRevision} = request;
    const stands = this.#store.get(namespace.id, key, {metadataOnly: true, peek: true, uncounted: true});
    if (!stands) return !ifPresent && ifRevision === undefined;
    return !ifAbsent && (ifRevision === undefined || stands.revision === ifRevision);
  }

  /** A page of entries; leaves the cursor behind the last of them. */
  #scan(
    namespace: Namespace,
    prefix: Uint8Array,
    cursor: ScanCursor,
    {metadataOnly, pageSize, budgetBytes}: {metadataOnly: boolean; pageSize: number; budgetBytes: number},
  ): Entry[] {
    const entries: Entry[] = [];
    let usedBytes = 0;
    while (entries.length < pageSize) {
      const {position, revision} = cursor;
      const view = this.#store.scan(namespace.id, prefix, cursor, {metadataOnly});
      if (!view) break;
      const key = Buffer.from(view.key).toString('utf8');
      const whole = this.#entryOf(namespace, key, view, metadataOnly);
      const entry = sizeOfEntry(whole) > budgetBytes ? withoutValue(whole) : {...whole, value: whole.value.slice()};
      usedBytes += sizeOfEntry(entry);
      if (usedBytes > budgetBytes && entries.length > 0) {
        Object.assign(cursor, {position, revision});
        break;
      }
      entries.push(entry);
    }
    return entries;
  }

  #entryOf(namespace: Namespace, key: string, view: EntryView, valueOmitted: boolean): Entry {
    return {
      key,
      namespace: namespace.name,
      value: view.value,
      valueOmitted,
      revision: view.revision,
      contentType: view.contentType,
      expireTimeMs: this.#lifetimes.expireTimeMs(view.deadlineMs),
      sizeBytes: view.sizeBytes,
    };
  }
}

function explained({type, revision, evictionLimit, key}: Change): ExplainAnswer['change'] {
  const purgePrefix = type === 'purge' ? Buffer.from(key).toString('utf8') : undefined;
  // A revision is made from the wall clock in microseconds.
  return {type, revision, changeTimeMs: revision / 1000, evictionLimit, purgePrefix};
}

/** Field by field: Node 20 takes a microsecond for an object made by spreading, and keeps it alive for long. */
function storeOptions(request: PutRequest, deadlineMs: number): PutOptions {
  return {
    ifAbsent: request.ifAbsent,
    ifPresent: request.ifPresent,
    ifRevision: request.ifRevision,
    contentType: request.contentType,
    deadlineMs,
    keepDeadline: request.keepTtl,
    wantPrevious: request.returnPrevious,
  };
}
