/** The store room: entries, their order of eviction, their deadlines. One store serves all namespaces. */

export type {ChangeLog} from './change-log.js';
export {ChangeReader, type Met} from './change-reader.js';
export {type Change, type ChangeType, type EvictionLimit, type LoggedEntry, typeNumber} from './change-record.js';
export {charge} from './layout.js';
export {attachStore, checkStore, createStore, handleOf, type StoreHandle} from './off-heap-store.js';
export {
  type Condition,
  type DeleteOptions,
  type DeleteResult,
  type EntryView,
  type NamespaceId,
  type NamespaceLimits,
  noDeadline,
  type PolicyName,
  type PutOptions,
  type PutResult,
  policyNames,
  type ReadOptions,
  type ScanCursor,
  type Share,
  type Store,
  type StoreOperations,
  type StoreOptions,
  type StoreStats,
  type TouchOptions,
  type TouchResult,
} from './types.js';
