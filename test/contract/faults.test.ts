/** A fault of ours reaches the client as "internal error" and the log with its cause; and a server ends well. */
import {GetResponse_Outcome as Got} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {contractTest} from '../helpers/contract-test.js';
import {getOf} from '../helpers/requests.js';
import {RpcError} from '../helpers/rpc-error.js';
import {received} from '../helpers/streams.js';
import {bytes, text} from '../helpers/text.js';
import {withOperations} from '../helpers/with-operations.js';

const fault = new Error('the secret of the broken shard');

for (const [how, get] of Object.entries({
  'is thrown': () => {
    throw fault;
  },
  'comes later': () => Promise.reject(fault),
})) {
  contractTest(`a fault that ${how} is "internal error" for the client, and whole in the log`, async (t, start) => {
    const {client, faults} = await start(withOperations({get}));
    const error = await t.throwsAsync(client.get({key: 'k'}), {instanceOf: RpcError});
    t.like(error, {code: 'INTERNAL', reason: 'INTERNAL', domain: 'krusty.cache.v1', message: 'internal error'});
    t.deepEqual(error.violations, []);
    t.false(JSON.stringify({status: error.status, error}).includes('secret'));
    t.deepEqual(faults, [fault]);
    await client.put({key: 'k', value: bytes('value')});
    t.is((await client.getStats()).total?.puts, 1n);
  });
}

contractTest('a fault within a batch fails the call, not silently one of its results', async (t, start) => {
  const {client, faults} = await start(
    withOperations({
      batchGet: () => {
        throw fault;
      },
    }),
  );
  const error = await t.throwsAsync(client.batchGet({requests: [{key: 'k'}]}), {instanceOf: RpcError});
  t.like(error, {code: 'INTERNAL', message: 'internal error'});
  t.deepEqual(faults, [fault]);
});

contractTest('a backend may answer later', async (t, start) => {
  const {client, cache} = await start(withOperations({get: async () => cache.get(getOf('k'))}));
  await client.put({key: 'k', value: bytes('value')});
  const {outcome, entry} = await client.get({key: 'k'});
  t.is(outcome, Got.OUTCOME_HIT);
  t.is(text(entry?.value), 'value');
});

contractTest('a closing server ends the calls under way, and takes no new ones', async (t, start) => {
  let answer: (() => void) | undefined;
  const asked = new Promise<void>(resolve => {
    answer = resolve;
  });
  let release: (() => void) | undefined;
  const released = new Promise<void>(resolve => {
    release = resolve;
  });
  const {client, transport} = await start(
    withOperations({
      get: async () => {
        answer?.();
        await released;
        return {outcome: 'miss' as const};
      },
    }),
  );
  const underWay = client.get({key: 'k'});
  await asked;
  const closed = transport.close(20_000);
  // What was on its way when the server began to close may still be answered.
  const putOften = async () => {
    for (let calls = 0; calls < 100; calls++) await client.put({key: 'k'});
  };
  const refused = await t.throwsAsync(putOften(), {instanceOf: RpcError});
  t.is(refused.code, 'UNAVAILABLE');
  release?.();
  t.is((await underWay).outcome, Got.OUTCOME_MISS);
  await closed;
});

contractTest('a closing server cuts off what takes too long', async (t, start, transport) => {
  const {client, transport: server} = await start();
  const messages = received(client.healths.watch({service: ''}));
  await messages.next();
  await server.close(0);
  const {code, message} = await t.throwsAsync(messages.next(), {instanceOf: RpcError});
  // grpc-js only ends the connection, which its client may call a cancellation.
  const allowed = transport === 'wire' ? ['UNAVAILABLE'] : ['UNAVAILABLE', 'CANCELLED'];
  t.true(allowed.includes(code), `${code}: ${message}`);
});
