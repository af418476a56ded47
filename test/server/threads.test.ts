/** A server of several threads is one server: one port, one cache, one account of itself, one end. */
import {once} from 'node:events';
import {connect, createServer as createNetServer} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {completeOptions} from '../../src/server/config.js';
import {createServer, describeLimits, type ServerOptions} from '../../src/server/index.js';
import {waysToShare} from '../../src/server/listening.js';
import {startSupervised} from '../../src/server/supervisor.js';
import {RpcError} from '../helpers/rpc-error.js';
import {createTestClient, type TestClient} from '../helpers/test-client.js';
import {bytes, text} from '../helpers/text.js';
import {parseMetrics} from '../http/helpers/parse-metrics.js';

const small: Partial<ServerOptions> = {port: 0, transport: 'wire', maxMemoryBytes: 2 ** 26, maxEntries: 100_000};

interface Server {
  address: string;
  close(): Promise<void>;
}

/** Connections until each thread has one: how the system spreads them is not for us to say. */
async function clientsOnEach(t: ExecutionContext, {address}: Server, threads: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  while (clients.length < 200) {
    const client = createTestClient(address);
    clients.push(client);
    await client.get({key: 'k'});
    const connections = (await metricsOf(address)).get('krusty_h2_connections')!.samples;
    if (connections.length === threads && connections.every(({value}) => value > 0)) return clients;
  }
  throw new Error('200 connections, and a thread has none of them');
}

async function metricsOf(address: string) {
  const response = await fetch(`http://${address}/-/metrics`);
  return parseMetrics(await response.text());
}

for (const way of waysToShare()) {
  for (const threads of [2, 4]) {
    const start = async (t: ExecutionContext): Promise<Server> => {
      const {port, close} = await startSupervised(completeOptions({...small, threads}), {way});
      let closing: Promise<void> | undefined;
      const server = {address: `127.0.0.1:${port}`, close: () => (closing ??= close())};
      t.teardown(server.close);
      return server;
    };

    test(`${way}, ${threads} threads: what is put through one is read through each`, async t => {
      const clients = await clientsOnEach(t, await start(t), threads);
      for (const [index, client] of clients.entries()) await client.put({key: `k${index}`, value: bytes(`${index}`)});
      for (const client of clients) {
        for (const index of clients.keys()) {
          t.is(text((await client.get({key: `k${index}`})).entry?.value), `${index}`);
        }
      }
    });

    test(`${way}, ${threads} threads: they give one account of themselves`, async t => {
      const server = await start(t);
      const clients = await clientsOnEach(t, server, threads);
      const watches = clients.map(client => client.watch({targets: [{prefix: ''}]}));
      for (const watch of watches) t.is((await watch.next())?.message?.$case, 'created');
      for (const [index, client] of clients.entries()) await client.put({key: `k${index}`, value: bytes('value')});
      for (const client of clients) {
        const stats = await client.getStats();
        t.is(stats.threads, threads);
        t.is(stats.watchers, BigInt(clients.length));
        t.is(stats.total?.puts, BigInt(clients.length));
      }
      const metrics = await metricsOf(server.address);
      const first = (name: string) => metrics.get(name)!.samples[0]!.value;
      t.is(first('krusty_threads'), threads);
      t.is(first('krusty_watchers'), clients.length);
      const lags = metrics.get('krusty_event_loop_lag_seconds')!.samples.filter(({labels}) => labels.le === '+Inf');
      t.deepEqual(
        lags.map(({labels}) => labels.thread),
        Array.from({length: threads}, (_, thread) => String(thread)),
      );
      for (const watch of watches) watch.cancel();
    });

    test(`${way}, ${threads} threads: all drain as one does, and give the port back`, async t => {
      const server = await start(t);
      const clients = await clientsOnEach(t, server, threads);
      const watches = clients.map(client => client.watch({targets: [{key: 'k'}]}));
      for (const watch of watches) t.is((await watch.next())?.message?.$case, 'created');
      const uploads = await Promise.all(clients.map((_, index) => beginUpload(server.address, `upload${index}`)));
      const closed = server.close();
      for (const watch of watches) {
        t.is((await watch.next())?.message?.$case, 'draining');
        t.like(await t.throwsAsync(watch.next(), {instanceOf: RpcError}), {code: 'UNAVAILABLE', reason: 'DRAINING'});
      }
      for (const finish of uploads) t.regex(await finish(), /^HTTP\/1\.1 201 /);
      await closed;
      await listenAlone(Number(server.address.split(':')[1]));
    });

    test(`${way}, ${threads} threads: a port in use fails the start as it does with one`, async t => {
      const alone = await createServer({...small, threads: 1});
      t.teardown(() => alone.close());
      const port = Number(alone.address.split(':')[1]);
      const several = await start(t);
      for (const taken of [port, Number(several.address.split(':')[1])]) {
        const attempt = startSupervised(completeOptions({...small, port: taken, threads}), {way});
        const error = (await t.throwsAsync(attempt)) as NodeJS.ErrnoException;
        t.is(error.code, 'EADDRINUSE', error.stack);
        t.is(error.syscall, 'listen');
      }
    });
  }
}

test('an address that is not of this machine fails the start of several threads', async t => {
  const error = await t.throwsAsync(createServer({...small, address: '192.0.2.1', threads: 2}));
  t.is((error as NodeJS.ErrnoException).code, 'EADDRNOTAVAIL');
});

test('the number of threads is shown where there are several', t => {
  const limits = (threads: number) => describeLimits(completeOptions({...small, threads})).join('\n');
  t.regex(limits(2), /^2 threads serve$/m);
  t.notRegex(limits(1), /thread/);
});

test('which ways there are depends on Node and the system', t => {
  const both = ['reusePort', 'descriptor'];
  for (const version of ['22.12.0', '23.1.0', '24.0.0', '100.0.0']) t.deepEqual(waysToShare(version, 'linux'), both);
  for (const version of ['20.19.0', '22.11.0', '23.0.0']) t.deepEqual(waysToShare(version, 'linux'), ['descriptor']);
  t.deepEqual(waysToShare('24.0.0', 'darwin'), ['descriptor']);
  t.deepEqual(waysToShare('24.0.0', 'win32'), []);
});

/** A PUT that is under way: answers the function that sends the rest, and answers what came of it. */
async function beginUpload(address: string, key: string): Promise<() => Promise<string>> {
  const [host, port] = address.split(':');
  const socket = connect({host: host!, port: Number(port)});
  let answer = '';
  socket.setEncoding('utf8').on('data', chunk => {
    answer += chunk;
  });
  const ended = once(socket, 'close');
  socket.write(`PUT /${key} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  while (!answer.includes('100 Continue')) await once(socket, 'data');
  answer = '';
  return async () => {
    socket.write('value');
    await ended;
    return answer.trimStart();
  };
}

/** Fails if somebody else listens. */
async function listenAlone(port: number): Promise<void> {
  const probe = createNetServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  probe.close();
}
