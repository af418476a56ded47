/**
 * What a caller of small Gets feels of others who ask for much at once: answers of
 * 1 MiB, and a thousand calls in one moment.
 *
 * The small Gets have connections and a process of their own, which goes before the
 * others' on the load's core: so it is the server's fairness that is measured, not that
 * of the clients.
 */
import assert from 'node:assert/strict';
import {measureCpu} from './lib/cpu.js';
import {fillByLoad, type LatencyUs, type Pace, runPaced} from './lib/load.js';
import {startOwnServer} from './lib/own-server.js';
import {type Pinning, pinning} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import {countHits, grpcGo, grpcJs, startSubjects, tonic, wire} from './lib/subjects.js';

const small = {keys: 10_000, valueBytes: 100};
const smallConnections = 5;
const smallPerSecond = 2000;
const large = {from: 1_000_000, keys: 1024, valueBytes: 8192, batch: 128};
const slowerMost = 3;

interface Other {
  shape: {calls: 'get' | 'batch'; connections: number; streams: number; keys: number; valueBytes: number};
  pace: Pick<Pace, 'ratePerSecond' | 'burst'>;
}

const batches: Other = {
  shape: {calls: 'batch', connections: 4, streams: 4, ...large},
  pace: {ratePerSecond: 20},
};
const bursts: Other = {
  shape: {calls: 'get', connections: 10, streams: 100, ...small},
  pace: {ratePerSecond: 5000, burst: 1000},
};

const alone = 'nothing';
const both = 'both';
const besides: Readonly<Record<string, readonly Other[]>> = {
  [alone]: [],
  'BatchGets of 1 MiB, 20 a second': [batches],
  'bursts of 1,000 Gets, 5 a second': [bursts],
  [both]: [batches, bursts],
};

/** A server, which may know how long the turns of its event loop are. */
interface Server {
  address: string;
  pid: number;
  startTurns?(): Promise<void>;
  longestTurnMs?(): Promise<number>;
}

interface Run {
  latencyUs: LatencyUs;
  longestTurnMs?: number;
  cpuShare: number;
  othersShare: number;
}

/** By server, then by what there is beside. */
type Runs = Map<string, Map<string, Run[]>>;

export async function fairness(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const seconds = options.quick ? 1 : 2;
  const pins = await pinning();
  const {servers: others, missing, stop} = await startSubjects([grpcJs, grpcGo, tonic], pins);
  const own = await startOwnServer({transport: 'wire'}, pins.server, []);
  const servers: [string, Server][] = [[wire.name, own], ...others];
  const data: Runs = new Map();
  try {
    for (const [name, server] of servers) {
      console.log(`${name} …`);
      await fillByLoad({address: server.address, ...small});
      await fillByLoad({address: server.address, ...large});
      await measure(server, besides[both]!, seconds, pins);
      const run = (beside: string) => measure(server, besides[beside]!, seconds, pins);
      data.set(name, await interleave(Object.keys(besides), runs, run));
    }
  } finally {
    await own.stop();
    await stop();
  }
  return {
    name: 'fairness',
    about:
      `${round(smallPerSecond)} Gets of ${small.valueBytes} bytes a second over ${smallConnections} connections, each at its moment. ${pins.note}; ` +
      `${runs} runs of ${seconds} s each, interleaved; medians, with the spread between the runs in brackets. ${missing.join(' ')}`,
    tables: [table(data)],
    bars: bars(data.get(wire.name)!),
    data: Object.fromEntries([...data].map(([server, byBeside]) => [server, Object.fromEntries(byBeside)])),
  };
}

/** The small Gets' latency, while the others do theirs for a little longer on either side. */
async function measure(
  {address, pid, startTurns, longestTurnMs}: Server,
  others: readonly Other[],
  seconds: number,
  pins: Pinning,
): Promise<Run> {
  const marginSeconds = 0.25;
  const hitsBefore = await countHits(address);
  await startTurns?.();
  const {result, cpu} = await measureCpu(pid, async () => {
    const besideRuns = others.map(({shape, pace}) =>
      runPaced(
        {address, ...shape, before: pins.sideLoad},
        {...pace, warmUpSeconds: 0, seconds: seconds + 3 * marginSeconds},
      ),
    );
    const own = await runPaced(
      {address, calls: 'get', connections: smallConnections, streams: 100, ...small, before: pins.load},
      {ratePerSecond: smallPerSecond, warmUpSeconds: marginSeconds, seconds},
    );
    return {own, lookups: own.lookups + sum((await Promise.all(besideRuns)).map(run => run.lookups))};
  });
  const longest = await longestTurnMs?.();
  assert.equal((await countHits(address)) - hitsBefore, result.lookups, 'hits that the server counts');
  const spanSeconds = seconds + 4 * marginSeconds;
  return {
    latencyUs: result.own.latencyUs,
    ...(longest !== undefined && {longestTurnMs: longest}),
    cpuShare: cpu.seconds / spanSeconds,
    othersShare: cpu.othersShare,
  };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const percentiles = ['p50', 'p90', 'p99', 'p999', 'most'] as const;

function p99(runs: readonly Run[]): number {
  return summarize(runs.map(({latencyUs}) => latencyUs.p99)).median;
}

function table(data: Runs): Table {
  const rows = [...data].flatMap(([server, byBeside]) =>
    [...byBeside].map(([beside, runs]) => [
      server,
      beside,
      ...percentiles.map(name => {
        const {median, spread} = summarize(runs.map(({latencyUs}) => latencyUs[name]));
        return `${round(median)} (${percent(spread)})`;
      }),
      `${(p99(runs) / p99(byBeside.get(alone)!)).toFixed(2)}×`,
      longestTurn(runs),
      percent(summarize(runs.map(run => run.cpuShare)).median),
      percent(summarize(runs.map(run => run.othersShare)).median),
    ]),
  );
  return {
    title: 'Latency of the small Gets in µs',
    head: [
      ...[
        'server',
        'beside',
        'p50',
        'p90',
        'p99',
        'p99.9',
        'longest',
        'p99 over that beside nothing',
        'longest turn, ms',
      ],
      ...['server CPU, of a core', 'others on its core'],
    ],
    rows,
  };
}

/** The longest in all runs, where it is known. */
function longestTurn(runs: readonly Run[]): string {
  const known = runs.flatMap(({longestTurnMs}) => longestTurnMs ?? []);
  return known.length > 0 ? round(Math.max(...known)) : '';
}

function bars(byBeside: Map<string, Run[]>): Bar[] {
  return Object.keys(besides)
    .filter(beside => beside !== alone)
    .map(beside => ({
      name: `fairness ${wire.name}: p99 of a small Get beside ${beside} over that beside nothing`,
      figure: p99(byBeside.get(beside)!) / p99(byBeside.get(alone)!),
      target: slowerMost,
      need: 'at most',
      unit: '×',
    }));
}
