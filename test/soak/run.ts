/**
 * Hours of a server's life in some minutes: a load that connects, disconnects, cancels,
 * stalls and comes back, at 70 % of what it could be, while entries are evicted and expire.
 *
 *   npm run soak             30 minutes, one thread
 *   npm run soak -- 5        as many as that
 *   npm run soak -- 30 2     so many threads
 *
 * A line a minute. Fails on an error that was not provoked, on a store out of order, and
 * where memory grew: the least of the last third against that of the second. What stands
 * above it comes and goes with the heaps, and in the first third the store fills and the
 * engine compiles.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {startLineChild} from '../../bench/lib/line-child.js';
import {buildGo, goFolder} from '../interop/clients.js';
import {inRoot} from '../interop/lib/root.js';
import {goMissing, makeGoStubs} from '../interop/lib/toolchain.js';
import type {SoakRequest} from './server.js';
import type {SoakState} from './soaked.js';

/** By how much the memory of the server, as the system sees it, may have grown: a heap moves by some MiB. */
const growthBytesMostAThread = 8 * 2 ** 20;
const comparedMinutesLeast = 9;
const samplesAMinute = 12;

/** What the load says of itself. */
interface LoadState {
  rate: number;
  calls: number;
  inFlight: number;
  events: number;
  gaps: number;
  resumes: number;
  connects: number;
  asked: Record<string, number>;
  unasked: Record<string, number>;
}

interface Minute {
  rssBytes: {mean: number; least: number};
  server: SoakState;
  load: LoadState;
}

const [minutes = 30, threads = 1] = process.argv.slice(2).map(Number);
if (!(minutes > 0 && threads > 0)) {
  console.error('usage: npm run soak -- MINUTES THREADS');
  process.exit(2);
}
const missing = await goMissing();
if (missing !== undefined) {
  console.error(missing);
  process.exit(2);
}
await makeGoStubs(goFolder);
const program = await buildGo('soak');
const words = [process.execPath, inRoot('dist', 'test', 'soak', 'server.js'), String(threads)];
const server = startLineChild(words, {name: 'the server'});
const ask = <T>(request: SoakRequest) => server.ask<T>(request);
const load = startLineChild([program, await ask<string>('address')], {name: 'the load'});
const problems: string[] = [];
try {
  const passed = await soak();
  problems.push(...judge(passed));
} catch (error) {
  problems.push((error as Error).message);
} finally {
  await load.stop();
  await server.stop();
}
for (const problem of problems) console.log(`FAILED  ${problem}`);
console.log(problems.length === 0 ? '\n1 passed, 0 failed' : '\n0 passed, 1 failed');
process.exitCode = problems.length === 0 ? 0 : 1;

async function soak(): Promise<Minute[]> {
  const passed: Minute[] = [];
  let before: Minute | undefined;
  while (passed.length < minutes) {
    const minute = await takeMinute();
    passed.push(minute);
    describe(passed.length, minute, before);
    before = minute;
  }
  const faults = await ask<string[]>('check');
  for (const fault of faults) problems.push(`a fault of the server: ${fault}`);
  return passed;
}

async function takeMinute(): Promise<Minute> {
  const rssBytes: number[] = [];
  let state: SoakState | undefined;
  for (let sample = 0; sample < samplesAMinute; sample++) {
    await delay(60_000 / samplesAMinute);
    state = await ask<SoakState>('state');
    rssBytes.push(state.rssBytes);
  }
  return {
    rssBytes: {mean: rssBytes.reduce((sum, each) => sum + each) / samplesAMinute, least: Math.min(...rssBytes)},
    server: state!,
    load: await load.ask<LoadState>('state'),
  };
}

function describe(number: number, minute: Minute, before: Minute | undefined): void {
  const {server, load} = minute;
  const cpu = (server.cpuMs - (before?.server.cpuMs ?? 0)) / 600;
  const facts = [
    `${load.calls - (before?.load.calls ?? 0)} calls (${Math.round(load.rate)} a second wanted)`,
    `${load.events - (before?.load.events ?? 0)} events`,
    `RSS ${mib(minute.rssBytes.mean)}, heap ${mib(server.heapBytes)}`,
    `CPU ${cpu.toFixed(0)} %`,
    `${server.connections} connections, ${load.inFlight} open streams, ${server.watchers} watchers`,
    `${server.entries} entries`,
  ];
  console.log(`minute ${number}: ${facts.join(', ')}`);
  const sofar = [
    `${load.connects} connects`,
    `${load.resumes} resumes`,
    `${load.gaps} gaps`,
    `${server.evictions} evicted`,
    `${server.expirations} expired`,
    `asked for ${JSON.stringify(load.asked)}`,
    `not asked for ${JSON.stringify(load.unasked)}`,
  ];
  console.log(`  so far: ${sofar.join(', ')}`);
}

function judge(passed: readonly Minute[]): string[] {
  const {server, load} = passed.at(-1)!;
  const found = [
    ...Object.entries(load.unasked).map(([what, count]) => `${count} times: ${what}`),
    ...Object.entries(server.faults).map(([what, count]) => `${count} connections cut off: ${what}`),
  ];
  for (const what of ['evictions', 'expirations'] as const) if (server[what] === 0) found.push(`no ${what}`);
  if (passed.length < comparedMinutesLeast) {
    console.log(`memory is compared in runs of ${comparedMinutesLeast} minutes or more`);
    return found;
  }
  const third = Math.floor(passed.length / 3);
  const second = least(passed.slice(-2 * third, -third));
  const last = least(passed.slice(-third));
  const most = threads * growthBytesMostAThread;
  console.log(`least RSS of the second third: ${mib(second)}, of the last: ${mib(last)}`);
  if (last - second > most) found.push(`memory grew by ${mib(last - second)}; allowed: ${mib(most)}`);
  return found;
}

function least(some: readonly Minute[]): number {
  return Math.min(...some.map(({rssBytes}) => rssBytes.least));
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
