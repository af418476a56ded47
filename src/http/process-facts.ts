/** What the process tells of itself. */
import {statSync} from 'node:fs';
import {systemClock} from '../base/index.js';

export interface ProcessFacts {
  nodeVersion: string;
  cpuSeconds: number;
  residentBytes: number;
  /** Since 1970. */
  startTimeSeconds: number;
  /** Undefined where the system does not tell without listing them all. */
  openFds: number | undefined;
}

const startTimeSeconds = systemClock.wallMicros() / 1e6 - process.uptime();

export function processFacts(): ProcessFacts {
  const {user, system} = process.cpuUsage();
  return {
    nodeVersion: process.versions.node,
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startTimeSeconds,
    openFds: openFds(),
  };
}

/** Linux tells their number as the size of a folder, since 6.2; before that the size is 0. */
function openFds(): number | undefined {
  return statSync('/proc/self/fd', {throwIfNoEntry: false})?.size || undefined;
}
