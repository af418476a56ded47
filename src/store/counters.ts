/** The limits, sizes and counters of a namespace in one shard, in shared memory. */
import type {NamespaceLimits, StoreStats} from './types.js';

const names = [
  'maxEntries',
  'maxMemoryBytes',
  'entries',
  'memoryBytes',
  'hits',
  'misses',
  'puts',
  'deletes',
  'touches',
  'conditionsLost',
  'expirations',
  'evictionsEntries',
  'evictionsMemory',
  'purged',
  'expiryLagMs',
] as const satisfies (keyof StoreStats | keyof NamespaceLimits)[];

/** Where each number is, from a namespace's first. */
export const counter = Object.fromEntries(names.map((name, index) => [name, index])) as Record<
  (typeof names)[number],
  number
>;

export const countersPerNamespace = names.length;

/** The sum over shards; of the lag, the longest. */
export function sumCounters(shards: readonly Float64Array[], namespace: number): StoreStats {
  const stats = {} as StoreStats;
  for (const name of names) {
    const values = shards.map(counters => counters[namespace * countersPerNamespace + counter[name]]!);
    if (name === 'maxEntries' || name === 'maxMemoryBytes') continue;
    stats[name] = name === 'expiryLagMs' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  }
  return stats;
}
