/**
 * What several threads cost and bring: this server with `--threads 2` against
 * `--threads 1`, on its own transport.
 *
 * Nothing is pinned, since two threads want both cores and the load wants its share of
 * them too. So calls are compared by the server's CPU; only the batches, which are light
 * for the load, can show what two cores bring in keys a second. The load is one that
 * waits for its turn (lib/pin.ts): with three busy threads on two cores it would otherwise
 * interrupt two threads, and never one that has a core for itself.
 */
import {type Called, type CallRuns, callsTable, costOf, measureCalls, warmUp} from './lib/calls.js';
import {needH2load, runH2load} from './lib/h2load.js';
import {fillByLoad, runLoad} from './lib/load.js';
import {sharing} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import {krusty, type StartedSubject, type Subject, startSubjects} from './lib/subjects.js';
import {startLoad} from './watch/load.js';

const valueBytes = 100;
const coldRuns = 2;
const keys = 100_000;
const batch = 100;

const one = withThreads(1);
const two = withThreads(2);
const subjects = [one, two];

function withThreads(count: number): Subject {
  const args = ['--transport', 'wire', '--threads', String(count)];
  return krusty(count === 1 ? 'one thread' : `${count} threads`, args);
}

interface Load {
  name: string;
  /** What of one thread's calls for its CPU is to be left with two. */
  costLeast?: number;
  /** How many times one thread's keys a second two are to bring. */
  rateLeast?: number;
  run(server: StartedSubject, calls: number, before: string[]): Promise<Called>;
}

const loads: readonly Load[] = [
  {
    name: 'mixed calls, 20 × 20',
    costLeast: 0.9,
    run: (server, calls, before) => byLoad(server, calls, before, {calls: 'mixed', keys, metadata: true}),
  },
  {
    name: 'nine Gets to a Put of one key, 20 × 20',
    costLeast: 0.75,
    run: (server, calls, before) => byLoad(server, calls, before, {calls: 'reads', keys: 1}),
  },
  {name: `BatchGet of ${batch}, 50 × 1`, rateLeast: 1.4, run: batches},
];

export async function threads(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const runSeconds = options.quick ? 0.5 : 2;
  await needH2load();
  const pins = await sharing();
  const data: CallRuns = {};
  const {servers, stop} = await startSubjects(subjects, pins);
  let wakes: Map<string, number[]>;
  try {
    for (const {address} of servers.values()) await fillByLoad({address, keys, valueBytes});
    for (const {name, run} of loads) {
      console.log(`${name} …`);
      const calls = new Map<string, number>();
      for (const [subject, server] of servers) {
        calls.set(subject, await warmUp(2000, runSeconds, count => run(server, count, pins.load)));
      }
      const measure = (subject: string) => {
        const server = servers.get(subject)!;
        const count = calls.get(subject)!;
        return measureCalls(server, count, () => run(server, count, pins.load));
      };
      // Each thread compiles for itself, and has but a part of the calls.
      await interleave([...calls.keys()], coldRuns, measure);
      data[name] = await interleave([...calls.keys()], runs, measure);
    }
    console.log('a change to watchers …');
    wakes = await interleave([...servers.keys()], options.quick ? 1 : 3, subject =>
      wakeUs(servers.get(subject)!, options),
    );
  } finally {
    await stop();
  }
  return {
    name: 'threads',
    about:
      `Values of ${valueBytes} bytes, ${round(keys)} keys where nothing else is said; ${pins.note}; load and server share the cores; ` +
      `${runs} runs of about ${runSeconds} s each, interleaved; medians, with the spread between the runs in brackets.`,
    tables: [callsTable('Calls, at saturation', data), wakeTable(wakes)],
    bars: [...loads.flatMap(load => bars(load, data[load.name]!)), wakeBar(wakes)],
    data: {
      ...Object.fromEntries(Object.entries(data).map(([load, by]) => [load, Object.fromEntries(by)])),
      wakes: [...wakes],
    },
  };
}

async function byLoad(
  {address}: StartedSubject,
  count: number,
  before: string[],
  load: {calls: 'mixed' | 'reads'; keys: number; metadata?: boolean},
): Promise<Called> {
  const {seconds, lookups} = await runLoad({
    address,
    connections: 20,
    streams: 20,
    valueBytes,
    ...load,
    count,
    before,
  });
  return {callsPerSecond: count / seconds, lookups};
}

async function batches({address}: StartedSubject, calls: number, before: string[]): Promise<Called> {
  const shape = {connections: 50, streams: 1};
  const method = 'krusty.cache.v1.CacheService/BatchGet';
  const run = await runH2load({address, method, message: batchMessage(), shape, calls, before});
  return {callsPerSecond: run.callsPerSecond, lookups: calls * batch};
}

/** BatchGetRequest{requests}: keys from all over, each as the load writes them. */
function batchMessage(): Uint8Array {
  const requests = Array.from({length: batch}, (_, index) => {
    const key = Buffer.from(`key-${String((index * keys) / batch).padStart(12, '0')}`);
    return Buffer.concat([Buffer.from([0x0a, key.length + 2, 0x0a, key.length]), key]);
  });
  return Buffer.concat(requests);
}

/** So many, each on a connection of its own, that some are on another thread than the writer, and so few that their clients leave the cores idle. */
const watchers = 4;

/** How long a change takes to its watchers on an idle server: the 99th percentile, of the watcher for whom that is most. */
async function wakeUs({address}: StartedSubject, {quick}: BenchOptions): Promise<number> {
  const load = await startLoad('krusty', address, []);
  try {
    await load.open({watchers, connections: watchers, key: 'watched'});
    const pace = {key: 'watched', valueBytes, perSecond: 100};
    // At this pace the engine would take minutes to compile what the loads before have not used.
    await load.write({key: pace.key, valueBytes, puts: 10_000});
    await load.write({...pace, seconds: 1});
    const written = await load.write({...pace, seconds: quick ? 2 : 10, timed: true});
    return written.slowestP99Us!;
  } finally {
    await load.stop();
  }
}

function wakeTable(wakes: Map<string, number[]>): Table {
  return {
    title: `From the begin of a Put to its event, ${watchers} watchers on connections of their own, 100 puts a second`,
    head: ['server', 'p99 of the slowest watcher, µs'],
    rows: [...wakes].map(([server, runs]) => {
      const {median, spread} = summarize(runs);
      return [server, `${round(median)} (${percent(spread)})`];
    }),
  };
}

function bars({name, costLeast, rateLeast}: Load, runs: CallRuns[string]): Bar[] {
  const [single, double] = [runs.get(one.name)!, runs.get(two.name)!];
  const found: Bar[] = [];
  if (costLeast !== undefined) {
    const figure = costOf(single).median / costOf(double).median;
    found.push({
      name: `threads ${name}: calls a CPU second of two over one`,
      figure,
      target: costLeast,
      need: 'at least',
      unit: '×',
    });
  }
  if (rateLeast !== undefined) {
    const rate = (of: typeof single) => summarize(of.map(({callsPerSecond}) => callsPerSecond)).median;
    const figure = rate(double) / rate(single);
    found.push({
      name: `threads ${name}: keys a second of two over one`,
      figure,
      target: rateLeast,
      need: 'at least',
      unit: '×',
    });
  }
  return found;
}

function wakeBar(wakes: Map<string, number[]>): Bar {
  const figure = summarize(wakes.get(two.name)!).median / 1000;
  return {
    name: 'threads: p99 of a change to a watcher on another thread',
    figure,
    target: 2,
    need: 'at most',
    unit: 'ms',
  };
}
