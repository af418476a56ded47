/** The cache room: what each operation means, and which input it takes. */

export type {
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
  Lifetime,
  ListAnswer,
  ListRequest,
  NamespaceStats,
  PurgeAnswer,
  PurgeRequest,
  PutAnswer,
  PutRequest,
  StatsAnswer,
  TouchAnswer,
  TouchRequest,
} from './backend.js';
export {Cache} from './cache.js';
export {type CacheHandle, type CacheOptions, type CachePlace, reserveCache} from './cache-memory.js';
export type {NamespaceConfig} from './namespaces.js';
export {tokenBehind} from './resume-token.js';
export {sumWatchStats} from './stats.js';
export type {
  ExplainAnswer,
  GapReason,
  WatchEvent,
  Watcher,
  WatchMessage,
  WatchNews,
  WatchRequest,
  WatchSink,
  WatchStats,
  WatchTarget,
} from './watch-types.js';
