/** Answers that go on: sent as they happen, held up by who does not read, ended with their client and with the server. */
import type {ExecutionContext} from 'ava';
import test from 'ava';
import {bytes} from '../helpers/text.js';
import {type HttpParts, startHttp} from './helpers/http-parts.js';
import type {RawConnection} from './helpers/raw-http.js';

const options = {historyBytes: 2 ** 20};
const watchAll = '{"targets": [{"prefix": ""}]}';

function sendWatch(connection: RawConnection, address: string): void {
  const head = `POST /v1/entries:watch HTTP/1.1\r\nHost: ${address}\r\nContent-Type: application/json\r\n`;
  connection.send(`${head}Content-Length: ${watchAll.length}\r\n\r\n${watchAll}`);
}

/** Waits until the server has so many watchers: each question is a turn of its own. */
async function watchersAre(t: ExecutionContext, {cache, ask}: HttpParts, count: number): Promise<void> {
  for (let turn = 0; turn < 1000 && cache.stats().watch?.watchers !== count; turn++) await ask('GET', '/-/healthy');
  t.is(cache.stats().watch?.watchers, count);
}

test('what happens is sent when it happens', async t => {
  const {connect, client, address} = await startHttp(t, options);
  const watch = connect();
  sendWatch(watch, address);
  t.regex(await watch.text('\r\n\r\n'), /^HTTP\/1\.1 200 OK\r\n[\s\S]*application\/x-ndjson/);
  t.regex(await watch.text('}\n'), /"created"/);
  await client.put({key: 'k', value: bytes('v')});
  t.regex(await watch.text('}\n'), /"EVENT_TYPE_PUT"/);
});

test('a stream ends with its client, and what waits behind it never begins', async t => {
  const parts = await startHttp(t, options);
  const {connect, address} = parts;
  const watch = connect();
  sendWatch(watch, address);
  sendWatch(watch, address);
  await watchersAre(t, parts, 1);
  watch.socket.destroy();
  await watchersAre(t, parts, 0);
  await parts.ask('GET', '/-/healthy');
  t.is(parts.cache.stats().watch?.watchers, 0);
});

test('a server that closes ends its streams, and does not wait for their connections', async t => {
  const {connect, address, cache, port} = await startHttp(t, options);
  const watch = connect();
  sendWatch(watch, address);
  await watch.text('}\n');
  cache.stopWatches();
  await port.close(60_000);
  t.regex(await watch.rest(), /"draining"[\s\S]*DRAINING[\s\S]*0\r\n\r\n$/);
});

test('a server says that it is there, and that it is ready until it stops', async t => {
  const {ask, http} = await startHttp(t);
  t.like(await ask('GET', '/-/healthy'), {status: 200, body: Buffer.from('ok\n')});
  t.is((await ask('GET', '/-/ready')).status, 200);
  http.stopServing();
  t.is((await ask('GET', '/-/healthy')).status, 200);
  t.is((await ask('GET', '/-/ready')).status, 503);
});

test('the front page helps who asks with curl', async t => {
  const {ask} = await startHttp(t);
  const {status, headers, body} = await ask('GET', '/');
  t.is(status, 200);
  t.is(headers['content-type'], 'text/plain; charset=utf-8');
  t.regex(body.toString(), /curl -X PUT localhost:7070\/greeting -d hello/);
  t.is((await ask('HEAD', '/')).headers['content-length'], String(body.length));
});
