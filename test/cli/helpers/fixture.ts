/** A server in this process, and the CLI's own client of it to fill it without a process for each call. */
import type {TestFn} from 'ava';
import {type CacheClient, createClient} from '../../../cli/lib/client.js';
import {createServer, type RunningServer, type ServerOptions} from '../../../src/server/index.js';
import {type Ended, krusty, type RunOptions} from './krusty.js';

export interface Fixture {
  readonly address: string;
  readonly client: CacheClient;
  /** Runs `krusty` against the server. */
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
}

/** A fixture that lives as long as the tests of a file. */
export function useServer(test: TestFn, options: Partial<ServerOptions> = {}): Fixture {
  let server: RunningServer;
  let client: CacheClient;
  test.serial.before(async () => {
    server = await createServer({port: 0, maxMemoryBytes: 64 * 2 ** 20, ...options});
    client = await createClient({address: server.address, timeoutMs: 10_000});
  });
  test.after.always(async () => {
    client?.close();
    await server?.close();
  });
  return {
    get address() {
      return server.address;
    },
    get client() {
      return client;
    },
    run: (args, runOptions) => krusty(args, {address: server.address, ...runOptions}),
  };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
