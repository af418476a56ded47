/** The servers whose memory is compared: this one, and redis-server and memcached where they can be had. */

import {missingProgram} from '../../test/interop/lib/packages.js';
import {freePort, startListener} from '../../test/interop/lib/server.js';
import {startOwnServer} from '../lib/own-server.js';
import {type Resident, residentOf} from '../lib/resident.js';
import {type Fill, fillKrusty, fillPeer, memcachedProtocol, type PeerProtocol, redisProtocol} from './fill.js';

export interface MemorySubject {
  fill(fill: Fill): Promise<void>;
  /** Its memory, once what can be given back at will has been. */
  resident(): Promise<Resident>;
  stop(): Promise<unknown>;
}

export interface SubjectKind {
  /** What is missing; undefined if it can be started. */
  missing(): Promise<string | undefined>;
  start(before: string[], limitBytes: number): Promise<MemorySubject>;
}

export const subjects: Record<string, SubjectKind> = {
  krusty: {missing: async () => undefined, start: startKrusty},
  redis: {
    missing: () => missingProgram('redis-server', 'redis-server'),
    start: (before, limitBytes) =>
      startPeer(redisProtocol, port => [
        ...[...before, 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''],
        ...['--appendonly', 'no', '--maxmemory', String(limitBytes), '--maxmemory-policy', 'allkeys-lru'],
      ]),
  },
  memcached: {
    missing: () => missingProgram('memcached', 'memcached'),
    start: (before, limitBytes) =>
      startPeer(memcachedProtocol, port => [
        ...[...before, 'memcached', '-p', String(port), '-l', '127.0.0.1', '-U', '0', '-t', '1'],
        // It refuses to run as root unless told to.
        ...['-m', String(Math.floor(limitBytes / 2 ** 20)), ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])],
      ]),
  },
};

/** Without the history of changes, which has a size of its own and would be taken for what entries cost while it fills. */
export async function startKrusty(before: string[], limitBytes: number): Promise<MemorySubject> {
  const server = await startOwnServer({maxMemoryBytes: limitBytes, watchHistoryBytes: 0}, before);
  return {
    fill: fill => fillKrusty(server.address, fill),
    resident: () => server.memory(),
    stop: () => server.stop(),
  };
}

async function startPeer(protocol: PeerProtocol, words: (port: number) => string[]): Promise<MemorySubject> {
  const port = await freePort();
  const server = await startListener(words(port), port);
  return {
    fill: fill => fillPeer(port, protocol, fill),
    resident: async () => residentOf(server.pid),
    stop: () => server.stop(),
  };
}
