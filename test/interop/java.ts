/**
 * A client in Java, with the stubs that grpc-java makes of the protos: java/ does these
 * steps, in this order.
 */
import {reportSteps, skipSteps} from './clients.js';
import {heading} from './lib/checks.js';
import {buildJava, javaMissing} from './lib/toolchain.js';
import {withTestServer} from './suites.js';

const steps: readonly {name: string; does: string}[] = [
  {name: 'put, get and delete', does: 'all 256 byte values come back, and are gone'},
  {name: 'batch get', does: '1,000 keys at once, a third of which are there'},
  {name: 'large values', does: '16 values of 1 MiB, asked for at once'},
  {name: 'error details', does: 'a value that is too large fails with an ErrorInfo'},
  {name: 'metadata in binary', does: 'bytes in metadata come back from TestService'},
  {name: 'watch and resume', does: 'leaves four times and misses nothing'},
  {name: 'deadline', does: 'a watch ends at its deadline'},
  {name: 'cancellation', does: '50 cancelled watches are over on the server too'},
  {name: '10,000 calls on 4 connections', does: 'each is answered with the value, and counted by the server'},
];

export async function checkJavaClient(address: string, transport: string): Promise<void> {
  heading('A Java client');
  await withTestServer(transport, port => runJavaClient('Java', [address, 'java/', `127.0.0.1:${port}`]));
}

/** Runs it; `args` are an address, a prefix for keys, the address of TestService, and for TLS the file of an authority. */
export async function runJavaClient(name: string, args: string[]): Promise<void> {
  const missing = await javaMissing();
  if (missing !== undefined) return skipSteps(name, steps, missing);
  // The quick compiler: it runs for a few seconds.
  const words = ['-XX:TieredStopAtLevel=1', '-cp', await buildJava(), 'app.Main', ...args];
  await reportSteps(name, steps, 'java', words, {});
}
