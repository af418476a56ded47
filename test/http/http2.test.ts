/** What HTTP/2 has of its own: exchanges beside one another, uploads that are held up, answers that are broken off. */
import {once} from 'node:events';
import {type ClientHttp2Session, type ClientHttp2Stream, connect, constants} from 'node:http2';
import test, {type ExecutionContext} from 'ava';
import {limits} from '../../src/base/index.js';
import {createWireServer, type HttpExchange} from '../../src/wire/index.js';
import {putOf} from '../helpers/requests.js';
import {bytes} from '../helpers/text.js';
import {http2Test, statusBody} from './helpers/http-parts.js';

function open(t: ExecutionContext, address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  return session;
}

/** What a stream says until `done` holds, or to its end. */
async function read(stream: ClientHttp2Stream, done: (text: string) => boolean = () => false): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (done(text)) break;
  }
  return text;
}

http2Test('gRPC, plain keys and events go over one connection', async (t, start) => {
  const {address, client, cache} = await start({historyBytes: 2 ** 20});
  const session = open(t, address);
  const events = session.request({':path': '/-/watch?prefix='});
  const [headers] = await once(events, 'response');
  t.is(headers['content-type'], 'text/event-stream');
  const put = session.request({':method': 'PUT', ':path': '/one'});
  put.end('1');
  await once(put, 'response');
  await client.put({key: 'two', value: bytes('2')});
  const text = await read(events, so => so.includes('"two"'));
  t.regex(text, /"one"[\s\S]*"two"/);
  t.is(cache.stats().total.entries, 2);
});

http2Test('events end with their client, and with the server', async (t, start) => {
  const {address, ask, cache, http, port} = await start({historyBytes: 2 ** 20});
  const gone = open(t, address);
  await once(gone.request({':path': '/-/watch?prefix='}), 'response');
  const stays = open(t, address).request({':path': '/-/watch?prefix='});
  await once(stays, 'response');
  t.is(cache.stats().watch?.watchers, 2);
  gone.destroy();
  while (cache.stats().watch!.watchers > 1) await ask('GET', '/-/healthy');
  http.stopServing();
  cache.stopWatches();
  await read(stays);
  t.is(stays.rstCode, constants.NGHTTP2_NO_ERROR);
  await port.close(1000);
});

http2Test('a body that is too large is refused before it is there, and the connection goes on', async (t, start) => {
  const {address, entries} = await start();
  const session = open(t, address);
  const put = session.request({':method': 'PUT', ':path': '/k', 'content-length': String(2 ** 40)});
  put.on('error', () => {});
  put.write(Buffer.alloc(1000));
  const [headers] = await once(put, 'response');
  t.is(headers[':status'], 413);
  t.is(entries(), 0);
  t.is(await read(session.request({':path': '/-/healthy'})), 'ok\n');
});

http2Test('headers that are too large refuse their own request alone', async (t, start) => {
  const {ask, stored} = await start();
  t.is((await ask('PUT', '/k', {headers: {'x-a': 'a'.repeat(20_000)}, body: 'v'})).status, 431);
  t.is(stored('k'), undefined);
  t.is((await ask('PUT', '/k', {body: 'v'})).status, 201);
});

http2Test('paths and lengths that look alike are told apart, however many come on a connection', async (t, start) => {
  const {ask, stored} = await start();
  const textOf = (index: number) => 'v'.repeat(index);
  for (let index = 0; index < 200; index++) await ask('PUT', `/k${index}`, {body: textOf(index)});
  for (let index = 0; index < 200; index++) {
    t.is(stored(`k${index}`), textOf(index));
    t.is((await ask('GET', `/k${index}`)).body.toString(), textOf(index));
  }
});

http2Test('Expect: 100-continue is answered when the body is wanted, and not when it is not', async (t, start) => {
  const {address, stored} = await start();
  const session = open(t, address);
  const put = session.request({':method': 'PUT', ':path': '/k', expect: '100-continue'});
  await once(put, 'continue');
  put.end('value');
  const [headers] = await once(put, 'response');
  t.is(headers[':status'], 201);
  t.is(stored('k'), 'value');
  const refused = session.request({':method': 'PUT', ':path': '/k?ttl=x', expect: '100-continue'});
  refused.on('continue', () => t.fail());
  const [answer] = await once(refused, 'response');
  t.is(answer[':status'], 400);
});

http2Test('Host and :authority that differ are refused', async (t, start) => {
  const {ask, address} = await start();
  const session = open(t, address);
  const both = session.request({':path': '/k', ':authority': address, host: 'localhost:1'});
  const [headers] = await once(both, 'response');
  const body = Buffer.from(await read(both));
  t.is(headers[':status'], 400);
  t.is(statusBody(t, {status: 400, headers, body}).reason, 'MALFORMED_HTTP');
  t.is((await ask('GET', '/-/healthy')).status, 200);
});

http2Test('a large value goes in and out, and its reader may pause', async (t, start) => {
  const {address, cache} = await start();
  const session = open(t, address);
  const value = Buffer.alloc(2 ** 20, 'large ');
  const put = session.request({':method': 'PUT', ':path': '/k'});
  put.end(value);
  await once(put, 'response');
  const get = session.request({':path': '/k'});
  await once(get, 'response');
  get.pause();
  cache.put(putOf('k', 'another'));
  const pieces: Buffer[] = [];
  for await (const piece of get) pieces.push(piece);
  t.true(Buffer.concat(pieces).equals(value));
});

test('an upload is held up until its handler reads, and others are not', async t => {
  const exchanges: HttpExchange[] = [];
  let received = 0;
  let unread = 0;
  const server = createWireServer({
    methods: [],
    maxReceiveBytes: 2 ** 20,
    logFault: fault => t.fail(String(fault)),
    onHttp: exchange => {
      if (exchange.path === '/other') {
        exchange.respond(200, []);
        exchange.end();
      } else {
        exchanges.push(exchange);
      }
      return {
        data: ({length}) => {
          received += length;
          unread += length;
        },
        end: () => {
          exchange.respond(200, []);
          exchange.end();
        },
      };
    },
  });
  const port = await server.listen('127.0.0.1', 0);
  t.teardown(() => server.close(0));
  const session = open(t, `127.0.0.1:${port}`);
  const upload = session.request({':method': 'PUT', ':path': '/slow'});
  upload.end(Buffer.alloc(500_000));
  while (received < limits.wireStreamWindowBytes) {
    await once(session.request({':path': '/other'}), 'response');
  }
  for (let turn = 0; turn < 20; turn++) await once(session.request({':path': '/other'}), 'response');
  t.is(received, limits.wireStreamWindowBytes);
  t.is(server.counters().heldBytes, limits.wireStreamWindowBytes);
  while (received < 500_000) {
    exchanges[0]!.taken(unread);
    unread = 0;
    await once(session.request({':path': '/other'}), 'response');
  }
  await once(upload, 'response');
  t.is(server.counters().heldBytes, 0);
});
