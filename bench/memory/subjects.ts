/** The servers whose memory is compared: this one, and redis-server and memcached where they can be had. */
import {run} from '../../test/interop/lib/child.js';
import {freePort, startListener} from '../../test/interop/lib/server.js';
import {startNodeChild} from '../lib/node-child.js';
import {type Resident, residentOf} from '../lib/resident.js';
import {type Fill, fillKrusty, fillPeer, memcachedProtocol, type PeerProtocol, redisProtocol} from './fill.js';
import type {ServerAnswer} from './server-child.js';

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
    missing: () => missingPackage('redis-server'),
    start: (before, limitBytes) =>
      startPeer(redisProtocol, port => [
        ...[...before, 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''],
        ...['--appendonly', 'no', '--maxmemory', String(limitBytes), '--maxmemory-policy', 'allkeys-lru'],
      ]),
  },
  memcached: {
    missing: () => missingPackage('memcached'),
    start: (before, limitBytes) =>
      startPeer(memcachedProtocol, port => [
        ...[...before, 'memcached', '-p', String(port), '-l', '127.0.0.1', '-U', '0', '-t', '1'],
        // It refuses to run as root unless told to.
        ...['-m', String(Math.floor(limitBytes / 2 ** 20)), ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])],
      ]),
  },
};

export async function startKrusty(before: string[], limitBytes: number): Promise<MemorySubject> {
  const child = startNodeChild('memory/server-child.js', [JSON.stringify({maxMemoryBytes: limitBytes})], {
    before,
    // Node's young generation grows to its full size within the first minutes of a load, whatever the store holds; here it
    // has it from the start, so that it does not count as growth by entries.
    flags: ['--expose-gc', '--min-semi-space-size=16'],
  });
  const {address} = await child.ask<ServerAnswer>({});
  return {
    fill: fill => fillKrusty(address, fill),
    async resident() {
      await child.ask({});
      return residentOf(child.pid);
    },
    stop: () => child.stop(),
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

/** Debian's package and its program have the same name. */
async function missingPackage(name: string): Promise<string | undefined> {
  const present = async () => (await run(name, ['--version'], {timeoutMs: 5000})).code === 0;
  if (await present()) return undefined;
  if (process.getuid?.() === 0) {
    const env = {DEBIAN_FRONTEND: 'noninteractive'};
    await run('apt-get', ['update'], {timeoutMs: 2 * 60_000, env});
    await run('apt-get', ['install', '--yes', '--no-install-recommends', name], {timeoutMs: 3 * 60_000, env});
  }
  return (await present()) ? undefined : `${name} is not installed; on Debian and Ubuntu: apt-get install ${name}`;
}
