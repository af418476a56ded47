/** The servers whose calls are compared: each started pinned, seen to answer, and asked for its own count. */
import {run, runOrThrow} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {freePort, type ServerProcess, startListener, startServer} from '../../test/interop/lib/server.js';
import {goMissing, goTool, makeGoStubs} from '../../test/interop/lib/toolchain.js';
import type {LoadProtocol} from './load.js';
import {missingProgram} from './packages.js';
import type {Pinning} from './pin.js';

const buildMsMost = 10 * 60_000;

export interface Subject {
  name: string;
  protocol: LoadProtocol;
  start(before: string[]): Promise<ServerProcess>;
  /** What is missing; undefined if it can be started. */
  missing(): Promise<string | undefined>;
}

/** This server, with flags. */
export function krusty(name: string, args: string[]): Subject {
  return {name, protocol: 'grpc', start: before => startServer({before, args}), missing: async () => undefined};
}

export const wire = krusty('krusty, wire', ['--transport', 'wire']);
export const grpcJs = krusty('krusty, grpc-js', ['--transport', 'grpc-js']);

/** The same contract on grpc-go, one thread: bench/peers/grpc-go. */
export const grpcGo: Subject = {
  name: 'grpc-go, GOMAXPROCS=1',
  protocol: 'grpc',
  missing: goMissing,
  async start(before) {
    const folder = inRoot('bench', 'peers', 'grpc-go');
    await makeGoStubs(folder);
    const program = `${folder}/bin/grpc-go`;
    await runOrThrow('go', ['build', '-buildvcs=false', '-o', program, '.'], {cwd: folder, timeoutMs: buildMsMost});
    const port = await freePort();
    return startListener([...before, program, '-port', String(port)], port, {GOMAXPROCS: '1'});
  },
};

const tonicFolder = inRoot('bench', 'peers', 'tonic');

/** The same on tonic: bench/peers/tonic. */
export const tonic: Subject = {
  name: 'tonic, one thread',
  protocol: 'grpc',
  missing: async () => {
    const build = ['build', '--release', '--quiet'];
    const {code, stderr} = await run('cargo', build, {cwd: tonicFolder, timeoutMs: buildMsMost});
    return code === 0 ? undefined : `cargo, which comes with Rust, does not build it: ${stderr.trim().slice(-500)}`;
  },
  async start(before) {
    const port = await freePort();
    return startListener([...before, `${tonicFolder}/target/release/krusty-bench-tonic`, String(port)], port);
  },
};

/** In memory alone, and without limits on slow readers. */
export const redis: Subject = {
  name: 'Redis',
  protocol: 'redis',
  missing: () => missingProgram('redis-server', 'redis-server'),
  async start(before) {
    const port = await freePort();
    const words = [
      ...[...before, 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--appendonly', 'no', '--maxclients', '15000', '--client-output-buffer-limit', 'pubsub', '0', '0', '0'],
    ];
    return startListener(words, port);
  },
};

export const memcached: Subject = {
  name: 'memcached, one thread',
  protocol: 'memcached',
  missing: () => missingProgram('memcached', 'memcached'),
  async start(before) {
    const port = await freePort();
    const words = [...before, 'memcached', '-p', String(port), '-l', '127.0.0.1', '-U', '0', '-t', '1', '-m', '1024'];
    // It refuses to run as root unless told to.
    return startListener([...words, ...(process.getuid?.() === 0 ? ['-u', 'root'] : [])], port);
  },
};

export interface StartedSubject extends ServerProcess {
  subject: Subject;
}

/** Starts those that are there, and says what is missing of the others. `stop` ends all of them. */
export async function startSubjects(subjects: readonly Subject[], pins: Pinning) {
  const servers = new Map<string, StartedSubject>();
  const missing: string[] = [];
  const stop = async () => {
    for (const server of servers.values()) await server.stop();
  };
  try {
    for (const subject of subjects) {
      const what = await subject.missing();
      if (what !== undefined) missing.push(`${subject.name} is left out: ${what}.`);
      else servers.set(subject.name, {...(await subject.start(pins.server)), subject});
    }
  } catch (error) {
    await stop();
    throw error;
  }
  for (const words of missing) console.log(words);
  return {servers, missing, stop};
}

/** Calls a method through grpcurl; fails unless it answers OK. */
export async function callOnce(address: string, method: string, request: unknown): Promise<unknown> {
  const schema = ['-plaintext', '-protoset', inRoot('dist', 'image.binpb'), '-emit-defaults'];
  const args = [...schema, '-d', JSON.stringify(request), address, method];
  return JSON.parse(await runOrThrow(await goTool('grpcurl'), args, {timeoutMs: 20_000}));
}

/** How many lookups found an entry, as the server counts them. */
export async function countHits(address: string): Promise<number> {
  const stats = (await callOnce(address, 'krusty.cache.v1.AdminService/GetStats', {})) as {total: {hits: string}};
  return Number(stats.total.hits);
}
