/** Adds up the statistics of namespaces. */
import type {CacheStats} from './backend.js';

/** The sum of each figure; of the lag, the longest. There is at least one namespace. */
export function sumStats([first, ...others]: readonly [CacheStats, ...CacheStats[]]): CacheStats {
  const total = {...first};
  for (const stats of others) {
    for (const name of Object.keys(total) as (keyof CacheStats)[]) {
      total[name] = name === 'expiryLagMs' ? Math.max(total[name], stats[name]) : total[name] + stats[name];
    }
  }
  return total;
}
