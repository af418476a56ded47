/** A server in this process: its options in force, its address, its end. */
import {createServer as createNetServer} from 'node:net';
import test from 'ava';
import {
  ConfigError,
  createServer,
  describeLimits,
  optionTable,
  resolveOptions,
  type ServerOptions,
} from '../../src/server/index.js';
import {serverTest} from '../helpers/contract-test.js';
import {duration} from '../helpers/proto-times.js';
import {RpcError} from '../helpers/rpc-error.js';
import {createTestClient} from '../helpers/test-client.js';
import {startServer} from '../helpers/test-server.js';
import {bytes, text} from '../helpers/text.js';

serverTest('a server serves on the port that the system chose, and says which', async (t, start) => {
  const {server, client} = await start();
  t.regex(server.address, /^127\.0\.0\.1:[1-9]\d+$/);
  await client.put({key: 'k', value: bytes('value')});
  t.is(text((await client.get({key: 'k'})).entry?.value), 'value');
});

serverTest('a server serves on IPv6, and shows its address in brackets', async (t, start) => {
  const {server, client} = await start({address: '::1'});
  t.regex(server.address, /^\[::1\]:\d+$/);
  t.is((await client.checkHealth()).status, 1);
});

serverTest('large values go in and out', async (t, start) => {
  const {client} = await start({maxValueBytes: 2 ** 23, maxMemoryBytes: 2 ** 27});
  const value = Buffer.alloc(2 ** 23, 'large');
  await client.put({key: 'k', value});
  t.true(Buffer.from((await client.get({key: 'k'})).entry!.value).equals(value));
});

serverTest('the options are in force', async (t, start) => {
  const {server, client} = await start({
    maxEntries: 102,
    maxMemoryBytes: 2 ** 22,
    maxKeyBytes: 20,
    maxValueBytes: 2000,
    defaultTtlMs: 60_000,
    maxTtlMs: 120_000,
    ttlJitter: 0,
    namespaces: {small: {maxEntries: 2, maxMemoryBytes: 2 ** 20, defaultTtlMs: 30_000, ttlJitter: 0}},
  });
  const {maxKeyBytes, maxValueBytes, namespaces, version} = await client.getStats();
  t.like({maxKeyBytes, maxValueBytes}, {maxKeyBytes: 20, maxValueBytes: 2000});
  t.regex(version, /^\d+\.\d+\.\d+/);
  const [first, second] = namespaces;
  t.like(first, {name: 'default', defaultTtl: duration(60_000), maxTtl: duration(120_000)});
  t.like(first?.stats, {maxEntries: 100n, maxMemoryBytes: BigInt(3 * 2 ** 20)});
  t.like(second, {name: 'small', defaultTtl: duration(30_000), maxTtl: undefined});
  t.like(second?.stats, {maxEntries: 2n, maxMemoryBytes: BigInt(2 ** 20)});
  t.true(Object.isFrozen(server.options));
  const error = await t.throwsAsync(client.put({key: 'k', value: new Uint8Array(2001)}), {instanceOf: RpcError});
  t.is(error.reason, 'VALUE_TOO_LARGE');
});

serverTest('a server receives requests of a value and 1 MiB; more is RESOURCE_EXHAUSTED', async (t, start) => {
  const {client} = await start({maxValueBytes: 2000});
  const most = 2000 + 2 ** 20;
  const value = (size: number) => client.put({key: 'k', value: new Uint8Array(size)});
  t.is((await t.throwsAsync(value(most - 100), {instanceOf: RpcError})).reason, 'VALUE_TOO_LARGE');
  t.is((await t.throwsAsync(value(most + 1), {instanceOf: RpcError})).code, 'RESOURCE_EXHAUSTED');
  t.is((await client.checkHealth()).status, 1);
});

serverTest('a port in use fails the start, and says so', async (t, start, transport) => {
  const {server} = await start();
  const port = Number(server.address.split(':')[1]);
  const error = await t.throwsAsync(createServer({transport, port}));
  t.regex(error.message, /EADDRINUSE|in use/);
  t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
});

test('an address that is not of this machine fails the start', async t => {
  const error = await t.throwsAsync(createServer({address: '192.0.2.1', port: 0}));
  t.is((error as NodeJS.ErrnoException).code, 'EADDRNOTAVAIL');
});

