/** The servers that are compared: each started pinned, seen to answer, and asked for its own count. */
import {runOrThrow} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {freePort, type ServerProcess, startListener, startServer} from '../../test/interop/lib/server.js';
import {goTool, makeGoStubs} from '../../test/interop/lib/toolchain.js';

export interface Subject {
  name: string;
  start(before: string[]): Promise<ServerProcess>;
}

/** This server, with flags. */
export function krusty(name: string, args: string[]): Subject {
  return {name, start: before => startServer({before, args})};
}

/** The same contract on grpc-go, one thread: bench/peers/grpc-go. */
export function grpcGo(name: string): Subject {
  return {
    name,
    async start(before) {
      const folder = inRoot('bench', 'peers', 'grpc-go');
      await makeGoStubs(folder);
      const program = `${folder}/bin/grpc-go`;
      await runOrThrow('go', ['build', '-buildvcs=false', '-o', program, '.'], {cwd: folder, timeoutMs: 10 * 60_000});
      const port = await freePort();
      return startListener([...before, program, '-port', String(port)], port, {GOMAXPROCS: '1'});
    },
  };
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
