/** Batches and Increment over the wire. */

import type {Status} from '../../src/gen/google/rpc/status.js';
import {
  DeleteResponse_Outcome as Deleted,
  GetResponse_Outcome as Got,
  PutResponse_Outcome as Put,
  TouchResponse_Outcome as Touched,
} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {contractTest} from '../helpers/contract-test.js';
import {duration, millis} from '../helpers/proto-times.js';
import {detailsOf} from '../helpers/rpc-error.js';
import {bytes, text} from '../helpers/text.js';

interface Result {
  response?: {outcome: number};
  status?: Status;
}

/** The outcome of each result, or the reason why there is none. */
function outcomes(results: Result[]): unknown[] {
  return results.map(({response, status}) => (status ? detailsOf(status).reason : response?.outcome));
}

contractTest('batches answer each request in its place, failed ones with their status', async (t, start) => {
  const {client} = await start({namespaces: [{}, {name: 'other'}]});
  const put = await client.batchPut({
    requests: [{key: 'a', value: bytes('1')}, {key: ''}, {key: 'b', ttl: {seconds: 1n, nanos: -1}}, {key: 'c'}],
  });
  t.deepEqual(outcomes(put.results), [Put.OUTCOME_STORED, 'KEY_EMPTY', 'INVALID_TTL', Put.OUTCOME_STORED]);
  t.is(put.failedCount, 2);
  t.true(put.results.every(({response, status}) => (response === undefined) !== (status === undefined)));
  const {code, message} = put.results[1]!.status!;
  t.is(code, 3);
  t.regex(message, /^requests\[1\]: key/);
  t.is(detailsOf(put.results[2]!.status!).violations[0]?.field, 'requests[2].ttl');

  const got = await client.batchGet({requests: [{key: 'c'}, {key: 'a'}, {key: 'a'}, {key: 'none'}, {key: ''}]});
  t.deepEqual(outcomes(got.results), [
    Got.OUTCOME_HIT,
    Got.OUTCOME_HIT,
    Got.OUTCOME_HIT,
    Got.OUTCOME_MISS,
    'KEY_EMPTY',
  ]);
  t.is(got.failedCount, 1);
  t.is(text(got.results[1]?.response?.entry?.value), '1');

  const touched = await client.batchTouch({requests: [{key: 'a', ttl: duration(1000)}, {key: 'none'}]});
  t.deepEqual(outcomes(touched.results), [Touched.OUTCOME_TOUCHED, Touched.OUTCOME_NOT_FOUND]);
  t.is(touched.failedCount, 0);

  const deleted = await client.batchDelete({requests: [{key: 'a', returnPrevious: true}, {key: 'a'}, {key: 'b'}]});
  t.deepEqual(outcomes(deleted.results), [
    Deleted.OUTCOME_DELETED,
    Deleted.OUTCOME_NOT_FOUND,
    Deleted.OUTCOME_NOT_FOUND,
  ]);
  t.is(text(deleted.results[0]?.response?.previous?.value), '1');
});

contractTest('the namespace of a batch is that of each request that names none', async (t, start) => {
  const {client} = await start({namespaces: [{}, {name: 'one'}, {name: 'two'}]});
  const requests = [
    {key: 'k', value: bytes('1')},
    {key: 'k', value: bytes('2'), namespace: 'two'},
  ];
  t.is((await client.batchPut({namespace: 'one', requests})).failedCount, 0);
  t.is(text((await client.get({key: 'k', namespace: 'one'})).entry?.value), '1');
  t.is(text((await client.get({key: 'k', namespace: 'two'})).entry?.value), '2');
  t.is((await client.get({key: 'k'})).outcome, Got.OUTCOME_MISS);
  const {results} = await client.batchGet({namespace: 'none', requests: [{key: 'k'}, {key: 'k', namespace: 'one'}]});
  t.deepEqual(outcomes(results), ['UNKNOWN_NAMESPACE', Got.OUTCOME_HIT]);
});

contractTest('a batch of 1,000 is done', async (t, start) => {
  const {client} = await start();
  const keys = Array.from({length: 1000}, (_, index) => `key ${index}`);
  const put = await client.batchPut({requests: keys.map(key => ({key, value: bytes(key)}))});
  t.is(put.results.length, 1000);
  const {results} = await client.batchGet({requests: keys.map(key => ({key}))});
  t.deepEqual(
    results.map(result => text(result.response?.entry?.value)),
    keys,
  );
});

contractTest('the answer of BatchGet stays below its size; the rest is OVER_BUDGET', async (t, start) => {
  const {client} = await start();
  const requests = Array.from({length: 40}, (_, index) => ({key: `key ${index}`}));
  await client.batchPut({requests: requests.map(({key}) => ({key, value: new Uint8Array(10_000)}))});
  const {results} = await client.batchGet({requests, maxResponseBytes: 100_000});
  const hits = results.filter(({response}) => response?.outcome === Got.OUTCOME_HIT).length;
  t.is(hits, 9);
  t.deepEqual(
    outcomes(results),
    requests.map((_, index) => (index < hits ? Got.OUTCOME_HIT : Got.OUTCOME_OVER_BUDGET)),
  );
  t.true(results.slice(hits).every(({response}) => response?.entry === undefined));
});

contractTest('by default an answer of BatchGet fits into the 4 MiB that clients receive', async (t, start) => {
  const {client} = await start({namespaces: [{maxMemoryBytes: 2 ** 24}]});
  const requests = Array.from({length: 10}, (_, index) => ({key: `key ${index}`}));
  for (const {key} of requests) await client.put({key, value: new Uint8Array(1_000_000)});
  const {results} = await client.batchGet({requests});
  t.is(results.filter(({response}) => response?.outcome === Got.OUTCOME_HIT).length, 3);
});

contractTest('a value larger than the answer may be is left out, and says so', async (t, start) => {
  const {client} = await start();
  await client.put({key: 'large', value: new Uint8Array(100_000)});
  const {results} = await client.batchGet({requests: [{key: 'large'}], maxResponseBytes: 65_536});
  t.is(results[0]?.response?.outcome, Got.OUTCOME_HIT);
  t.true(results[0]?.response?.entry?.valueOmitted);
  t.is(results[0]?.response?.entry?.value.length, 0);
});

contractTest('Increment counts from initial, by 1 unless told otherwise, over all 64 bits', async (t, start) => {
  const {client, clock} = await start();
  const made = await client.increment({key: 'k', initial: 10n, ttl: duration(1000)});
  t.is(made.value, 11n);
  t.is(millis(made.expireTime), clock.wallMs() + 1000);
  t.is((await client.increment({key: 'k', delta: 0n})).value, 11n);
  const down = await client.increment({key: 'k', delta: -20n, noExpiry: true});
  t.is(down.value, -9n);
  t.deepEqual(down.expireTime, made.expireTime);
  const {entry} = await client.get({key: 'k'});
  t.is(text(entry?.value), '-9');
  t.is(entry?.revision, down.revision);
  t.is((await client.increment({key: 'most', initial: 2n ** 63n - 2n})).value, 2n ** 63n - 1n);
  t.is((await client.increment({key: 'least', initial: -(2n ** 63n), delta: 0n})).value, -(2n ** 63n));
});
