/**
 * The server on one core and the load on the other, so that neither takes the other's
 * time. Where that cannot be had (one core, no taskset) nothing is pinned, and the
 * result says so. A server that wants both cores shares them with its load.
 */
import {availableParallelism} from 'node:os';
import {run} from '../../test/interop/lib/child.js';

export const serverCore = 0;
const loadCore = 1;

export interface Pinning {
  /** Words before a server's command. */
  server: string[];
  /** Words before a load generator's command. */
  load: string[];
  /** The same before a load that gives way at once to one whose latency is measured: with low priority it would first use up its slice. */
  sideLoad: string[];
  /** Words before a server that takes only what the one that is measured leaves of its core. */
  sideServer: string[];
  /** For the record. */
  note: string;
}

export async function pinning(): Promise<Pinning> {
  const taskset = await run('taskset', ['--version'], {timeoutMs: 5000});
  if (taskset.code !== 0 || availableParallelism() < 2) {
    const note = 'not pinned: needs taskset and two cores';
    return {server: [], load: [], sideLoad: [], sideServer: [], note};
  }
  const server = ['taskset', '-c', String(serverCore)];
  const load = ['taskset', '-c', String(loadCore)];
  const chrt = await run('chrt', ['--idle', '0', 'true'], {timeoutMs: 5000});
  const idle = chrt.code === 0 ? ['chrt', '--idle', '0'] : [];
  return {
    server,
    load,
    sideLoad: [...load, ...idle],
    sideServer: [...server, ...idle],
    note: `server on core ${serverCore}, load on core ${loadCore}${chrt.code === 0 ? '' : ', where nothing gives way: needs chrt'}`,
  };
}

/**
 * Nothing is pinned. Where the system lets it, the load waits for its turn rather than
 * interrupt a thread of the server with each answer it gets, tens of thousands of times
 * a second; a client on another machine could not (SCHED_BATCH, sched(7)).
 */
export async function sharing(): Promise<Pinning> {
  const chrt = await run('chrt', ['--batch', '0', 'true'], {timeoutMs: 5000});
  const load = chrt.code === 0 ? ['chrt', '--batch', '0'] : [];
  const note = `nothing pinned, and the load ${load.length > 0 ? 'interrupts no thread of the server' : 'may interrupt the server: needs chrt'}`;
  return {server: [], load, sideLoad: load, sideServer: [], note};
}
