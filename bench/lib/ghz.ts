/** ghz as a load generator; a call that is not OK fails the run. */
import {runOrThrow} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {goTool} from '../../test/interop/lib/toolchain.js';

interface GhzReport {
  count: number;
  rps: number;
  statusCodeDistribution: Record<string, number> | null;
}

/** Sends `calls` calls by `callers` over `connections`; answers how many there were a second. */
export async function runGhz(options: {
  address: string;
  method: string;
  request: unknown;
  callers: number;
  connections: number;
  calls: number;
  before: string[];
}): Promise<number> {
  const {callers, connections, calls} = options;
  const words = [
    ...options.before,
    await goTool('ghz'),
    ...['--insecure', '--protoset', inRoot('dist', 'image.binpb'), '--cpus', '1', '-O', 'json'],
    ...['-n', String(calls), '-c', String(callers), '--connections', String(connections)],
    ...['--call', options.method, '-d', JSON.stringify(options.request), options.address],
  ];
  const report = JSON.parse(await runOrThrow(words[0]!, words.slice(1), {timeoutMs: 2 * 60_000})) as GhzReport;
  if (report.statusCodeDistribution?.OK !== calls) {
    throw new Error(`ghz: not every call succeeded: ${JSON.stringify(report.statusCodeDistribution)}`);
  }
  return report.rps;
}
