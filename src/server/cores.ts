/** How many cores this process may use: what the system lets it run on, and what its control group has of them. */
import {readFileSync} from 'node:fs';
import {availableParallelism} from 'node:os';

/** The share of the control group, version 2: microseconds of CPU time, and in which time. */
const cgroupFile = '/sys/fs/cgroup/cpu.max';

export function usableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), coresInFile(cgroupFile)));
}

/** Infinity where there is no such file or no limit in it (`max 100000`); a part of a core counts as one. */
export function coresInFile(path: string): number {
  try {
    const [quota, period] = readFileSync(path, 'utf8').trim().split(' ').map(Number);
    return quota! > 0 && period! > 0 ? Math.ceil(quota! / period!) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
