/** Node's own HTTP/2 (nghttp2) as the client, over TCP and TLS: header lists both ways, and bodies of any size. */
import {once} from 'node:events';
import {type ClientHttp2Session, connect, constants} from 'node:http2';
import type {AddressInfo} from 'node:net';
import {connect as connectTls, createServer as createTlsServer} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {createWireServer, type WireServer} from '../../src/wire/index.js';
import {Random, withSeed} from '../helpers/random.js';

/** Answers a request with its own headers, each named anew, and its own body. */
function createEcho(t: ExecutionContext): WireServer {
  return createWireServer({
    methods: [],
    maxReceiveBytes: 2 ** 20,
    logFault: fault => t.fail(String(fault)),
    onHttp: exchange => {
      const names = JSON.parse(exchange.header('x-names') ?? '[]') as string[];
      exchange.respond(
        200,
        names.map(name => [`echo-${name}`, exchange.header(name) ?? '']),
      );
      return {
        data: bytes => {
          exchange.write(bytes.slice());
          exchange.taken(bytes.length);
        },
        end: () => exchange.end(),
      };
    },
  });
}

async function startEcho(t: ExecutionContext): Promise<ClientHttp2Session> {
  const server = createEcho(t);
  const port = await server.listen('127.0.0.1', 0);
  const session = connect(`http://127.0.0.1:${port}`, {settings: {initialWindowSize: 100_000}});
  t.teardown(async () => {
    session.destroy();
    await server.close(0);
  });
  return session;
}

function ask(session: ClientHttp2Session, headers: Record<string, string>, body: Uint8Array) {
  return new Promise<{headers: Record<string, unknown>; body: Buffer}>((resolve, reject) => {
    const stream = session.request({[constants.HTTP2_HEADER_METHOD]: 'POST', ':path': '/', ...headers});
    let answered: Record<string, unknown> = {};
    const pieces: Buffer[] = [];
    stream.on('response', received => {
      answered = received;
    });
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => resolve({headers: answered, body: Buffer.concat(pieces)}));
    stream.on('error', reject);
    stream.end(body);
  });
}

/** From a small stock, so that the table is used, and long enough that it is full. */
function randomHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let count = random.below(12); count > 0; count--) {
    const length = random.oneIn(10) ? random.below(800) : random.below(20);
    const letters = Array.from({length}, () => String.fromCharCode(33 + random.below(94)));
    headers[`x-${random.below(30)}`] = random.oneIn(3) ? letters.join('') : `value ${random.below(20)}`;
  }
  return headers;
}

test('header lists go through nghttp2 and back unchanged', async t =>
  withSeed(t, async seed => {
    const random = new Random(seed);
    const session = await startEcho(t);
    for (let round = 0; round < 30; round++) {
      const lists = Array.from({length: 10}, () => randomHeaders(random));
      const answers = await Promise.all(
        lists.map(list => ask(session, {...list, 'x-names': JSON.stringify(Object.keys(list))}, Buffer.alloc(0))),
      );
      for (const [index, list] of lists.entries()) {
        const expected = Object.fromEntries(Object.entries(list).map(([name, value]) => [`echo-${name}`, value]));
        const {':status': status, ...rest} = answers[index]!.headers;
        t.is(status, 200);
        t.deepEqual(Object.fromEntries(Object.entries(rest)), expected);
      }
    }
  }));

test('bodies of many sizes at once go there and back unchanged', async t =>
  withSeed(t, async seed => {
    const random = new Random(seed);
    const session = await startEcho(t);
    const sizes = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 300_000, 1_500_000, random.below(500_000)];
    const bodies = sizes.map(size => Buffer.alloc(size, `${seed}-${size}`));
    const answers = await Promise.all(bodies.map(body => ask(session, {}, body)));
    for (const [index, {body}] of answers.entries()) t.true(body.equals(bodies[index]!), `of ${sizes[index]} bytes`);
  }));

test('the same over TLS, which somebody else has accepted', async t => {
  // A key that both know needs no certificate.
  const psk = Buffer.alloc(32, 7);
  const tlsOptions = {ciphers: 'PSK', maxVersion: 'TLSv1.2', ALPNProtocols: ['h2']} as const;
  const server = createEcho(t);
  const listener = createTlsServer({...tlsOptions, pskCallback: () => psk}, socket => server.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const {port} = listener.address() as AddressInfo;
  const session = connect(`https://127.0.0.1:${port}`, {
    createConnection: () =>
      connectTls({
        ...tlsOptions,
        port,
        host: '127.0.0.1',
        pskCallback: () => ({psk, identity: 'test'}),
        checkServerIdentity: () => undefined,
      }),
  });
  t.teardown(async () => {
    session.destroy();
    listener.close();
    await server.close(0);
  });
  const bodies = [1, 100, 70_000, 1_000_000].map(size => Buffer.alloc(size, `of ${size}`));
  const answers = await Promise.all(bodies.map(body => ask(session, {'x-a': 'b', 'x-names': '["x-a"]'}, body)));
  for (const [index, {headers, body}] of answers.entries()) {
    t.is(headers['echo-x-a'], 'b');
    t.true(body.equals(bodies[index]!));
  }
});
