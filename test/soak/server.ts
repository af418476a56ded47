/**
 * A small cache over wire, in a process of its own, that can be looked into: on each
 * line of standard input it says how it is, or whether its store is in order.
 *
 *   node dist/test/soak/server.js
 */
import {answerRequests} from '../../bench/lib/node-child.js';
import {systemClock} from '../../src/base/index.js';
import {Cache} from '../../src/cache/index.js';
import {createRpc} from '../../src/rpc/index.js';
import {startHousekeeping} from '../../src/server/housekeeping.js';
import {createWireServer} from '../../src/wire/index.js';
import {image} from '../helpers/test-server.js';

export type SoakRequest = 'address' | 'state' | 'check';

export interface SoakState {
  rssBytes: number;
  heapBytes: number;
  cpuMs: number;
  connections: number;
  watchers: number;
  entries: number;
  evictions: number;
  expirations: number;
  /** Connections that were cut off for what the client did, by what it was; there should be none. */
  faults: Record<string, number>;
}

const mib = 2 ** 20;

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

await answerRequests((request: SoakRequest) => {
  switch (request) {
    case 'address':
      return `127.0.0.1:${port}`;
    case 'state':
      return state();
    case 'check':
      cache.check();
      return faults;
  }
});
process.exit();

function state(): SoakState {
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
}
