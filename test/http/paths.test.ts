/** Which key a path names, and which paths name none. */
import test from 'ava';
import {placeOf} from '../../src/http/paths.js';
import {Refusal} from '../../src/http/refusal.js';
import {http1Test, httpTest, statusBody} from './helpers/http-parts.js';

const keys: Record<string, string> = {
  '/greeting': 'greeting',
  '/a/b/c': 'a/b/c',
  '/a%2Fb': 'a/b',
  '/a%2fb': 'a/b',
  '//': '/',
  '//a//b/': '/a//b/',
  '/a;b;c=d': 'a;b;c=d',
  '/a+b': 'a+b',
  '/a%20b': 'a b',
  '/a%2Bb': 'a+b',
  '/a%252Fb': 'a%2Fb',
  '/%25': '%',
  '/a%3Fb%23c': 'a?b#c',
  '/user:1:get': 'user:1:get',
  '/%C3%A4%E2%82%AC%F0%9F%98%80': 'ä€😀',
  '/%EF%BB%BFbom': '\uFEFFbom',
  '/%00%0A': '\0\n',
  '/a.b/.c/d../...': 'a.b/.c/d../...',
  '/V1/x': 'V1/x',
  '/v/x': 'v/x',
  '/v1x/y': 'v1x/y',
  '/v1:get': 'v1:get',
  '/-x': '-x',
  '/--/x': '--/x',
  '/krusty': 'krusty',
  '/krustyx.y': 'krustyx.y',
  '/a/krusty.x': 'a/krusty.x',
  '/a/-/v1': 'a/-/v1',
  '/%2Fv1': '/v1',
  '/-/raw/-/healthy': '-/healthy',
  '/-/raw/v1/entries': 'v1/entries',
  '/-/raw/%76%31': 'v1',
  '/-/raw/krusty.x': 'krusty.x',
  '/-/raw//': '/',
};

for (const [path, key] of Object.entries(keys)) {
  test(`${path} is the key ${JSON.stringify(key)}`, t => {
    t.deepEqual(placeOf(path), {kind: 'key', key});
  });
}

const places: Record<string, string> = {
  '/': 'own',
  '/-': 'own',
  '/-/': 'own',
  '/-/healthy': 'own',
  '/-/raw': 'own',
  '/-/%72aw/x': 'own',
  '/v1': 'json',
  '/v1/entries/a': 'json',
  '/v0/x': 'json',
  '/v12345': 'json',
  '/krusty.cache.v1.CacheService/Get': 'grpc',
  '/krusty.': 'grpc',
  '/grpc.health.v1.Health/Check': 'grpc',
};

for (const [path, kind] of Object.entries(places)) {
  test(`${path} is reserved: ${kind}`, t => {
    t.is(placeOf(path).kind, kind as never);
  });
}

const refused = [
  '/%',
  '/%2',
  '/%zz',
  '/a%2',
  '/%u0041',
  '/%FF',
  '/%C3',
  '/%C0%AF',
  '/%ED%A0%80',
  '/%F4%90%80%80',
  '/.',
  '/..',
  '/a/../b',
  '/a/./b',
  '/a/..',
  '/./a',
  '/%2e',
  '/%2E%2e',
  '/a/%2e%2e/b',
  '/a/.%2e/b',
  '/a%2F..%2Fb',
  '/..%2Fa',
  '/-/raw/..',
  '/-/raw/a/%2e%2e',
  '/%2D/healthy',
  '/-%2Fhealthy',
  '/%2d',
  '/v%31/entries/x',
  '/v1%2Fentries',
  '/%76%31',
  '/krusty%2Ecache',
  '/k%72usty.x/y',
  '/grpc%2e',
  '/a b',
  '/ä',
  '/a#b',
  '/a\x7f',
  '/\xff',
];

for (const path of refused) {
  test(`${JSON.stringify(path)} is refused`, t => {
    t.is(t.throws(() => placeOf(path), {instanceOf: Refusal}).reason, 'MALFORMED_TARGET');
  });
}

httpTest('the path is what was received: nothing on the way makes another of it', async (t, start) => {
  const {ask, stored, entries} = await start();
  t.is((await ask('PUT', '//a;b+c%2Fd', {body: 'v'})).status, 201);
  t.is(stored('/a;b+c/d'), 'v');
  for (const path of ['/a/../b', '/a/%2e%2e/b', '/%2d/healthy', '/%ff', '/a%']) {
    const answer = await ask('PUT', path, {body: 'v'});
    t.is(answer.status, 400, path);
    t.is(statusBody(t, answer).reason, 'MALFORMED_TARGET');
  }
  t.is(entries(), 1);
});

http1Test('a target with its scheme and host is taken as any server has to', async (t, start) => {
  const {ask, stored} = await start();
  t.is((await ask('PUT', 'http://localhost/a%2Fb?ttl=5m', {body: 'v'})).status, 201);
  t.is(stored('a/b'), 'v');
  t.is((await ask('GET', 'http://localhost')).status, 200);
  for (const target of ['ftp://localhost/a', 'a', 'http:///a', 'http://user@localhost/a', '*']) {
    t.true([400, 403].includes((await ask('GET', target)).status), target);
  }
});

httpTest('the longest key fits, each of its bytes escaped; a longer one is told', async (t, start) => {
  const {ask, stored} = await start();
  const key = 'ä'.repeat(512);
  t.is((await ask('PUT', `/${encodeURIComponent(key)}`, {body: 'v'})).status, 201);
  t.is(stored(key), 'v');
  const longer = await ask('PUT', `/${encodeURIComponent(`${key}x`)}`, {body: 'v'});
  t.is(longer.status, 400);
  t.is(statusBody(t, longer).reason, 'KEY_TOO_LONG');
  t.is(statusBody(t, await ask('PUT', '/-/raw/', {body: 'v'})).reason, 'KEY_EMPTY');
});
