/**
 * h2load, which knows HTTP/2 and not gRPC: the same Get again and again on a few
 * connections, counted on both sides, since it takes any answer with status 200 for a success.
 */
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {GetRequest} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {createTestClient, type TestClient} from '../helpers/test-client.js';
import {check, heading, skip} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {missingProgram} from './lib/packages.js';
import {inRoot} from './lib/root.js';

const calls = 50_000;
const key = 'h2load';

export async function checkH2load(address: string): Promise<void> {
  heading('h2load');
  const client = createTestClient(address);
  try {
    await runH2load('h2load', `http://${address}`, client);
  } finally {
    client.close();
  }
}

/** Loads the server at this URL; the client asks it for its own count. */
export async function runH2load(name: string, url: string, client: TestClient): Promise<void> {
  const missing = await missingProgram('h2load', 'nghttp2-client');
  if (missing !== undefined) return skip(name, missing);
  await check(`${name}: 50,000 Gets on 8 connections of 50 streams, 0 errors`, async () => {
    await client.put({key, value: Buffer.alloc(100, 'v')});
    const before = await hits(client);
    const load = ['-t', '1', '-c', '8', '-m', '50', '-n', String(calls), '-d', writeRequest()];
    const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
    const path = `${url}/krusty.cache.v1.CacheService/Get`;
    const report = await runOrThrow('h2load', [...load, ...headers, path], {timeoutMs: 2 * 60_000});
    assert.match(report, new RegExp(`${calls} succeeded, 0 failed, 0 errored, 0 timeout`), report);
    if (url.startsWith('https')) assert.match(report, /Application protocol: h2/);
    assert.equal((await hits(client)) - before, calls);
  });
}

async function hits(client: TestClient): Promise<number> {
  return Number((await client.getStats()).total!.hits);
}

/** A gRPC message in a file: a zero (not compressed), its length in four bytes, itself. */
function writeRequest(): string {
  const message = GetRequest.encode(GetRequest.fromPartial({key})).finish();
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  const file = inRoot('build', 'interop', 'get.bin');
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, frame);
  return file;
}
