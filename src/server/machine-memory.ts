/**
 * How much memory a cache may take by default: a quarter of the machine's, or of
 * the control group's where that is less, as in a container.
 */
import {readFileSync} from 'node:fs';
import {totalmem} from 'node:os';
import {limits} from '../base/index.js';

/** The limit of the control group, version 2 and then 1. */
const cgroupLimitFiles = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

export function defaultMemoryBytes(): number {
  const machineBytes = Math.min(totalmem(), ...cgroupLimitFiles.map(limitInFile));
  const mib = 1024 * 1024;
  const share = Math.floor((machineBytes * limits.memoryShareDefault) / mib) * mib;
  return Math.max(limits.memoryBytesLeast, Math.min(share, limits.memoryBytesMost));
}

/** Infinity where there is no such file or no limit in it (`max`). */
function limitInFile(path: string): number {
  try {
    const bytes = Number(readFileSync(path, 'utf8').trim());
    return bytes > 0 ? bytes : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
