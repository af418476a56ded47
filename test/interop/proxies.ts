/**
 * The server behind nginx, HAProxy and nghttpx: a hundred thousand calls without one error, a watch
 * that is left and resumed, and the end of the server, which clients hear of as
 * UNAVAILABLE and not as a connection that breaks.
 */
import assert from 'node:assert/strict';
import type {WatchEvent} from '../../src/gen/krusty/cache/v1/watch.js';
import {RpcError} from '../helpers/rpc-error.js';
import {createTestClient, type TestClient, type WatchCall} from '../helpers/test-client.js';
import {check, heading, skip} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {missingProgram} from './lib/packages.js';
import {type HttpProxy, proxies, startProxy} from './lib/proxies.js';
import {type ServerProcess, startServer} from './lib/server.js';
import {goTool} from './lib/toolchain.js';
import {until} from './lib/until.js';

/** Fewer through the transport that takes many times as long for each. */
const callsOver: Record<string, number> = {wire: 100_000, 'grpc-js': 20_000};
const prefix = 'proxied/';
const callersAtEnd = 20;

export async function checkProxies(transport: string): Promise<void> {
  for (const proxy of proxies) {
    heading(`Behind ${proxy.name}, over ${transport}`);
    const missing = await missingProgram(proxy.program, proxy.debianPackage);
    if (missing === undefined) await checkProxy(proxy, transport);
    else skip(proxy.name, missing);
  }
}

async function checkProxy(proxy: HttpProxy, transport: string): Promise<void> {
  const server = await startServer({args: ['--transport', transport]});
  try {
    const between = await startProxy(proxy, server.port);
    try {
      await checkBehind(proxy.name, between.address, server, callsOver[transport]!);
    } finally {
      await between.kill();
    }
  } finally {
    await server.kill();
  }
}

async function checkBehind(name: string, address: string, server: ServerProcess, calls: number): Promise<void> {
  const direct = createTestClient(server.address);
  const client = createTestClient(address);
  try {
    await check(`${name}: ${calls} Gets by 50 callers over 5 connections, 0 errors`, () =>
      checkCalls(address, direct, calls),
    );
    await check(`${name}: a watch, left and resumed`, () => checkWatch(client, direct));
    await check(`${name}: 8 values of 1 MiB, both ways at once`, () => checkLarge(client));
    direct.close();
    await check(`${name}: the server's end is UNAVAILABLE to all callers`, () => checkEnd(client, server));
  } finally {
    direct.close();
    client.close();
  }
}

async function checkCalls(address: string, direct: TestClient, calls: number): Promise<void> {
  const hits = async () => Number((await direct.getStats()).total!.hits);
  await direct.put({key: 'ghz', value: Buffer.alloc(100, 'v')});
  const before = await hits();
  const load = ['-n', String(calls), '-c', '50', '--connections', '5', '-d', '{"key":"ghz"}', '-O', 'json'];
  const text = await runOrThrow(
    await goTool('ghz'),
    ['--insecure', '--call', 'krusty.cache.v1.CacheService.Get', ...load, address],
    {timeoutMs: 5 * 60_000},
  );
  assert.deepEqual(JSON.parse(text).statusCodeDistribution, {OK: calls});
  assert.equal((await hits()) - before, calls);
}

async function checkWatch(client: TestClient, direct: TestClient): Promise<void> {
  const first = await begin(client, '');
  await putAll(client, 'while there');
  const {keys, token} = await readKeys(first, 100);
  first.cancel();
  await until('the server knows that nobody watches', async () => (await direct.getStats()).watchers === 0n);
  await putAll(client, 'while away');
  const second = await begin(client, token);
  keys.push(...(await readKeys(second, 100)).keys);
  second.cancel();
  assert.deepEqual(keys, [...keysOf('while there'), ...keysOf('while away')]);
}

async function begin(client: TestClient, resumeToken: string): Promise<WatchCall> {
  const watch = client.watch({targets: [{prefix}], resumeToken});
  assert.equal((await watch.next())?.message?.$case, 'created');
  return watch;
}

async function putAll(client: TestClient, when: string): Promise<void> {
  for (const key of keysOf(when)) await client.put({key});
}

function keysOf(when: string): string[] {
  return Array.from({length: 100}, (_, number) => `${prefix}${when}/${number}`);
}

async function readKeys(watch: WatchCall, count: number): Promise<{keys: string[]; token: string}> {
  const events: WatchEvent[] = [];
  let token = '';
  while (events.length < count) {
    const message = await watch.next();
    assert(message?.message?.$case === 'events');
    events.push(...message.message.value.events);
    token = message.resumeToken;
  }
  return {keys: events.map(({entry}) => entry!.key), token};
}

async function checkLarge(client: TestClient): Promise<void> {
  const value = Buffer.alloc(2 ** 20, 'large');
  const keys = Array.from({length: 8}, (_, number) => `large/${number}`);
  await Promise.all(keys.map(key => client.put({key, value})));
  const found = await Promise.all(keys.map(key => client.get({key})));
  for (const {entry} of found) assert(value.equals(entry!.value));
}

/** The server is told to end while there is a watch and callers call all the time; those go on until each has failed. */
async function checkEnd(client: TestClient, server: ServerProcess): Promise<void> {
  const watch = await begin(client, '');
  const answered: {count: number} = {count: 0};
  const callers = Array.from({length: callersAtEnd}, () => callUntilFailure(client, answered));
  await until('calls are under way', () => answered.count > 1000);
  const stopped = server.stop();
  assert.equal((await watch.next())?.message?.$case, 'draining');
  assert.equal(await codeOf(watch.next()), 'UNAVAILABLE');
  const codes = await Promise.all(callers);
  assert.deepEqual(new Set(codes), new Set(['UNAVAILABLE']));
  assert.equal(await stopped, 0);
}

async function callUntilFailure(client: TestClient, answered: {count: number}): Promise<string> {
  for (;;) {
    const code = await codeOf(client.get({key: 'ghz'}));
    if (code !== 'OK') return code;
    answered.count++;
  }
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
    return 'OK';
  } catch (error) {
    assert(error instanceof RpcError, String(error));
    return error.code;
  }
}
