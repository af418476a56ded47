/** What calls cost a server, and how the figures of several servers are shown side by side. */
import assert from 'node:assert/strict';
import {measureCpu} from './cpu.js';
import {type Bar, percent, round, type Table} from './report.js';
import {summarize} from './statistics.js';
import {countHits, type StartedSubject, type Subject} from './subjects.js';

export interface CallRun {
  callsPerSecond: number;
  cpuUsPerCall: number;
  /** The share of the time in which something else had the server's core. */
  othersShare: number;
}

/** What a load generator says of its calls. */
export interface Called {
  callsPerSecond: number;
  /** Keys that were looked up and there. */
  lookups: number;
}

/** Runs a load of so many calls. A server that counts must have as many hits as the load had. */
export async function measureCalls(
  server: StartedSubject,
  calls: number,
  load: () => Promise<Called>,
): Promise<CallRun> {
  const counts = server.subject.protocol === 'grpc';
  const before = counts ? await countHits(server.address) : 0;
  const {result, cpu} = await measureCpu(server.pid, load);
  if (counts) assert.equal((await countHits(server.address)) - before, result.lookups, 'hits that the server counts');
  return {
    callsPerSecond: result.callsPerSecond,
    cpuUsPerCall: (cpu.seconds * 1e6) / calls,
    othersShare: cpu.othersShare,
  };
}

/** A multiple of 1,000, which every shape divides evenly among its connections. */
export function callsFor(ratePerSecond: number, seconds: number): number {
  return Math.max(2000, Math.round((ratePerSecond * seconds) / 1000) * 1000);
}

/** Lets a server's code get hot, beginning with what it surely manages, and answers how many calls fill a run. */
export async function warmUp(
  ratePerSecond: number,
  runSeconds: number,
  load: (calls: number) => Promise<Called>,
): Promise<number> {
  let rate = ratePerSecond;
  for (const seconds of [runSeconds / 2, runSeconds]) rate = (await load(callsFor(rate, seconds))).callsPerSecond;
  return callsFor(rate, runSeconds);
}

/** By load, then by server. */
export type CallRuns = Record<string, Map<string, CallRun[]>>;

/** Ratios are over the first server of each load. */
export function callsTable(title: string, data: CallRuns): Table {
  const rows = Object.entries(data).flatMap(([load, byServer]) => {
    const first = costOf([...byServer.values()][0]!).median;
    return [...byServer].map(([server, runs]) => {
      const rate = summarize(runs.map(run => run.callsPerSecond));
      const cost = costOf(runs);
      return [
        load,
        server,
        `${round(rate.median)} (${percent(rate.spread)})`,
        `${round(cost.median)} (${percent(cost.spread)})`,
        `${(cost.median / first).toFixed(2)}×`,
        percent(summarize(runs.map(run => run.othersShare)).median),
      ];
    });
  });
  return {title, head: ['load', 'server', 'calls/s', 'server CPU, µs a call', 'ratio', 'others on its core'], rows};
}

export function costOf(runs: readonly CallRun[]) {
  return summarize(runs.map(run => run.cpuUsPerCall));
}

/** A call must cost a peer at least so many times what it costs `own`. A peer that was not measured has no bar. */
export function costBar(
  name: string,
  runs: Map<string, CallRun[]>,
  own: Subject,
  peer: Subject,
  target: number,
): Bar[] {
  const peerRuns = runs.get(peer.name);
  if (peerRuns === undefined) return [];
  const figure = costOf(peerRuns).median / costOf(runs.get(own.name)!).median;
  return [{name: `${name}: CPU a call of ${peer.name} over ${own.name}`, figure, target, need: 'at least', unit: '×'}];
}
