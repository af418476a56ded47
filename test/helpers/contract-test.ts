/** Register a test once for each transport, so that what one promises, all keep. */
import test, {type ExecutionContext} from 'ava';
import type {ServerOptions, Transport} from '../../src/server/index.js';
import {transports} from '../../src/server/options.js';
import {type Parts, type PartsOptions, startParts, startServer, type TestServer} from './test-server.js';

export type Start = (options?: PartsOptions) => Promise<Parts>;

/** `start` starts a server over the transport that the test is about; it ends with the test. */
export function contractTest(
  title: string,
  run: (t: ExecutionContext, start: Start, transport: Transport) => Promise<void>,
): void {
  for (const transport of transports) {
    test(`${transport}: ${title}`, t => run(t, options => startParts(t, transport, options), transport));
  }
}

/** Many servers of a file are there at once: what they reserve has to fit into the machine. */
const maxMemoryBytes = 64 * 2 ** 20;

/** The same with a server as users start it. */
export function serverTest(
  title: string,
  run: (
    t: ExecutionContext,
    start: (options?: Partial<ServerOptions>) => Promise<TestServer>,
    transport: Transport,
  ) => Promise<void>,
): void {
  for (const transport of transports) {
    test(`${transport}: ${title}`, t =>
      run(t, options => startServer(t, {transport, maxMemoryBytes, ...options}), transport));
  }
}
