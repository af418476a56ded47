/** Plain keys: what each method does and answers. */
import {limits} from '../../src/base/index.js';
import {http1Test, httpTest, statusBody} from './helpers/http-parts.js';

httpTest('PUT stores, GET fetches, DELETE removes', async (t, start) => {
  const {ask, stored} = await start();
  const put = await ask('PUT', '/greeting', {body: 'hello'});
  t.like(put, {status: 201, body: Buffer.alloc(0)});
  t.is(stored('greeting'), 'hello');
  const got = await ask('GET', '/greeting');
  t.is(got.status, 200);
  t.is(got.body.toString(), 'hello');
  t.is(got.headers.etag, put.headers.etag);
  t.is((await ask('DELETE', '/greeting')).status, 204);
  t.is(stored('greeting'), undefined);
});

httpTest('a new entry is 201, one that is replaced 204, and POST is as PUT', async (t, start) => {
  const {ask, stored} = await start();
  t.is((await ask('POST', '/k', {body: '1'})).status, 201);
  const second = await ask('PUT', '/k', {body: '2'});
  t.is(second.status, 204);
  t.is((await ask('GET', '/k')).headers.etag, second.headers.etag);
  t.is((await ask('POST', '/k', {body: '3'})).status, 204);
  t.is(stored('k'), '3');
});

httpTest('a miss is 404 with its reason, of GET, HEAD and DELETE', async (t, start) => {
  const {ask} = await start();
  for (const method of ['GET', 'DELETE']) {
    const answer = await ask(method, '/nothing');
    t.is(answer.status, 404);
    t.like(statusBody(t, answer), {code: 5, reason: 'NO_ENTRY'});
  }
  t.like(await ask('HEAD', '/nothing'), {status: 404, body: Buffer.alloc(0)});
});

httpTest('HEAD has the headers of GET and no body', async (t, start) => {
  const {ask} = await start();
  await ask('PUT', '/k', {body: 'hello', headers: {'content-type': 'text/plain'}});
  const {date: _, ...get} = (await ask('GET', '/k')).headers;
  const {date: __, ...head} = (await ask('HEAD', '/k')).headers;
  t.deepEqual(head, get);
  t.is(head['content-length'], '5');
});

httpTest('OPTIONS tells the methods', async (t, start) => {
  const {ask} = await start();
  for (const target of ['/k', '*']) {
    const {status, headers} = await ask('OPTIONS', target);
    t.is(status, 204);
    t.is(headers.allow, 'GET, HEAD, PUT, POST, DELETE, OPTIONS');
  }
});

httpTest('any bytes come back as they were, up to the limit', async (t, start) => {
  const {ask} = await start();
  const value = Buffer.from(Array.from({length: 2 ** 20}, (_, index) => (index * 7919) % 256));
  t.is((await ask('PUT', '/k', {body: value})).status, 201);
  t.deepEqual((await ask('GET', '/k')).body, value);
  for (const length of [0, 1, 256, limits.httpJoinedBytesMost, limits.httpJoinedBytesMost + 1]) {
    const part = value.subarray(0, length);
    t.is((await ask('PUT', `/${length}`, {body: part})).status, 201);
    t.like(await ask('GET', `/${length}`), {status: 200, body: part});
    t.like(await ask('HEAD', `/${length}`), {status: 200, body: Buffer.alloc(0)});
  }
});

http1Test('a body in chunks is one value', async (t, start) => {
  const {connect, stored, address} = await start();
  const connection = connect();
  connection.send(
    `PUT /k HTTP/1.1\r\nHost: ${address}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`,
  );
  t.is((await connection.answer()).status, 201);
  t.is(stored('k'), 'hello');
});

httpTest('a PUT without a body stores the empty value', async (t, start) => {
  const {ask, stored} = await start();
  t.is((await ask('PUT', '/k')).status, 201);
  t.is(stored('k'), '');
});

httpTest('the Content-Type is kept; the one that curl sends by itself counts as none', async (t, start) => {
  const {ask} = await start();
  const typeOf = async (contentType?: string) => {
    await ask('PUT', '/k', {body: 'x', headers: {'content-type': contentType}});
    return (await ask('GET', '/k')).headers['content-type'];
  };
  t.is(await typeOf('text/plain; charset=utf-8'), 'text/plain; charset=utf-8');
  t.is(await typeOf('application/x-www-form-urlencoded'), 'application/octet-stream');
  t.is(await typeOf(), 'application/octet-stream');
});

httpTest('a value is served so that no browser guesses, runs or keeps it', async (t, start) => {
  const {ask} = await start();
  await ask('PUT', '/k', {body: '<script>alert(1)</script>', headers: {'content-type': 'text/html'}});
  t.like((await ask('GET', '/k')).headers, {
    'content-type': 'text/html',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  });
});

