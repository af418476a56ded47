/** Adds up the statistics of namespaces, and of the threads' watchers. */
import type {CacheStats} from './backend.js';
import type {WatchStats} from './watch-types.js';

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

/** Of all threads of a cache, given those of each: they have the history in common. There is at least one. */
export function sumWatchStats([first, ...others]: readonly [WatchStats, ...WatchStats[]]): WatchStats {
  const total = {...first};
  for (const stats of others) {
    for (const name of ['watchers', 'eventsDelivered', 'resyncs', 'cancels'] as const) total[name] += stats[name];
    for (const name of ['slowestLagRevisions', 'slowestLagBytes', 'historyStartMs', 'trims'] as const) {
      total[name] = Math.max(total[name], stats[name]);
    }
  }
  return total;
}
