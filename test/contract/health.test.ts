/** The standard health service: SERVING from the start until the server drains. */
import {HealthCheckResponse_ServingStatus as Serving} from '../../src/gen/grpc/health/v1/health.js';
import {contractTest} from '../helpers/contract-test.js';
import {RpcError} from '../helpers/rpc-error.js';
import {received} from '../helpers/streams.js';

const services = ['', 'krusty.cache.v1.CacheService', 'krusty.cache.v1.AdminService'];

contractTest('Check answers SERVING for the server and each of its services', async (t, start) => {
  const {client} = await start();
  for (const service of services) t.is((await client.checkHealth({service})).status, Serving.SERVING, service);
});

contractTest('Check of an unknown service is NOT_FOUND', async (t, start) => {
  const {client} = await start();
  const error = await t.throwsAsync(client.checkHealth({service: 'krusty.cache.v1.Nothing'}), {instanceOf: RpcError});
  t.like(error, {code: 'NOT_FOUND', reason: 'UNKNOWN_SERVICE'});
  t.regex(error.message, /Nothing/);
});

contractTest('Check of an unknown service of a long name is NOT_FOUND, though its name is cut', async (t, start) => {
  const {client} = await start();
  const service = `${'n'.repeat(199)}${'\u{1f600}'.repeat(1000)}`;
  const error = await t.throwsAsync(client.checkHealth({service}), {instanceOf: RpcError});
  t.is(error.code, 'NOT_FOUND');
  t.true(error.message.length < 300);
});

contractTest('List answers all services', async (t, start) => {
  const {client} = await start();
  const {statuses} = await client.listHealth();
  t.deepEqual(Object.keys(statuses).sort(), [...services].sort());
  t.true(Object.values(statuses).every(({status}) => status === Serving.SERVING));
});

contractTest('Watch tells the state at once, and when the server drains', async (t, start) => {
  const {client, rpc} = await start();
  const watches = ['', 'krusty.cache.v1.CacheService'].map(service => ({
    messages: received(client.healths.watch({service})),
  }));
  for (const {messages} of watches) t.is((await messages.next())?.status, Serving.SERVING);
  rpc.stopServing();
  for (const {messages} of watches) t.is((await messages.next())?.status, Serving.NOT_SERVING);
  t.is((await client.checkHealth()).status, Serving.NOT_SERVING);
  for (const {messages} of watches) {
    t.like(await t.throwsAsync(messages.next(), {instanceOf: RpcError}), {code: 'UNAVAILABLE', reason: 'DRAINING'});
  }
});

contractTest('Watch of an unknown service says so and goes on', async (t, start) => {
  const {client, rpc} = await start();
  const call = client.healths.watch({service: 'nothing'});
  const messages = received(call);
  t.is((await messages.next())?.status, Serving.SERVICE_UNKNOWN);
  rpc.stopServing();
  t.is((await messages.next())?.status, Serving.SERVICE_UNKNOWN);
  t.like(await t.throwsAsync(messages.next(), {instanceOf: RpcError}), {code: 'UNAVAILABLE'});
});

contractTest('a watch that its client has ended is forgotten', async (t, start) => {
  const {client, rpc, faults} = await start();
  const call = client.healths.watch({service: ''});
  const messages = received(call);
  await messages.next();
  call.cancel();
  await t.throwsAsync(messages.next());
  await client.checkHealth();
  rpc.stopServing();
  t.is((await client.checkHealth()).status, Serving.NOT_SERVING);
  t.deepEqual(faults, []);
});
