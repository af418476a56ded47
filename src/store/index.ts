/** The store room: entries, their order of eviction, their deadlines. One store serves all namespaces. */

export {charge} from './charge.js';
export {createHeapStore as createStore} from './heap-store.js';
export {
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
