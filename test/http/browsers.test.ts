/** A browser is not a trusted client: who may write, under which name, and what CORS allows. */
import test from 'ava';
import {BrowserGuard, type BrowserGuardOptions} from '../../src/http/browser-guard.js';
import {Refusal} from '../../src/http/refusal.js';
import type {HttpSink} from '../../src/http/types.js';
import {httpTest, statusBody} from './helpers/http-parts.js';

/** Why a request is refused; undefined if it is not. */
function refusalOf(
  options: BrowserGuardOptions,
  {method = 'PUT', host = 'localhost:7070', isLoopback = true, ...headers}: Record<string, unknown>,
): string | undefined {
  const guard = new BrowserGuard(options);
  const sink = {addHeaders: () => {}, start: () => {}, end: () => {}} as unknown as HttpSink;
  try {
    guard.check({method, host, isLoopback, target: '/k', headers} as never, sink);
    return undefined;
  } catch (failure) {
    if (failure instanceof Refusal) return failure.reason;
    throw failure;
  }
}

const cross = 'CROSS_SITE_WRITE';

const writes: [headers: Record<string, unknown>, refusal: string | undefined][] = [
  [{}, undefined],
  [{origin: 'http://localhost:7070'}, undefined],
  [{origin: 'https://localhost:7070'}, undefined],
  [{origin: 'http://localhost:7070', 'sec-fetch-site': 'same-origin'}, undefined],
  [{origin: 'https://proxy.example', 'sec-fetch-site': 'same-origin'}, undefined],
  [{'sec-fetch-site': 'none'}, undefined],
  [{origin: 'https://evil.example'}, cross],
  [{origin: 'http://localhost:3000'}, cross],
  [{origin: 'http://localhost'}, cross],
  [{origin: 'null'}, cross],
  [{origin: ''}, cross],
  [{origin: 'http://localhost:7070, http://evil.example'}, cross],
  [{'sec-fetch-site': 'cross-site'}, cross],
  [{'sec-fetch-site': 'same-site', origin: 'http://localhost:3000'}, cross],
  [{'sec-fetch-site': 'cross-site', origin: 'http://localhost:7070'}, cross],
  [{'sec-fetch-site': 'something new'}, cross],
];

for (const [headers, refusal] of writes) {
  test(`a write with ${JSON.stringify(headers)} is ${refusal ?? 'taken'}`, t => {
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) t.is(refusalOf({}, {method, ...headers}), refusal);
    for (const method of ['GET', 'HEAD', 'OPTIONS']) t.is(refusalOf({}, {method, ...headers}), undefined);
  });
}

const foreign = 'FOREIGN_HOST';

const hosts: [host: string, refusal: string | undefined][] = [
  ['localhost', undefined],
  ['LOCALHOST:80', undefined],
  ['app.localhost:7070', undefined],
  ['127.0.0.1:7070', undefined],
  ['192.168.1.5', undefined],
  ['[::1]:7070', undefined],
  ['[::1]', undefined],
  ['evil.example', foreign],
  ['evil.example:7070', foreign],
  ['localhost.evil.example', foreign],
  ['evillocalhost', foreign],
  ['127.0.0.1.evil.example', foreign],
  ['127.0.0.1:7070.evil.example', foreign],
  ['', foreign],
  ['localhost:7070@evil.example', foreign],
  ['cache.internal', foreign],
];

for (const [host, refusal] of hosts) {
  test(`on a loopback address the Host "${host}" is ${refusal ?? 'taken'}`, t => {
    for (const method of ['GET', 'PUT']) {
      t.is(refusalOf({}, {method, host}), refusal);
      t.is(refusalOf({}, {method, host, isLoopback: false}), undefined);
      t.is(refusalOf({allowedHosts: ['*']}, {method, host}), undefined);
    }
  });
}

test('an allowed Host is taken, whatever its case and port', t => {
  const allowedHosts = ['cache.internal', 'Other.Example'];
  for (const host of ['cache.internal', 'CACHE.internal:80', 'other.example']) {
    t.is(refusalOf({allowedHosts}, {host}), undefined, host);
  }
  t.is(refusalOf({allowedHosts}, {host: 'x.cache.internal'}), foreign);
});

test('a Host that was taken on another address is not taken for good', t => {
  const guard = new BrowserGuard({});
  const sink = {} as HttpSink;
  const check = (isLoopback: boolean) =>
    guard.check({method: 'GET', host: 'cache.example', isLoopback, target: '/', headers: {}} as never, sink);
  t.false(check(false));
  t.throws(() => check(true), {instanceOf: Refusal});
});

httpTest('without CORS no answer names an origin, and a preflight allows nothing', async (t, start) => {
  const {ask} = await start();
  const origin = 'https://app.example';
  const preflight = await ask('OPTIONS', '/k', {headers: {origin, 'access-control-request-method': 'PUT'}});
  const read = await ask('GET', '/k', {headers: {origin}});
  for (const {headers} of [preflight, read]) {
    t.deepEqual(
      Object.keys(headers).filter(name => name.startsWith('access-control') || name === 'vary'),
      [],
    );
  }
});

httpTest('an allowed origin may read and write, and reads the ETag; another may not', async (t, start) => {
  const {ask, stored} = await start({http: {corsOrigins: ['https://app.example']}});
  const origin = 'https://app.example';
  const preflight = await ask('OPTIONS', '/k', {
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'if-match,content-type',
    },
  });
  t.is(preflight.status, 204);
  t.like(preflight.headers, {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-allow-headers': 'if-match,content-type',
    vary: 'Origin',
  });
  const put = await ask('PUT', '/k', {body: 'v', headers: {origin, 'sec-fetch-site': 'cross-site'}});
  t.is(put.status, 201);
  t.is(put.headers['access-control-allow-origin'], origin);
  t.is(put.headers['access-control-expose-headers'], 'ETag');
  for (const target of ['/k', '/none', '/v1/entries/k', '/-/healthy']) {
    t.is((await ask('GET', target, {headers: {origin}})).headers['access-control-allow-origin'], origin, target);
  }

  const other = {origin: 'https://other.example', 'sec-fetch-site': 'cross-site'};
  const refused = await ask('PUT', '/k', {body: 'other', headers: other});
  t.is(refused.status, 403);
  t.is(statusBody(t, refused).reason, cross);
  const read = await ask('GET', '/k', {headers: other});
  t.is(read.headers['access-control-allow-origin'], undefined);
  t.is(read.headers.vary, 'Origin');
  t.is(stored('k'), 'v');
});

httpTest('with * every origin is allowed', async (t, start) => {
  const {ask} = await start({http: {corsOrigins: ['*']}});
  const headers = {origin: 'https://anyone.example', 'sec-fetch-site': 'cross-site'};
  t.is((await ask('PUT', '/k', {body: 'v', headers})).status, 201);
  t.is((await ask('GET', '/k', {headers})).headers['access-control-allow-origin'], '*');
});