const lifetimes: [what: string, target: string, cacheControl: string | undefined, ttlMs: number | undefined][] = [
  ['?ttl=', '/k?ttl=5m', undefined, 300_000],
  ['?ttl= in seconds', '/k?ttl=90', undefined, 90_000],
  ['max-age', '/k', 'max-age=60', 60_000],
  ['max-age among others, in quotes', '/k', 'public, MAX-AGE="60", no-transform', 60_000],
  ['both: the query counts', '/k?ttl=5m', 'max-age=60', 300_000],
  ['a TTL of zero: the default', '/k?ttl=0', undefined, undefined],
  ['max-age=0, which browsers add: the default', '/k', 'max-age=0', undefined],
  ['other directives', '/k', 'no-store', undefined],
];

for (const [what, target, cacheControl, ttlMs] of lifetimes) {
  httpTest(`the TTL is said by ${what}`, async (t, start) => {
    const {ask, clock} = await start();
    t.is((await ask('PUT', target, {body: 'v', headers: {'cache-control': cacheControl}})).status, 201);
    clock.advance((ttlMs ?? 10_000_000_000) - 1);
    t.is((await ask('GET', '/k')).status, 200);
    clock.advance(1);
    t.is((await ask('GET', '/k')).status, ttlMs === undefined ? 200 : 404);
  });
}

httpTest('?namespace= names another namespace, for each method', async (t, start) => {
  const {ask, stored} = await start({namespaces: [{}, {name: 'other'}]});
  t.is((await ask('PUT', '/k?namespace=other&ttl=5m', {body: 'v'})).status, 201);
  t.is(stored('k'), undefined);
  t.is((await ask('GET', '/k')).status, 404);
  t.is((await ask('GET', '/k?namespace=other')).body.toString(), 'v');
  t.is((await ask('DELETE', '/k?namespace=other')).status, 204);
  const unknown = await ask('PUT', '/k?namespace=none', {body: 'v'});
  t.is(unknown.status, 404);
  t.is(statusBody(t, unknown).reason, 'UNKNOWN_NAMESPACE');
});

httpTest('values can be restricted to UTF-8', async (t, start) => {
  const {ask, entries, stored} = await start({http: {utf8Only: true}});
  const refused = await ask('PUT', '/k', {body: Buffer.from([0x61, 0xff])});
  t.is(refused.status, 415);
  t.is(statusBody(t, refused).reason, 'VALUE_NOT_UTF8');
  t.is(entries(), 0);
  t.is((await ask('PUT', '/k', {body: 'grün'})).status, 201);
  t.is(stored('k'), 'grün');
});

http1Test('requests that do not wait for answers are done and answered in their order', async (t, start) => {
  const {connect, address} = await start();
  const head = `HTTP/1.1\r\nHost: ${address}\r\n`;
  const connection = connect();
  connection.send(
    [
      `PUT /a ${head}Content-Length: 1\r\n\r\n1`,
      `GET /a ${head}\r\n`,
      `PUT /a ${head}Content-Length: 1\r\n\r\n2`,
      `GET /b ${head}\r\n`,
    ].join(''),
  );
  t.is((await connection.answer()).status, 201);
  t.is((await connection.answer()).body.toString(), '1');
  t.is((await connection.answer()).status, 204);
  t.is((await connection.answer()).status, 404);
});

http1Test('so many requests may come at once that no more are read for a while', async (t, start) => {
  const {connect, address, entries} = await start();
  const connection = connect();
  const head = `HTTP/1.1\r\nHost: ${address}\r\n`;
  const count = 1000;
  for (let index = 0; index < count; index++)
    connection.send(`PUT /k${index} ${head}Content-Length: 3000\r\n\r\n${'v'.repeat(3000)}`);
  for (let index = 0; index < count; index++) t.is((await connection.answer()).status, 201);
  t.true(entries() > 500, 'the limit of the cache is 1,000 entries');
});

httpTest('the whole is the cache that gRPC serves', async (t, start) => {
  const {ask, client} = await start();
  await client.put({key: 'k', value: Buffer.from('by gRPC'), contentType: 'text/plain'});
  const {headers, body} = await ask('GET', '/k');
  t.is(body.toString(), 'by gRPC');
  t.is(headers['content-type'], 'text/plain');
  const {entry} = await client.get({key: 'k'});
  t.is(headers.etag, `"${entry!.revision}"`);
  const json = JSON.parse((await ask('GET', '/v1/entries/k')).body.toString());
  t.like(json, {outcome: 'OUTCOME_HIT', entry: {value: Buffer.from('by gRPC').toString('base64')}});
});
