/**
 * h2load as a gRPC client: one message, encoded beforehand, sent again and again. It
 * counts HTTP 200 as success, which a gRPC error is too: whoever uses it must count the
 * calls on the server as well. And h2load as a client of HTTP/1.1, which says what it means.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {runOrThrow} from '../../test/interop/lib/child.js';
import {missingProgram} from '../../test/interop/lib/packages.js';
import {inRoot} from '../../test/interop/lib/root.js';

export interface H2loadShape {
  connections: number;
  /** Calls under way at once on each connection. */
  streams: number;
}

export interface H2loadRun {
  calls: number;
  callsPerSecond: number;
}

/** Makes h2load available, by apt-get where that can be done. */
export async function needH2load(): Promise<void> {
  const missing = await missingProgram('h2load', 'nghttp2-client');
  if (missing !== undefined) throw new Error(missing);
}

/** Sends `calls` calls to a method and waits for the end of them. Throws if one fails. */
export async function runH2load(options: {
  address: string;
  method: string;
  message: Uint8Array;
  shape: H2loadShape;
  calls: number;
  before: string[];
}): Promise<H2loadRun> {
  const {address, method, message, shape, calls, before} = options;
  const words = [
    ...before,
    'h2load',
    ...['-t', '1', '-c', String(shape.connections), '-m', String(shape.streams), '-n', String(calls)],
    ...['-H', 'content-type: application/grpc', '-H', 'te: trailers', '-d', writeFrame(message)],
    `http://${address}/${method}`,
  ];
  return {calls, callsPerSecond: await runWords(words, calls)};
}

/** Sends GETs over HTTP/1.1 and waits for the end of them; answers how many there were a second. Throws if one fails. */
export async function runHttp1Load(options: {
  address: string;
  path: string;
  connections: number;
  requests: number;
  before: string[];
}): Promise<number> {
  const {address, path, connections, requests, before} = options;
  const shape = ['-t', '1', '-c', String(connections), '-n', String(requests)];
  return runWords([...before, 'h2load', '--h1', ...shape, `http://${address}${path}`], requests);
}

/** Answers the rate of the successes. */
async function runWords(words: string[], count: number): Promise<number> {
  const text = await runOrThrow(words[0]!, words.slice(1), {timeoutMs: 2 * 60_000});
  const [, rate] = /finished in .*, ([\d.]+) req\/s/.exec(text) ?? [];
  const [, succeeded] = /(\d+) succeeded/.exec(text) ?? [];
  if (rate === undefined || Number(succeeded) !== count) throw new Error(`h2load: not every call succeeded\n${text}`);
  return Number(rate);
}

/** A gRPC message in a file: a zero (not compressed), its length in four bytes, itself. */
function writeFrame(message: Uint8Array): string {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  const file = join(inRoot('build', 'bench'), `frame-${process.pid}.bin`);
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, frame);
  return file;
}
