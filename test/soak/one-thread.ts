/** A small cache over wire, put together by hand. */
import {systemClock} from '../../src/base/index.js';
import {Cache} from '../../src/cache/index.js';
import {createRpc} from '../../src/rpc/index.js';
import {startHousekeeping} from '../../src/server/housekeeping.js';
import {createWireServer} from '../../src/wire/index.js';
import {image} from '../helpers/test-server.js';
import type {Soaked} from './soaked.js';

const mib = 2 ** 20;

export async function serveOneThread(): Promise<Soaked> {
  const cache = new Cache({
    clock: systemClock,
    maxKeyBytes: 1024,
    maxValueBytes: mib,
    // Small enough that entries are evicted, and the history passes who stalls.
    historyBytes: 4 * mib,
    namespaces: [{name: 'default', maxEntries: 10_000, maxMemoryBytes: 16 * mib, ttlJitter: 0}],
  });
  const {methods} = createRpc({backend: cache, image, version: 'soak'});
  const faults: string[] = [];
  const server = createWireServer({
    methods,
    maxReceiveBytes: 2 * mib,
    logFault: fault => void faults.push(String(fault)),
  });
  const port = await server.listen('127.0.0.1', 0);
  startHousekeeping(cache);
  return {
    address: `127.0.0.1:${port}`,
    state() {
      const {rss, heapUsed} = process.memoryUsage();
      const {user, system} = process.cpuUsage();
      const {total, watch} = cache.stats();
      const counters = server.counters();
      return {
        rssBytes: rss,
        heapBytes: heapUsed,
        cpuMs: (user + system) / 1000,
        connections: counters.connections,
        watchers: Number(watch?.watchers ?? 0),
        entries: Number(total.entries),
        evictions: Number(total.evictionsEntries) + Number(total.evictionsMemory),
        expirations: Number(total.expirations),
        faults: Object.fromEntries(counters.faults),
      };
    },
    check() {
      cache.check();
      return faults;
    },
  };
}
