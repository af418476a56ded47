/** The resident memory of a process, from /proc (Linux), in bytes. */
import {readFileSync} from 'node:fs';

export interface Resident {
  now: number;
  /** The most it ever was. */
  peak: number;
}

export function residentOf(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]) * 1024;
  return {now: read('VmRSS'), peak: read('VmHWM')};
}
