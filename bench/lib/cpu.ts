/**
 * What a process and the machine spent, from /proc (Linux). Its unit is the tick,
 * 10 ms nearly everywhere: over runs of seconds that is well below one percent.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {serverCore} from './pin.js';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], {encoding: 'utf8'}));

/** CPU seconds, user and system, of all threads of a process since it began. */
export function processCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; what follows it does not. utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Waits until a process does nothing more: what it has still to do of something earlier is not to be measured. */
export async function waitUntilIdle(pid: number): Promise<void> {
  const lookMs = 250;
  for (let look = 0; look < 40; look++) {
    const before = processCpuSeconds(pid);
    await delay(lookMs);
    if (processCpuSeconds(pid) - before <= 1 / ticksPerSecond) return;
  }
  throw new Error(`the process ${pid} does not come to rest`);
}

/** Seconds that the server's core was busy, with anything, since the machine started. */
export function serverCoreBusySeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[serverCore + 1]!;
  const [, user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / ticksPerSecond;
}

export interface CpuUse {
  /** What the process spent. */
  seconds: number;
  /** The share of the time in which something else had the server's core: noise. */
  othersShare: number;
}

/** Measures what a process spends while the body runs. */
export async function measureCpu<T>(pid: number, body: () => Promise<T>): Promise<{result: T; cpu: CpuUse}> {
  const read = () => ({own: processCpuSeconds(pid), core: serverCoreBusySeconds(), at: performance.now()});
  const before = read();
  const result = await body();
  const after = read();
  const seconds = after.own - before.own;
  const others = Math.max(0, after.core - before.core - seconds);
  return {result, cpu: {seconds, othersShare: others / ((after.at - before.at) / 1000)}};
}
