/**
 * The servers that are watched: this one, and etcd, Redis and NATS where they can be had.
 * Each has one core, and no limit that would drop a reader who is behind.
 */
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {run} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {freePort, type ServerProcess, startListener} from '../../test/interop/lib/server.js';
import {missingProgram} from '../lib/packages.js';
import {grpcJs, redis, type Subject} from '../lib/subjects.js';
import type {LoadKind} from './load.js';

export interface WatchSubject {
  name: string;
  load: LoadKind;
  /** Whether a connection has many watchers; otherwise each has its own. */
  sharesConnections: boolean;
  start(before: string[]): Promise<ServerProcess>;
  /** What is missing; undefined if it can be started. */
  missing(): Promise<string | undefined>;
}

export const ownName = grpcJs.name;
export const etcdName = 'etcd';

/** This server, on one of its transports. */
export function watchedKrusty({name, start, missing}: Subject): WatchSubject {
  return {name, load: 'krusty', sharesConnections: true, start, missing};
}

export const redisPubSub: WatchSubject = {
  name: 'Redis pub/sub',
  load: 'redis',
  sharesConnections: false,
  start: redis.start,
  missing: redis.missing,
};

const watchSubjects: readonly WatchSubject[] = [
  watchedKrusty(grpcJs),
  {name: etcdName, load: 'etcd', sharesConnections: true, start: startEtcd, missing: etcdMissing},
  {
    name: 'etcd, a stream a connection',
    load: 'etcd-shared',
    sharesConnections: true,
    start: startEtcd,
    missing: etcdMissing,
  },
  redisPubSub,
  {
    name: 'NATS',
    load: 'nats',
    sharesConnections: true,
    start: startNats,
    missing: () => missingProgram('nats-server', 'nats-server'),
  },
];

/** Those that can be started here, and for the others what is missing. */
export async function presentSubjects(
  all = watchSubjects,
): Promise<{subjects: WatchSubject[]; missing: Map<string, string>}> {
  const missing = new Map<string, string>();
  for (const {name, missing: look} of all) {
    const what = await look();
    if (what !== undefined) missing.set(name, what);
  }
  return {subjects: all.filter(({name}) => !missing.has(name)), missing};
}

/** The versions of the peers, for the record. */
export async function peerVersions(): Promise<string> {
  const versions: string[] = [];
  for (const program of ['etcd', 'redis-server', 'nats-server']) {
    const {code, stdout} = await run(program, ['--version'], {timeoutMs: 5000});
    versions.push(`${program} ${code === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : 'not installed'}`);
  }
  return versions.join(', ');
}

function etcdMissing(): Promise<string | undefined> {
  return missingProgram('etcd', 'etcd-server');
}

/** Its data in memory where there is a place for that, so that it waits for no disk. */
async function startEtcd(before: string[]): Promise<ServerProcess> {
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const [client, peer] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  const folder = makeFolder();
  const words = [
    ...[...before, 'etcd', '--data-dir', folder, '--log-level', 'error'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ];
  const server = await startListener(words, clientPort, {GOMAXPROCS: '1'});
  return {
    ...server,
    async stop() {
      const code = await server.stop();
      rmSync(folder, {recursive: true, force: true});
      return code;
    },
  };
}

function makeFolder(): string {
  try {
    return mkdtempSync('/dev/shm/krusty-bench-');
  } catch {
    return mkdtempSync(join(tmpdir(), 'krusty-bench-'));
  }
}

async function startNats(before: string[]): Promise<ServerProcess> {
  const port = await freePort();
  const config = inRoot('build', 'bench', 'nats.conf');
  mkdirSync(inRoot('build', 'bench'), {recursive: true});
  writeFileSync(config, 'max_pending: 1GB\nwrite_deadline: "60s"\n');
  const words = [...before, 'nats-server', '--config', config, '--addr', '127.0.0.1', '--port', String(port)];
  return startListener(words, port, {GOMAXPROCS: '1'});
}
