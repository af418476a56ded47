/** The Go program bench/load as a load generator: see its main.go. A call that fails stops the run. */
import {runOrThrow} from '../../test/interop/lib/child.js';
import {goProgram} from './go-program.js';

export type LoadProtocol = 'grpc' | 'redis' | 'memcached';

interface Shape {
  address: string;
  protocol?: LoadProtocol;
  /** `reads` are nine Gets to a Put. */
  calls: 'get' | 'put' | 'touch' | 'batch' | 'mixed' | 'reads';
  connections: number;
  /** Calls under way on a connection, at most; 1 if unset. */
  streams?: number;
  /** How many keys there are; a call takes any. */
  keys: number;
  /** The number of the first; 0 if unset. */
  from?: number;
  valueBytes: number;
  /** Keys of a batch. */
  batch?: number;
  /** Calls carry metadata and a deadline. */
  metadata?: boolean;
  /** Words put before the command, such as `taskset -c 1`. */
  before: string[];
}

export interface LoadRun {
  calls: number;
  /** Keys that were looked up, each of which was there. */
  lookups: number;
  seconds: number;
}

export interface LatencyUs {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  most: number;
}

/** As many calls under way as may be, until `count` are answered. */
export function runLoad({count, ...shape}: Shape & {count: number}): Promise<LoadRun> {
  return start(shape, ['-count', String(count)]);
}

export interface Pace {
  ratePerSecond: number;
  seconds: number;
  /** Before that, the same without being counted. */
  warmUpSeconds: number;
  /** So many calls fall due at once; 1 if unset. */
  burst?: number;
}

/** Each call at its moment, whatever became of those before; its latency counts from there. */
export async function runPaced(shape: Shape, pace: Pace): Promise<LoadRun & {latencyUs: LatencyUs}> {
  const {ratePerSecond, seconds, warmUpSeconds, burst = 1} = pace;
  const flags = {rate: ratePerSecond, seconds, 'warm-up': warmUpSeconds, burst};
  const run = await start(shape, wordsOf(flags));
  return run as LoadRun & {latencyUs: LatencyUs};
}

/** Puts every key once. */
export async function fillByLoad(
  shape: Pick<Shape, 'address' | 'protocol' | 'keys' | 'from' | 'valueBytes'>,
): Promise<void> {
  await runLoad({...shape, calls: 'put', connections: 4, count: shape.keys, before: []});
}

async function start(shape: Shape, more: string[]): Promise<LoadRun> {
  const {address, protocol = 'grpc', calls, connections, streams = 1, before} = shape;
  const {keys, from = 0, valueBytes, batch = 10} = shape;
  const flags = {protocol, calls, connections, streams, keys, from, 'value-bytes': valueBytes, batch};
  const words = [
    ...before,
    await goProgram('load'),
    ...wordsOf(flags),
    ...(shape.metadata ? ['-metadata'] : []),
    ...more,
    address,
  ];
  return JSON.parse(await runOrThrow(words[0]!, words.slice(1), {timeoutMs: 2 * 60_000})) as LoadRun;
}

function wordsOf(flags: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => [`-${name}`, String(value)]);
}