serverTest(
  'a closed server has given its port back, though clients were connected, and can be closed again',
  async (t, start) => {
    const {server, client: connected} = await start();
    await connected.checkHealth();
    await Promise.all([server.close(), server.close()]);
    await server.close();
    const port = Number(server.address.split(':')[1]);
    const probe = createNetServer();
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
    });
    const client = createTestClient(server.address);
    t.teardown(client.close);
    t.is((await t.throwsAsync(client.get({key: 'k'}), {instanceOf: RpcError})).code, 'UNAVAILABLE');
  },
);

serverTest('a server that closes tells its watchers where to go on, and waits for none of them', async (t, start) => {
  const {server, client} = await start();
  const watch = client.watch({targets: [{prefix: ''}]});
  t.is((await watch.next())?.message?.$case, 'created');
  await client.put({key: 'k', value: bytes('value')});
  t.is((await watch.next())?.message?.$case, 'events');
  const closed = server.close();
  const draining = await watch.next();
  t.is(draining?.message?.$case, 'draining');
  t.regex(draining!.resumeToken, /^\w+\.\w+$/);
  const error = await t.throwsAsync(watch.next(), {instanceOf: RpcError});
  t.like(error, {code: 'UNAVAILABLE', reason: 'DRAINING'});
  await closed;
});

serverTest('a server sends the bookmarks that are asked for, by itself', async (t, start) => {
  const {client} = await start();
  const watch = client.watch({targets: [{key: 'k'}], bookmarkInterval: duration(100)});
  t.is((await watch.next())?.message?.$case, 'created');
  t.is((await watch.next())?.message?.$case, 'bookmark');
  watch.cancel();
});

serverTest('two servers in one process know nothing of each other', async (t, start) => {
  const one = await start();
  const two = await start();
  await one.client.put({key: 'k', value: bytes('value')});
  t.is((await two.client.get({key: 'k'})).entry, undefined);
});

const wrong: Record<string, {options: object; says: RegExp}> = {
  'a port of text': {options: {port: 'http'}, says: /port "http" is not allowed; allowed: a whole number/},
  'a port as text': {options: {port: '8080'}, says: /port/},
  'a port with a fraction': {options: {port: 1.5}, says: /port "1.5" is not allowed/},
  'a value limit too small': {options: {maxValueBytes: 10}, says: /maxValueBytes "10" is not allowed; allowed: a size/},
  'a TTL below zero': {options: {defaultTtlMs: -1}, says: /defaultTtlMs "-1ms" is not allowed; allowed: a duration/},
  'a jitter that is not a number': {options: {ttlJitter: Number.NaN}, says: /ttlJitter "NaN" is not allowed/},
  'an unknown transport': {
    options: {transport: 'pigeon'},
    says: /transport "pigeon" is not allowed; allowed: wire or grpc-js/,
  },
  'an option that there is not': {options: {maxEntrys: 5}, says: /maxEntrys/},
  'an option that a namespace does not have': {
    options: {namespaces: {a: {maxEntries: 1, maxMemoryBytes: 2 ** 20, ttlMs: 5}}},
    says: /namespaces\.a.*ttlMs/,
  },
  'a namespace without limits': {options: {namespaces: {a: {}}}, says: /namespaces\.a.*maxEntries/},
  'a namespace of a wrong name': {
    options: {namespaces: {'a b': {maxEntries: 1, maxMemoryBytes: 2 ** 20}}},
    says: /namespaces "a b" is not allowed/,
  },
};

for (const [name, {options, says}] of Object.entries(wrong)) {
  test(`createServer refuses ${name}`, async t => {
    const attempt = createServer({port: 0, ...options} as Partial<ServerOptions>);
    attempt.then(
      server => server.close(),
      () => undefined,
    );
    const error = await t.throwsAsync(attempt, {instanceOf: ConfigError});
    t.regex(error.message, says);
  });
}

test('the default options are those of the table', async t => {
  const {server} = await startServer(t, {threads: undefined});
  for (const option of optionTable.filter(each => each.name !== 'port')) {
    const byDefault = option.defaultText?.();
    const value: unknown = server.options[option.field as keyof ServerOptions];
    t.is(value, byDefault === undefined ? undefined : option.parse(byDefault));
  }
});

test('describeLimits names every limit in force', t => {
  const options = resolveOptions({
    flags: {'max-entries': '10000', 'max-memory': '64mb', 'default-ttl': '5m', 'max-ttl': '24h'},
    namespaceFlags: ['sessions:max-entries=1000,max-memory=16mb'],
  });
  t.deepEqual(describeLimits(options), [
    'keys up to 1kb, values up to 1mb',
    'namespace default: 9,000 entries, 48mb, default TTL 5m, at most 1d',
    'namespace sessions: 1,000 entries, 16mb, default TTL none',
  ]);
});
