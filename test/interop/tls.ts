/**
 * Clients that speak TLS, with a certificate that openssl has made and a handshake that
 * agrees on HTTP/2: what they do in clear text they do here too.
 */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {connect} from 'node:tls';
import {credentials} from '@grpc/grpc-js';
import {type BatchGetResponse_Result, GetResponse_Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {createTestClient, type TestClient} from '../helpers/test-client.js';
import {runGoScenario, runPythonScenario} from './clients.js';
import {runH2load} from './h2load.js';
import {runJavaClient} from './java.js';
import {type Certificates, makeCertificates} from './lib/certificates.js';
import {check, heading, skip} from './lib/checks.js';
import {runOrThrow} from './lib/child.js';
import {missingProgram} from './lib/packages.js';
import {inRoot} from './lib/root.js';
import {freePort, startListener} from './lib/server.js';
import {goMissing, goTool} from './lib/toolchain.js';

const ghzCalls = 20_000;

export async function checkTls(transport: string): Promise<void> {
  heading(`TLS, over ${transport}`);
  const missing = await missingProgram('openssl', 'openssl');
  if (missing !== undefined) return skip('TLS', missing);
  const certificates = await makeCertificates();
  const {authority} = certificates;
  const port = await freePort();
  const server = await startListener(serverWords(transport, port, certificates), port);
  const {address} = server;
  const client = createTestClient(address, credentials.createSsl(readFileSync(authority)));
  try {
    await check('grpc-js over TLS: entries, large values, and a watch', () => callAll(client));
    await check('only HTTP/2 is agreed on', () => checkAgreement(port, authority));
    await runH2load('h2load over TLS', `https://${address}`, client);
    await checkGoTools(address, authority);
    await runGoScenario('Go over TLS', [address, 'go/', authority]);
    await runPythonScenario('Python over TLS', [address, 'python/', authority]);
    await runJavaClient('Java over TLS', [address, 'java/', address, authority]);
  } finally {
    client.close();
    await check('TLS: the server ends without a fault', async () => assert.equal(await server.stop(), 0));
  }
}

function serverWords(transport: string, port: number, {key, certificate}: Certificates): string[] {
  const script = inRoot('dist', 'test', 'interop', 'tls-server.js');
  return [process.execPath, script, transport, String(port), key, certificate];
}

async function callAll(client: TestClient): Promise<void> {
  const value = Buffer.alloc(2 ** 20, 'large');
  const watch = client.watch({targets: [{prefix: 'tls/'}]});
  assert((await watch.next())?.message?.$case === 'created');
  for (let number = 0; number < 20; number++) await client.put({key: `tls/${number}`, value});
  const found = await client.batchGet({requests: [{key: 'tls/0'}, {key: 'tls/none'}]});
  assert.deepEqual(found.results.map(isHit), [true, false]);
  for (let seen = 0; seen < 20; ) {
    const message = (await watch.next())?.message;
    if (message?.$case !== 'events') continue;
    for (const {entry} of message.value.events) assert(value.equals(entry!.value));
    seen += message.value.events.length;
  }
  watch.cancel();
}

function isHit({response}: BatchGetResponse_Result): boolean {
  return response?.outcome === GetResponse_Outcome.OUTCOME_HIT;
}

/** Who offers HTTP/1.1 alone is refused within the handshake. */
async function checkAgreement(port: number, authority: string): Promise<void> {
  const ask = async (ALPNProtocols: string[]) => {
    const socket = connect({port, host: '127.0.0.1', ca: readFileSync(authority), ALPNProtocols});
    try {
      await once(socket, 'secureConnect');
      return socket.alpnProtocol;
    } finally {
      socket.destroy();
    }
  };
  assert.equal(await ask(['http/1.1', 'h2']), 'h2');
  await assert.rejects(ask(['http/1.1']), /no application protocol/i);
}

async function checkGoTools(address: string, authority: string): Promise<void> {
  const missing = await goMissing();
  if (missing !== undefined) return skip('grpcurl and ghz over TLS', missing);
  const grpcurl = await goTool('grpcurl');
  const ghz = await goTool('ghz');
  const get = 'krusty.cache.v1.CacheService.Get';
  await check('grpcurl over TLS: reflection, and a call', async () => {
    const words = (...args: string[]) => runOrThrow(grpcurl, ['-cacert', authority, ...args], {timeoutMs: 20_000});
    assert.match(await words(address, 'describe', 'krusty.cache.v1.CacheService'), /rpc Watch/);
    assert.match(await words('-d', '{"key": "no such key"}', address, get), /OUTCOME_MISS/);
  });
  await check('ghz over TLS: 20,000 Gets over 5 connections, 0 errors', async () => {
    const load = ['-n', String(ghzCalls), '-c', '50', '--connections', '5', '-d', '{"key":"ghz"}', '-O', 'json'];
    const text = await runOrThrow(ghz, ['--cacert', authority, '--call', get, ...load, address], {
      timeoutMs: 2 * 60_000,
    });
    assert.deepEqual(JSON.parse(text).statusCodeDistribution, {OK: ghzCalls});
  });
}
