/**
 * What a unary Get costs: 100 bytes under a 16-byte key, against this server and
 * against a grpc-go server of the same contract.
 *
 * Throughput is taken at saturation, in three shapes of load; latency at a fixed rate
 * that all subjects sustain, in runs of its own. Calls per CPU second of the server is
 * the figure to compare: the load generator has the other core to itself, and ghz is
 * often the slower side. Every call is counted by the server too, so no error can hide.
 */
import assert from 'node:assert/strict';
import type {ServerProcess} from '../test/interop/lib/server.js';
import {measureCpu} from './lib/cpu.js';
import {type GhzRun, runGhz} from './lib/ghz.js';
import {needH2load, runH2load} from './lib/h2load.js';
import {type Pinning, pinning} from './lib/pin.js';
import type {BenchOptions, BenchResult, Table} from './lib/report.js';
import {percent, round} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import {callOnce, countHits, grpcGo, krusty, type Subject} from './lib/subjects.js';

const key = 'key-of-16-bytes!';
const valueBytes = 100;
const latencyRatePerSecond = 5000;

const get = 'krusty.cache.v1.CacheService/Get';
/** GetRequest{key}: field 1, its length, itself. */
const message = Buffer.concat([Buffer.from([0x0a, key.length]), Buffer.from(key)]);

/** The first is what the others are measured against. */
const subjects: Subject[] = [krusty('krusty, grpc-js', ['--transport', 'grpc-js']), grpcGo('grpc-go, GOMAXPROCS=1')];

type LoadName = 'h2load 50 × 1' | 'h2load 4 × 100' | 'ghz 50 callers, 5 connections' | 'ghz at a fixed rate';

interface Load {
  name: LoadName;
  run(address: string, calls: number, before: string[]): Promise<{callsPerSecond: number; ghz?: GhzRun}>;
  /** The calls a second of a load that is not at saturation. */
  ratePerSecond?: number;
}

const loads: Load[] = [
  h2load('h2load 50 × 1', {connections: 50, streams: 1}),
  h2load('h2load 4 × 100', {connections: 4, streams: 100}),
  ghz('ghz 50 callers, 5 connections'),
  ghz('ghz at a fixed rate', latencyRatePerSecond),
];

/** One run of one load against one subject. */
interface Run {
  callsPerSecond: number;
  cpuUsPerCall: number;
  othersShare: number;
  ghz?: GhzRun;
}

