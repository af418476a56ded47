/**
 * How a server socket listens: alone, or so that several threads have one port.
 *
 * Where Node knows `reusePort`, each thread has a socket and a queue of its own, and the
 * system spreads new connections over them. Elsewhere the first thread listens, and the
 * others listen on its descriptor: whoever comes first accepts.
 */
import {type AddressInfo, createServer, type Server} from 'node:net';
import {descriptorOf} from './shared-descriptor.js';

/** A socket of its own; `reusePort` is newer than the types of the oldest Node. */
interface Place {
  host: string;
  port: number;
  reusePort?: boolean;
}

/** Where a thread listens together with those before it. */
export type NextPlace = Place | {fd: number};

export interface FirstPlace {
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
  way: SharingWay;
}

export type SharingWay = 'reusePort' | 'descriptor';

export function waysToShare(nodeVersion = process.versions.node, platform = process.platform): SharingWay[] {
  if (platform === 'win32') return [];
  // Where it does not know the option, Node passes over it; other systems refuse it.
  return platform === 'linux' && knowsReusePort(nodeVersion) ? ['reusePort', 'descriptor'] : ['descriptor'];
}

/** Since 22.12 and 23.1. */
function knowsReusePort(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/** Settles when the server listens. Fails with the system's error where it cannot. */
export function listen(server: Server, place: NextPlace): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      // What the system refuses from now on is one connection, which its client sees.
      server.on('error', () => {});
      resolve();
    });
  });
}

/** Listens as the first of several threads, and answers where the others do. */
export async function listenFirst(server: Server, {host, port, way}: FirstPlace): Promise<NextPlace> {
  if (way === 'descriptor') {
    await listen(server, {host, port});
    await isPolled();
    return {fd: descriptorOf(server)};
  }
  // Sockets that share a port would share it with those of another krusty as well.
  if (port !== 0) await refusePortInUse(host, port);
  await listen(server, {host, port, reusePort: true});
  const {address, port: chosen} = server.address() as AddressInfo;
  return {host: address, port: chosen, reusePort: true};
}

/** Listens as one more of several threads. */
export async function listenNext(server: Server, place: NextPlace): Promise<void> {
  await listen(server, place);
  await isPolled();
}

/**
 * Until the event loop looks after what has just begun to listen: from the turn after this
 * one. If another thread closed the descriptor before, the engine would not find it and
 * abort the process.
 */
async function isPolled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve));
}

/** A socket that shares with nobody finds out. */
async function refusePortInUse(host: string, port: number): Promise<void> {
  const probe = createServer();
  await listen(probe, {host, port});
  await new Promise(resolve => probe.close(resolve));
}
