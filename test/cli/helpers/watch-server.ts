/**
 * A server that watches by script: each Watch call runs the next script, so tests can
 * play the broken streams, gaps and shutdowns that a real server has only by accident.
 */

import {EventEmitter, once} from 'node:events';
import {setTimeout} from 'node:timers/promises';
import {Server, ServerCredentials, type ServerWritableStream, type status} from '@grpc/grpc-js';
import type {ExecutionContext} from 'ava';
import {CacheServiceService} from '../../../src/gen/krusty/cache/v1/cache_service.js';
import type {WatchRequest, WatchResponse} from '../../../src/gen/krusty/cache/v1/watch.js';

export type WatchCall = ServerWritableStream<WatchRequest, WatchResponse>;
export type Script = (call: WatchCall) => void;

export interface WatchServer {
  readonly address: string;
  /** What each call asked for, in order. */
  readonly requests: WatchRequest[];
  /** Settles once so many calls have come. */
  asked(calls: number): Promise<void>;
  /** Ends every connection, as if the server had crashed. */
  crash(): void;
  /** Listens again, on the same port. */
  restart(): Promise<void>;
}

const bindAttemptsMost = 100;
const bindPauseMs = 100;

/** A server whose calls run the scripts in turn; the last one is for all that follow. */
export async function startWatchServer(t: ExecutionContext, ...scripts: Script[]): Promise<WatchServer> {
  const requests: WatchRequest[] = [];
  const arrivals = new EventEmitter();
  const watch = (call: WatchCall) => {
    requests.push(call.request);
    arrivals.emit('call');
    const script = scripts[requests.length - 1] ?? scripts.at(-1)!;
    script(call);
  };
  let server = serve();
  const port = await bind(server, 0);
  t.teardown(() => server.forceShutdown());

  function serve(): Server {
    const made = new Server();
    const unused = Object.keys(CacheServiceService).map(name => [name, () => {}]);
    made.addService(CacheServiceService, {...Object.fromEntries(unused), watch});
    return made;
  }
  return {
    address: `127.0.0.1:${port}`,
    requests,
    asked: async calls => {
      while (requests.length < calls) await once(arrivals, 'call');
    },
    crash: () => server.forceShutdown(),
    restart: async () => {
      // The system may have given the port to another test meanwhile, which gives it back soon.
      for (let attempt = 1; ; attempt++) {
        server = serve();
        try {
          await bind(server, port);
          return;
        } catch (error) {
          if (attempt === bindAttemptsMost) throw error;
          await setTimeout(bindPauseMs);
        }
      }
    },
  };
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
}

/** Writes messages. */
export function send(...responses: WatchResponse[]): Script {
  return call => {
    for (const response of responses) call.write(response);
  };
}

/** Writes messages, and ends with an error. */
export function sendAndFail(code: status, details: string, ...responses: WatchResponse[]): Script {
  return call => {
    send(...responses)(call);
    call.emit('error', {code, details});
  };
}
