/**
 * How long a Get takes at fixed rates, the same for all servers: shares of what this
 * server manages on grpc-js.
 *
 * Each call has its moment, whatever became of those before, and its latency counts from
 * there: a server that stands still for a while makes all that fall due meanwhile slow,
 * as it would for callers who know nothing of each other.
 */
import assert from 'node:assert/strict';
import {callsFor} from './lib/calls.js';
import {measureCpu} from './lib/cpu.js';
import {fillByLoad, type LatencyUs, runLoad, runPaced} from './lib/load.js';
import {type Pinning, pinning} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import {
  countHits,
  grpcGo,
  grpcJs,
  type StartedSubject,
  type Subject,
  startSubjects,
  tonic,
  wire,
} from './lib/subjects.js';

const entries = {keys: 100_000, valueBytes: 100};
const connections = 10;
/** Calls under way on a connection, at most; what falls due beyond waits in the client, and its latency with it. */
const streams = 100;
const overGrpcJsMost = 0.25;

const all: readonly Subject[] = [wire, grpcJs, grpcGo, tonic];

interface Level {
  /** Of the calls a second that grpc-js manages. */
  share: number;
  subjects: readonly Subject[];
}

const barLevel: Level = {share: 0.7, subjects: all};
const levels: readonly Level[] = [
  {share: 0.2, subjects: all},
  barLevel,
  // More than grpc-js can.
  {share: 2, subjects: all.filter(subject => subject !== grpcJs)},
];

interface Run {
  latencyUs: LatencyUs;
  cpuUsPerCall: number;
  othersShare: number;
}

type Runs = Map<Level, Map<string, Run[]>>;

export async function latency(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const seconds = options.quick ? 1 : 3;
  const pins = await pinning();
  const {servers, missing, stop} = await startSubjects(all, pins);
  const data: Runs = new Map();
  let peak: number;
  try {
    for (const server of servers.values()) {
      await fillByLoad({address: server.address, ...entries});
      // Once to know how much is enough to get its code hot.
      await saturate(server, options, pins, await saturate(server, options, pins));
    }
    peak = summarize(await peaks(servers.get(grpcJs.name)!, options, pins)).median;
    for (const level of levels) {
      const ratePerSecond = Math.round(level.share * peak);
      console.log(`${round(ratePerSecond)} calls/s …`);
      const present = level.subjects.map(({name}) => name).filter(name => servers.has(name));
      const run = (name: string) => measure(servers.get(name)!, ratePerSecond, seconds, pins);
      data.set(level, await interleave(present, runs, run));
    }
  } finally {
    await stop();
  }
  return {
    name: 'latency',
    about:
      `Gets of ${entries.valueBytes} bytes, ${round(entries.keys)} keys, each call at its moment over ${connections} connections. ` +
      `What grpc-js manages, ${round(peak)} calls/s, was measured with ${connections} calls under way on each. ${pins.note}; ` +
      `${runs} runs of ${seconds} s each, interleaved; medians, with the spread between the runs in brackets. ${missing.join(' ')}`,
    tables: [table(data, peak)],
    bars: [bar(data.get(barLevel)!)],
    data: [...data].map(([{share}, byServer]) => ({share, peak, runs: Object.fromEntries(byServer)})),
  };
}

async function saturate({address}: StartedSubject, {quick}: BenchOptions, pins: Pinning, rate = 5000) {
  const count = callsFor(rate, quick ? 0.5 : 2);
  const shape = {connections, streams: connections, ...entries};
  const {seconds} = await runLoad({address, calls: 'get', ...shape, count, before: pins.load});
  return count / seconds;
}

/** What a server manages, once it is hot. */
async function peaks(server: StartedSubject, options: BenchOptions, pins: Pinning): Promise<number[]> {
  const rates = [await saturate(server, options, pins)];
  for (let run = 0; run < 3; run++) rates.push(await saturate(server, options, pins, rates[0]));
  return rates.slice(1);
}

async function measure(
  {address, pid}: StartedSubject,
  ratePerSecond: number,
  seconds: number,
  pins: Pinning,
): Promise<Run> {
  const before = await countHits(address);
  const pace = {ratePerSecond, seconds, warmUpSeconds: seconds / 3};
  const {result, cpu} = await measureCpu(pid, () =>
    runPaced({address, calls: 'get', connections, streams, ...entries, before: pins.load}, pace),
  );
  assert.equal((await countHits(address)) - before, result.calls, 'hits that the server counts');
  const cpuUsPerCall = (cpu.seconds * 1e6) / result.calls;
  return {latencyUs: result.latencyUs, cpuUsPerCall, othersShare: cpu.othersShare};
}

const percentiles = ['p50', 'p90', 'p99', 'p999', 'most'] as const;

function table(data: Runs, peak: number): Table {
  const rows = [...data].flatMap(([{share}, byServer]) =>
    [...byServer].map(([server, runs]) => [
      `${round(share * peak)} (${share}×)`,
      server,
      ...percentiles.map(name => {
        const {median, spread} = summarize(runs.map(({latencyUs}) => latencyUs[name]));
        return `${round(median)} (${percent(spread)})`;
      }),
      round(summarize(runs.map(run => run.cpuUsPerCall)).median),
      percent(summarize(runs.map(run => run.othersShare)).median),
    ]),
  );
  return {
    title: 'Latency in µs from the moment that a call was due',
    head: [
      ...["calls/s (of grpc-js's most)", 'server', 'p50', 'p90', 'p99', 'p99.9', 'longest'],
      ...['server CPU, µs a call', 'others on its core'],
    ],
    rows,
  };
}

function bar(byServer: Map<string, Run[]>): Bar {
  const of = ({name}: Subject) => summarize(byServer.get(name)!.map(({latencyUs}) => latencyUs.p999)).median;
  const name = `latency: p99.9 of ${wire.name} over ${grpcJs.name}'s, at ${barLevel.share} of its most`;
  return {name, figure: of(wire) / of(grpcJs), target: overGrpcJsMost, need: 'at most', unit: '×'};
}
