/** A server with the wire transport, as users start it: its port, its end, its connections. */
import {once} from 'node:events';
import {createServer as createNetServer} from 'node:net';
import test from 'ava';
import {createServer} from '../../src/server/index.js';
import {createWireServer} from '../../src/wire/index.js';
import {startServer} from '../helpers/test-server.js';
import {bytes, text} from '../helpers/text.js';

const transport = 'wire';

test('it serves on the port that the system chose, on IPv4 and IPv6', async t => {
  for (const address of ['127.0.0.1', '::1']) {
    const {client} = await startServer(t, {transport, address});
    await client.put({key: 'k', value: bytes('value')});
    t.is(text((await client.get({key: 'k'})).entry?.value), 'value');
  }
});

test('large values go in and out', async t => {
  const {client} = await startServer(t, {transport, maxValueBytes: 2 ** 23, maxMemoryBytes: 2 ** 27});
  const value = Buffer.alloc(2 ** 23, 'large');
  await client.put({key: 'k', value});
  t.true(Buffer.from((await client.get({key: 'k'})).entry!.value).equals(value));
});

test('a port in use fails the start, and says so', async t => {
  const {server} = await startServer(t, {transport});
  const port = Number(server.address.split(':')[1]);
  const error = await t.throwsAsync(createServer({transport, port}));
  t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
});

test('a closed server has given its port back, though clients were connected', async t => {
  const {server, client} = await startServer(t, {transport});
  await client.checkHealth();
  await Promise.all([server.close(), server.close()]);
  const probe = createNetServer();
  probe.listen(Number(server.address.split(':')[1]), '127.0.0.1');
  await once(probe, 'listening');
  probe.close();
  t.pass();
});

test('a server that never listened can be closed', async t => {
  const server = createWireServer({methods: [], maxReceiveBytes: 100, logFault: fault => t.fail(String(fault))});
  await server.close(1000);
  t.pass();
});
