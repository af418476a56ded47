/**
 * What is compared: each takes bytes and gives bytes, and none hands out memory that
 * it or its caller may change: values are copied on the way in, and on the way out
 * into memory that is valid until the next call, as the store itself does it.
 */
import {LRUCache} from 'lru-cache';
import {systemClock} from '../../src/base/index.js';
import {charge, createStore, noDeadline} from '../../src/store/index.js';
import {keyBytes} from './keys.js';

export interface Subject {
  put(key: Buffer, value: Buffer): void;
  /** The value, valid until the next call. */
  get(key: Buffer): Uint8Array | undefined;
}

export interface Shape {
  entries: number;
  valueBytes: number;
  /** Every put has this TTL; undefined: none. */
  ttlMs?: number;
  /** How large a history of changes krusty keeps; undefined: none. */
  historyBytes?: number;
}

export const subjectNames = ['krusty', 'lru-cache', 'Map'] as const;
export type SubjectName = (typeof subjectNames)[number] | 'lru-cache of strings';

export const subjects: Record<SubjectName, (shape: Shape) => Subject> = {
  krusty({entries, valueBytes, ttlMs, historyBytes}) {
    const store = createStore({
      clock: systemClock,
      namespaces: [{maxEntries: entries, maxMemoryBytes: entries * charge(keyBytes, valueBytes)}],
      maxKeyBytes: 1024,
      maxValueBytes: 2 ** 20,
      history: historyBytes === undefined ? undefined : {bytes: historyBytes, keepsPrevious: false},
    });
    return {
      put(key, value) {
        const deadlineMs = ttlMs === undefined ? noDeadline : systemClock.nowMs() + ttlMs;
        store.put(0, key, value, {contentType: '', deadlineMs});
      },
      get: key => store.get(0, key, {peek: false, metadataOnly: false})?.value,
    };
  },
  'lru-cache'({entries, valueBytes, ttlMs}) {
    const cache = new LRUCache<string, Buffer>({max: entries, ttl: ttlMs});
    return keepingBuffers(cache, valueBytes);
  },
  /** Values kept as one-byte strings: quicker to make than Buffers, at the price of two conversions. */
  'lru-cache of strings'({entries, valueBytes, ttlMs}) {
    const cache = new LRUCache<string, string>({max: entries, ttl: ttlMs});
    const out = Buffer.alloc(valueBytes);
    return {
      put: (key, value) => void cache.set(key.toString('latin1'), value.toString('latin1')),
      get(key) {
        const value = cache.get(key.toString('latin1'));
        if (value === undefined) return undefined;
        out.write(value, 'latin1');
        return out;
      },
    };
  },
  Map: ({valueBytes}) => keepingBuffers(new Map<string, Buffer>(), valueBytes),
};

/** Buffer.from takes small values from a pool, which is the quickest way there is to copy one. */
function keepingBuffers(
  cache: {get(key: string): Buffer | undefined; set(key: string, value: Buffer): unknown},
  valueBytes: number,
): Subject {
  const out = Buffer.alloc(valueBytes);
  return {
    put: (key, value) => void cache.set(key.toString('latin1'), Buffer.from(value)),
    get(key) {
      const value = cache.get(key.toString('latin1'));
      if (value === undefined) return undefined;
      out.set(value);
      return out;
    },
  };
}
