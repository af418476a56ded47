/** Registers a test once for each transport, so that what one promises, all keep. */
import test, {type ExecutionContext} from 'ava';
import type {Transport} from '../../src/server/index.js';
import {transports} from '../../src/server/options.js';
import {type Parts, type PartsOptions, startParts} from './test-server.js';

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
