/** Adds up the statistics of namespaces. */
import type {CacheStats} from './backend.js';

const none: CacheStats = {
  entries: 0,
  maxEntries: 0,
  memoryBytes: 0,
  maxMemoryBytes: 0,
  hits: 0,
  misses: 0,
  puts: 0,
  deletes: 0,
  touches: 0,
  conditionsLost: 0,
  expirations: 0,
  evictionsEntries: 0,
  evictionsMemory: 0,
  purged: 0,
  expiryLagMs: 0,
};

/** The sum of each figure; of the lag, the longest. */
export function sumStats(all: readonly CacheStats[]): CacheStats {
  const total = {...none};
  for (const stats of all) {
    for (const name of Object.keys(none) as (keyof CacheStats)[]) total[name] += stats[name];
  }
  return {...total, expiryLagMs: Math.max(...all.map(stats => stats.expiryLagMs))};
}
