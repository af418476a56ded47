/** One port for gRPC and HTTP/1.1: told apart by how a connection begins, drained together. */
import {once} from 'node:events';
import {connect as connectHttp2} from 'node:http2';
import {connect as connectSocket} from 'node:net';
import {bytes, text} from '../helpers/text.js';
import {http1Test, httpTest} from './helpers/http-parts.js';

httpTest('gRPC and HTTP are served at the same time, from the same cache', async (t, start) => {
  const {client, ask} = await start();
  await Promise.all(
    Array.from({length: 20}, async (_, index) => {
      if (index % 2 === 0) await client.put({key: `k${index}`, value: bytes(`v${index}`)});
      else await ask('PUT', `/k${index}`, {body: `v${index}`});
    }),
  );
  for (let index = 0; index < 20; index++) {
    t.is((await ask('GET', `/k${index}`)).body.toString(), `v${index}`);
    t.is(text((await client.get({key: `k${index}`})).entry?.value), `v${index}`);
  }
});

http1Test('the first bytes may come one at a time', async (t, start) => {
  const {connect, address} = await start();
  for (const [method, status] of Object.entries({GET: 404, PUT: 201, POST: 204, PATCH: 405})) {
    const connection = connect();
    await connection.dribble(`${method} /k HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
    t.is((await connection.answer()).status, status);
  }
  const http2 = connect();
  await http2.dribble('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  http2.send(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  await http2.received(9);
});

http1Test('a client of gRPC may send its preface in pieces', async (t, start) => {
  const {address} = await start();
  const [host, port] = address.split(':');
  const socket = connectSocket({host, port: Number(port), noDelay: true});
  t.teardown(() => socket.destroy());
  const write = socket.write.bind(socket);
  const whole = (chunk: Buffer) => {
    for (const byte of chunk.subarray(0, 20)) write(Buffer.of(byte));
    return write(chunk.subarray(20));
  };
  socket.write = ((chunk: Buffer) => whole(Buffer.from(chunk))) as never;
  const session = connectHttp2(`http://${address}`, {createConnection: () => socket});
  t.teardown(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
  const trailers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.on('trailers', resolve).on('error', reject).resume();
  });
  t.is(trailers['grpc-status'], '0');
});

http1Test('a connection that says nothing is closed, and one that begins and then says nothing', async (t, start) => {
  const {connect} = await start({firstBytesMs: 30});
  t.is(await connect().rest(), '');
  t.is(await connect().send('PRI * HT').rest(), '');
  t.is(await connect().send('P').rest(), '');
});

http1Test('what a connection has said while the process stood still is heard', async (t, start) => {
  const firstBytesMs = 200;
  const {connect, address} = await start({firstBytesMs, oneThread: 'it stands still'});
  const connection = connect();
  await once(connection.socket, 'connect');
  await new Promise(resolve => setImmediate(resolve));
  connection.send(`GET /-/healthy HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * firstBytesMs);
  t.is((await connection.answer()).status, 200);
});

http1Test('a connection that ends before it has said anything is forgotten', async (t, start) => {
  const {connect, ask} = await start();
  const silent = connect();
  silent.socket.end();
  t.is(await silent.rest(), '');
  const begun = connect();
  begun.send('PRI');
  begun.socket.end();
  t.is(await begun.rest(), '');
  t.is((await ask('GET', '/-/healthy')).status, 200);
});

http1Test('a client that ends its side behind its request is answered', async (t, start) => {
  const {connect, address, stored} = await start();
  const connection = connect();
  connection.socket.end(`PUT /k HTTP/1.1\r\nHost: ${address}\r\nContent-Length: 5\r\n\r\nhello`);
  t.is((await connection.answer()).status, 201);
  t.is(stored('k'), 'hello');
});

http1Test('a server that closes finishes what is under way, and closes what is not', async (t, start) => {
  const {connect, port, address, stored} = await start();
  const idle = connect();
  idle.send(`GET /a HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
  t.is((await idle.answer()).headers.connection, 'keep-alive');
  const silent = connect();
  const busy = connect();
  busy.send(`PUT /a HTTP/1.1\r\nHost: ${address}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  t.is((await busy.answer()).status, 100);
  const closed = port.close(60_000);
  t.is(await idle.rest(), '');
  t.is(await silent.rest(), '');
  busy.send('hello');
  t.is((await busy.answer()).status, 201);
  t.is(await busy.rest(), '', 'its connection is closed, too');
  await closed;
  t.is(stored('a'), 'hello');
});

http1Test('what is not done in time is cut off', async (t, start) => {
  const {connect, port, address, entries} = await start();
  const busy = connect();
  busy.send(`PUT /a HTTP/1.1\r\nHost: ${address}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  t.is((await busy.answer()).status, 100);
  await port.close(0);
  t.is(await busy.rest(), '');
  t.is(entries(), 0);
});
