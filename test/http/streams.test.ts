/** Answers that go on: sent as they happen, ended with their client and with the server. */
import type {ExecutionContext} from 'ava';
import {bytes} from '../helpers/text.js';
import {type HttpParts, http1Test, httpTest} from './helpers/http-parts.js';
import type {OpenAnswer} from './helpers/ways.js';

const options = {historyBytes: 2 ** 20};
const watchAll = '{"targets": [{"prefix": ""}]}';

function openWatch({open}: HttpParts): Promise<OpenAnswer> {
  return open('POST', '/v1/entries:watch', {body: watchAll, headers: {'content-type': 'application/json'}});
}

/** What comes up to the first text like this. */
async function readTo({body}: OpenAnswer, end: RegExp): Promise<string> {
  let text = '';
  while (!end.test(text)) {
    const piece: Buffer | null = body.read();
    if (piece) text += piece;
    else if (body.readableEnded) throw new Error(`the end after ${text}`);
    else await new Promise<void>(resolve => body.once('readable', resolve).once('end', resolve));
  }
  return text;
}

/** Waits until the server has so many watchers: each question is a turn of its own. */
async function watchersAre(t: ExecutionContext, {cache, ask}: HttpParts, count: number): Promise<void> {
  for (let turn = 0; turn < 1000 && cache.stats().watch?.watchers !== count; turn++) await ask('GET', '/-/healthy');
  t.is(cache.stats().watch?.watchers, count);
}

httpTest('what happens is sent when it happens', async (t, start) => {
  const parts = await start(options);
  const watch = await openWatch(parts);
  t.is(watch.status, 200);
  t.is(watch.headers['content-type'], 'application/x-ndjson');
  t.regex(await readTo(watch, /\}\n/), /"created"/);
  await parts.client.put({key: 'k', value: bytes('v')});
  t.regex(await readTo(watch, /\}\n/), /"EVENT_TYPE_PUT"/);
});

httpTest('a stream ends with its client', async (t, start) => {
  const parts = await start(options);
  const watch = await openWatch(parts);
  await watchersAre(t, parts, 1);
  watch.body.destroy();
  await watchersAre(t, parts, 0);
});

http1Test('what waits behind a stream on its connection never begins when its client goes', async (t, start) => {
  const parts = await start(options);
  const {connect, address} = parts;
  const watch = connect();
  const head = `POST /v1/entries:watch HTTP/1.1\r\nHost: ${address}\r\nContent-Type: application/json\r\n`;
  const request = `${head}Content-Length: ${watchAll.length}\r\n\r\n${watchAll}`;
  watch.send(request + request);
  await watchersAre(t, parts, 1);
  watch.socket.destroy();
  await watchersAre(t, parts, 0);
  await parts.ask('GET', '/-/healthy');
  t.is(parts.cache.stats().watch?.watchers, 0);
});

httpTest('a server that closes ends its streams, and does not wait for their connections', async (t, start) => {
  const parts = await start(options);
  const watch = await openWatch(parts);
  await readTo(watch, /\}\n/);
  parts.cache.stopWatches();
  await parts.port.close(60_000);
  t.regex(await readTo(watch, /DRAINING/), /"draining"/);
  for await (const _ of watch.body);
  t.true(watch.isWhole());
});

httpTest('a server says that it is there, and that it is ready until it stops', async (t, start) => {
  const {ask, http} = await start();
  t.like(await ask('GET', '/-/healthy'), {status: 200, body: Buffer.from('ok\n')});
  t.is((await ask('GET', '/-/ready')).status, 200);
  http.stopServing();
  t.is((await ask('GET', '/-/healthy')).status, 200);
  t.is((await ask('GET', '/-/ready')).status, 503);
});

httpTest('the front page helps who asks with curl', async (t, start) => {
  const {ask} = await start();
  const {status, headers, body} = await ask('GET', '/');
  t.is(status, 200);
  t.is(headers['content-type'], 'text/plain; charset=utf-8');
  t.regex(body.toString(), /curl -X PUT localhost:7070\/greeting -d hello/);
  t.is((await ask('HEAD', '/')).headers['content-length'], String(body.length));
});
