/**
 * What a call costs: a Get of 100 bytes under a 16-byte key in three shapes, and a
 * mixture of calls with metadata and deadlines; against this server on both of its
 * transports, the same contract on grpc-go and tonic, and Redis and memcached in the
 * one shape that they can be compared in.
 *
 * All at saturation. CPU a call of the server is the figure to compare: the load
 * generator has the other core to itself, and is often the slower side. Every call is
 * counted by the server too, so no error can hide.
 */
import assert from 'node:assert/strict';
import {type Called, type CallRuns, callsTable, costBar, measureCalls, warmUp} from './lib/calls.js';
import {runGhz} from './lib/ghz.js';
import {needH2load, runH2load} from './lib/h2load.js';
import {fillByLoad, runLoad} from './lib/load.js';
import {pinning} from './lib/pin.js';
import type {BenchOptions, BenchResult} from './lib/report.js';
import {interleave} from './lib/statistics.js';
import {
  callOnce,
  grpcGo,
  grpcJs,
  memcached,
  redis,
  type StartedSubject,
  type Subject,
  startSubjects,
  tonic,
  wire,
} from './lib/subjects.js';

const key = 'key-of-16-bytes!';
const valueBytes = 100;
const mixedKeys = 100_000;

const get = 'krusty.cache.v1.CacheService/Get';
/** GetRequest{key}: field 1, its length, itself. */
const message = Buffer.concat([Buffer.from([0x0a, key.length]), Buffer.from(key)]);

const grpcServers = [wire, grpcJs, grpcGo, tonic];
const lineServers = [redis, memcached];

interface Load {
  name: string;
  subjects: readonly Subject[];
  run(server: StartedSubject, calls: number, before: string[]): Promise<Called>;
  /** How many times our CPU a call a peer's must be. */
  bars: readonly (readonly [peer: Subject, target: number])[];
}

const loads: Load[] = [
  {
    name: 'h2load 4 × 100',
    subjects: grpcServers,
    run: (server, calls, before) => h2load(server, {connections: 4, streams: 100}, calls, before),
    bars: [
      [grpcJs, 15],
      [grpcGo, 4],
      [tonic, 2.5],
    ],
  },
  {
    name: '50 × 1',
    subjects: [...grpcServers, ...lineServers],
    run: (server, calls, before) =>
      server.subject.protocol === 'grpc'
        ? h2load(server, {connections: 50, streams: 1}, calls, before)
        : getsOfLines(server, calls, before),
    bars: [
      [grpcJs, 8],
      [grpcGo, 1.8],
      [tonic, 1.2],
    ],
  },
  {
    name: 'ghz 50 callers, 5 connections',
    subjects: grpcServers,
    run: async ({address}, calls, before) => {
      const shape = {callers: 50, connections: 5};
      const callsPerSecond = await runGhz({address, method: get, request: {key}, ...shape, calls, before});
      return {callsPerSecond, lookups: calls};
    },
    bars: [
      [grpcJs, 8],
      [grpcGo, 2],
    ],
  },
  {
    name: 'mixed calls, 4 × 100',
    subjects: grpcServers,
    run: mixedCalls,
    bars: [
      [grpcJs, 10],
      [grpcGo, 2.5],
      [tonic, 1.5],
    ],
  },
];

export async function unary(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const runSeconds = options.quick ? 0.5 : 2;
  await needH2load();
  const pins = await pinning();
  const {servers, missing, stop} = await startSubjects([...grpcServers, ...lineServers], pins);
  const data: CallRuns = {};
  try {
    for (const server of servers.values()) await prepare(server);
    for (const {name, subjects, run} of loads) {
      console.log(`${name} …`);
      const present = subjects.flatMap(subject => servers.get(subject.name) ?? []);
      const calls = new Map<string, number>();
      for (const server of present) {
        const count = await warmUp(5000, runSeconds, some => run(server, some, pins.load));
        calls.set(server.subject.name, count);
      }
      data[name] = await interleave([...calls.keys()], runs, subject => {
        const server = servers.get(subject)!;
        const count = calls.get(subject)!;
        return measureCalls(server, count, () => run(server, count, pins.load));
      });
    }
  } finally {
    await stop();
  }
  return {
    name: 'unary',
    about:
      `Unary calls, values of ${valueBytes} bytes under ${key.length}-byte keys; ${pins.note}; ` +
      `${runs} runs of about ${runSeconds} s each, interleaved; medians, with the spread between the runs in brackets. ${missing.join(' ')}`,
    tables: [callsTable('At saturation', data)],
    bars: loads.flatMap(({name, bars}) =>
      bars.flatMap(([peer, target]) => costBar(`unary ${name}`, data[name]!, wire, peer, target)),
    ),
    data: Object.fromEntries(Object.entries(data).map(([load, byServer]) => [load, Object.fromEntries(byServer)])),
  };
}

/** Stores what is looked up, and sees that a real client gets it back. */
async function prepare({address, subject}: StartedSubject): Promise<void> {
  await fillByLoad({address, protocol: subject.protocol, keys: mixedKeys, valueBytes});
  if (subject.protocol !== 'grpc') return;
  const value = Buffer.alloc(valueBytes, 'v').toString('base64');
  await callOnce(address, 'krusty.cache.v1.CacheService/Put', {key, value});
  const answer = (await callOnce(address, get, {key})) as {outcome: string; entry: {value: string}};
  assert.equal(answer.outcome, 'OUTCOME_HIT');
  assert.equal(answer.entry.value, value);
}

async function h2load(
  {address}: StartedSubject,
  shape: {connections: number; streams: number},
  calls: number,
  before: string[],
): Promise<Called> {
  const {callsPerSecond} = await runH2load({address, method: get, message, shape, calls, before});
  return {callsPerSecond, lookups: calls};
}

async function getsOfLines({address, subject}: StartedSubject, calls: number, before: string[]): Promise<Called> {
  const shape = {connections: 50, keys: 1, valueBytes};
  const {protocol} = subject;
  const {seconds, lookups} = await runLoad({address, protocol, calls: 'get', ...shape, count: calls, before});
  return {callsPerSecond: calls / seconds, lookups};
}

async function mixedCalls({address}: StartedSubject, calls: number, before: string[]): Promise<Called> {
  const shape = {connections: 4, streams: 100, keys: mixedKeys, valueBytes, metadata: true};
  const {seconds, lookups} = await runLoad({address, calls: 'mixed', ...shape, count: calls, before});
  return {callsPerSecond: calls / seconds, lookups};
}