export async function unary(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const runSeconds = options.quick ? 0.5 : 2.5;
  await needH2load();
  const pins = await pinning();
  const servers = new Map<string, ServerProcess>();
  const data: Record<string, Record<string, Run[]>> = {};
  try {
    for (const subject of subjects) {
      const server = await subject.start(pins.server);
      servers.set(subject.name, server);
      await checkAnswer(server.address);
    }
    for (const load of loads) {
      console.log(`${load.name} …`);
      const calls = new Map<string, number>();
      for (const [name, server] of servers) {
        calls.set(name, await warmUp(load, server, runSeconds, pins));
      }
      const results = await interleave([...servers.keys()], runs, name =>
        measure(load, servers.get(name)!, calls.get(name)!, pins),
      );
      data[load.name] = Object.fromEntries(results);
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }
  const errors = Object.values(data).flatMap(bySubject => Object.values(bySubject).flat());
  return {
    name: 'unary',
    about:
      `Unary Get of ${valueBytes} bytes under a ${key.length}-byte key; ${pins.note}; ` +
      `${runs} runs of about ${runSeconds} s each, interleaved; medians, with the spread between the runs in brackets.`,
    tables: [throughputTable(data), latencyTable(data)],
    bars: [
      {
        name: 'unary ghz errors',
        figure: errors.reduce((sum, run) => sum + (run.ghz?.errors ?? 0), 0),
        target: 0,
        need: 'at most',
      },
    ],
    data,
  };
}

/** Stores the value and sees that a real client gets it back. */
async function checkAnswer(address: string): Promise<void> {
  const value = Buffer.alloc(valueBytes, 'v').toString('base64');
  await callOnce(address, 'krusty.cache.v1.CacheService/Put', {key, value});
  const answer = (await callOnce(address, get, {key})) as {outcome: string; entry: {value: string}};
  assert.equal(answer.outcome, 'OUTCOME_HIT');
  assert.equal(answer.entry.value, value);
}

/** Lets the server's code get hot, and answers how many calls fill a run. */
async function warmUp(load: Load, server: ServerProcess, runSeconds: number, pins: Pinning): Promise<number> {
  let rate = load.ratePerSecond ?? 5000;
  for (const seconds of [runSeconds / 2, runSeconds]) {
    const {callsPerSecond} = await load.run(server.address, callsFor(rate, seconds), pins.load);
    rate = load.ratePerSecond ?? callsPerSecond;
  }
  return callsFor(rate, runSeconds);
}

/** A multiple of 1,000, which every shape divides evenly among its connections. */
function callsFor(ratePerSecond: number, seconds: number): number {
  return Math.max(2000, Math.round((ratePerSecond * seconds) / 1000) * 1000);
}

async function measure(load: Load, server: ServerProcess, calls: number, pins: Pinning): Promise<Run> {
  const hitsBefore = await countHits(server.address);
  const {result, cpu} = await measureCpu(server.pid, () => load.run(server.address, calls, pins.load));
  const hits = (await countHits(server.address)) - hitsBefore;
  assert.equal(
    hits,
    calls - (result.ghz?.errors ?? 0),
    `${load.name}: the server counts ${hits} hits of ${calls} calls`,
  );
  return {...result, cpuUsPerCall: (cpu.seconds * 1e6) / calls, othersShare: cpu.othersShare};
}

function h2load(name: LoadName, shape: {connections: number; streams: number}): Load {
  return {name, run: (address, calls, before) => runH2load({address, method: get, message, shape, calls, before})};
}

function ghz(name: LoadName, ratePerSecond?: number): Load {
  return {
    name,
    ratePerSecond,
    async run(address, calls, before) {
      const shape = {callers: 50, connections: 5};
      const report = await runGhz({address, method: get, request: {key}, ...shape, calls, ratePerSecond, before});
      return {callsPerSecond: report.callsPerSecond, ghz: report};
    },
  };
}

function throughputTable(data: Record<string, Record<string, Run[]>>): Table {
  const rows = loads
    .filter(load => load.ratePerSecond === undefined)
    .flatMap(load => {
      const bySubject = Object.entries(data[load.name]!);
      const first = figures(bySubject[0]![1]);
      return bySubject.map(([subject, runs]) => {
        const {rate, cpu, others} = figures(runs);
        return [
          load.name,
          subject,
          `${round(rate.median)} (${percent(rate.spread)})`,
          `${(rate.median / first.rate.median).toFixed(2)}×`,
          `${round(cpu.median)} (${percent(cpu.spread)})`,
          `${(cpu.median / first.cpu.median).toFixed(2)}×`,
          percent(others),
        ];
      });
    });
  return {
    title: 'At saturation',
    head: ['load', 'server', 'calls/s', 'ratio', 'server CPU, µs a call', 'ratio', 'others on its core'],
    rows,
  };
}

function latencyTable(data: Record<string, Record<string, Run[]>>): Table {
  const rows = Object.entries(data['ghz at a fixed rate']!).map(([subject, runs]) => {
    const {rate, cpu} = figures(runs);
    const latencies = (['p50', 'p95', 'p99'] as const).map(name =>
      summarize(runs.map(run => run.ghz!.latencyUs[name])),
    );
    const cells = latencies.map(({median, spread}) => `${round(median)} (${percent(spread)})`);
    return [subject, round(rate.median), ...cells, round(cpu.median)];
  });
  return {
    title: `Latency in µs, ghz with 50 callers at ${round(latencyRatePerSecond)} calls/s`,
    head: ['server', 'calls/s', 'p50', 'p95', 'p99', 'server CPU, µs a call'],
    rows,
  };
}

function figures(runs: Run[]) {
  return {
    rate: summarize(runs.map(run => run.callsPerSecond)),
    cpu: summarize(runs.map(run => run.cpuUsPerCall)),
    others: summarize(runs.map(run => run.othersShare)).median,
  };
}
