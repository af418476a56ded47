/** ghz as a load generator; a call that is not OK stops the run. */
import {runOrThrow} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {goTool} from '../../test/interop/lib/toolchain.js';

export interface GhzRun {
  calls: number;
  callsPerSecond: number;
  /** Calls that did not end OK. */
  errors: number;
  /** Microseconds below which 50, 95 and 99 percent of the calls stayed. */
  latencyUs: {p50: number; p95: number; p99: number};
}

interface GhzReport {
  count: number;
  rps: number;
  statusCodeDistribution: Record<string, number> | null;
  latencyDistribution: {percentage: number; latency: number}[] | null;
}

/** Sends `calls` calls by `callers` over `connections`, at most `ratePerSecond` where given. */
export async function runGhz(options: {
  address: string;
  method: string;
  request: unknown;
  callers: number;
  connections: number;
  calls: number;
  ratePerSecond?: number;
  before: string[];
}): Promise<GhzRun> {
  const {callers, connections, calls, ratePerSecond} = options;
  const words = [
    ...options.before,
    await goTool('ghz'),
    ...['--insecure', '--protoset', inRoot('dist', 'image.binpb'), '--cpus', '1', '-O', 'json'],
    ...['-n', String(calls), '-c', String(callers), '--connections', String(connections)],
    ...(ratePerSecond === undefined ? [] : ['--rps', String(ratePerSecond)]),
    ...['--call', options.method, '-d', JSON.stringify(options.request), options.address],
  ];
  const report = JSON.parse(await runOrThrow(words[0]!, words.slice(1), {timeoutMs: 2 * 60_000})) as GhzReport;
  const latencies = new Map(report.latencyDistribution?.map(({percentage, latency}) => [percentage, latency / 1000]));
  return {
    calls: report.count,
    callsPerSecond: report.rps,
    errors: report.count - (report.statusCodeDistribution?.OK ?? 0),
    latencyUs: {p50: latencies.get(50) ?? 0, p95: latencies.get(95) ?? 0, p99: latencies.get(99) ?? 0},
  };
}
