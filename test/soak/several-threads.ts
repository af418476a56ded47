/** A small cache that several threads serve over wire, as users start it; what it is like is read from its metrics. */
import {createSystemClock} from '../../src/base/index.js';
import {Cache} from '../../src/cache/index.js';
import {cacheOptions} from '../../src/server/cache-options.js';
import {completeOptions} from '../../src/server/config.js';
import {reserveShared, startSupervised} from '../../src/server/supervisor.js';
import {type Metric, parseMetrics} from '../http/helpers/parse-metrics.js';
import type {Soaked, SoakState} from './soaked.js';

const mib = 2 ** 20;

export async function serveThreads(threads: number): Promise<Soaked> {
  const options = completeOptions({
    port: 0,
    transport: 'wire',
    threads,
    // Enough for several shards, and small enough that entries are evicted and the history passes who stalls.
    maxEntries: 4 * threads * 4200,
    maxMemoryBytes: 64 * mib,
    maxValueBytes: mib / 8,
    watchHistoryBytes: 4 * mib,
  });
  const faults = heardOnStderr();
  const memory = reserveShared(options);
  const served = await startSupervised(options, {memory});
  const address = `127.0.0.1:${served.port}`;
  return {
    address,
    state: async () => stateOf(parseMetrics(await (await fetch(`http://${address}/-/metrics`)).text())),
    async check() {
      await served.close();
      const cacheHere = cacheOptions(options, createSystemClock(memory.clock));
      new Cache(cacheHere, {handle: memory.cache, thread: 0}).check();
      return faults;
    },
  };
}

function stateOf(metrics: Map<string, Metric>): SoakState {
  const samplesOf = (name: string) => metrics.get(name)?.samples ?? [];
  const sum = (name: string) => samplesOf(name).reduce((total, {value}) => total + value, 0);
  return {
    rssBytes: sum('process_resident_memory_bytes'),
    heapBytes: sum('process_heap_bytes'),
    cpuMs: sum('process_cpu_seconds_total') * 1000,
    connections: sum('krusty_h2_connections'),
    watchers: sum('krusty_watchers'),
    entries: sum('krusty_entries'),
    evictions: sum('krusty_evictions_total'),
    expirations: sum('krusty_expirations_total'),
    faults: Object.fromEntries(
      samplesOf('krusty_h2_connection_faults_total').map(({labels, value}) => [JSON.stringify(labels), value]),
    ),
  };
}

/** Threads log their faults there. */
function heardOnStderr(): string[] {
  const heard: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text: string | Uint8Array) => {
    heard.push(String(text));
    return write(text);
  };
  return heard;
}
