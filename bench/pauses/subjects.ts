/** The caches whose pauses are compared, each used as a server would use it, and a control that does nothing. */
import {LRUCache} from 'lru-cache';
import {limits, systemClock} from '../../src/base/index.js';
import {Cache} from '../../src/cache/index.js';
import {startHousekeeping} from '../../src/server/housekeeping.js';
import {charge} from '../../src/store/index.js';
import {keyBytes} from '../store/keys.js';

export const subjectNames = ['krusty', 'lru-cache', 'control'] as const;
export type SubjectName = (typeof subjectNames)[number];

export interface Subject {
  put(key: string, value: Buffer, ttlMs: number): void;
  get(key: string): void;
  /** How many entries it holds, and how many it gave up for others. */
  counts(): {entries: number; evicted: number; expired: number};
  stop(): void;
}

export const valueBytes = 100;

/** Both hold as much: the limit in bytes is what `entries` small ones take. */
export const subjects: Record<'krusty' | 'lru-cache', (entries: number) => Subject> = {
  krusty(entries) {
    const cache = new Cache({
      clock: systemClock,
      namespaces: [
        {
          name: 'default',
          maxEntries: limits.entriesDefault,
          maxMemoryBytes: entries * charge(keyBytes, valueBytes),
          ttlJitter: 0,
        },
      ],
      maxKeyBytes: limits.keyBytesDefault,
      maxValueBytes: limits.valueBytesDefault,
    });
    const stop = startHousekeeping(cache);
    return {
      put(key, value, ttlMs) {
        // A large put is spread over turns, and is not waited for; nothing here can refuse one.
        void cache.put({
          key,
          namespace: '',
          value,
          ttlMs,
          ifAbsent: false,
          ifPresent: false,
          returnPrevious: false,
          contentType: '',
        });
      },
      get: key => void cache.get({key, namespace: '', metadataOnly: false, peek: false}),
      counts() {
        const {entries, evictionsEntries, evictionsMemory, expirations} = cache.stats().total;
        return {entries, evicted: evictionsEntries + evictionsMemory, expired: expirations};
      },
      stop,
    };
  },
  'lru-cache'(entries) {
    let evicted = 0;
    let expired = 0;
    const cache = new LRUCache<string, Buffer>({
      maxSize: entries * (keyBytes + valueBytes),
      sizeCalculation: (value, key) => key.length + value.length,
      dispose(_value, _key, reason) {
        if (reason === 'evict') evicted++;
        if (reason === 'expire') expired++;
      },
    });
    return {
      put: (key, value, ttlMs) => void cache.set(key, Buffer.from(value), {ttl: ttlMs}),
      get: key => void cache.get(key),
      counts: () => ({entries: cache.size, evicted, expired}),
      stop() {},
    };
  },
};
