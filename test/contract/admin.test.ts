/** List, Purge and GetStats over the wire. */
import {GetResponse_Outcome as Got} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {contractTest} from '../helpers/contract-test.js';
import {duration, millis} from '../helpers/proto-times.js';
import {RpcError} from '../helpers/rpc-error.js';
import type {TestClient} from '../helpers/test-client.js';
import {bytes, text} from '../helpers/text.js';

async function listKeys(client: TestClient, request: Parameters<TestClient['list']>[0]): Promise<string[]> {
  const keys: string[] = [];
  let pageToken = '';
  do {
    const page = await client.list({...request, pageToken});
    keys.push(...page.entries.map(entry => entry.key));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return keys.sort();
}

contractTest('List gives every entry under a prefix, over pages', async (t, start) => {
  const {client} = await start({namespaces: [{}, {name: 'other'}]});
  const keys = Array.from({length: 25}, (_, index) => `a/${index}`).sort();
  for (const key of [...keys, 'b/1']) await client.put({key, value: bytes(key)});
  await client.put({key: 'a/other', namespace: 'other'});
  t.deepEqual(await listKeys(client, {prefix: 'a/', pageSize: 10}), keys);
  t.deepEqual(await listKeys(client, {}), [...keys, 'b/1']);
  t.deepEqual(await listKeys(client, {namespace: 'other'}), ['a/other']);
});

contractTest('a listed entry has its key, and more as it is asked for', async (t, start) => {
  const {client} = await start();
  const {revision} = await client.put({key: 'k', value: bytes('value'), ttl: duration(1000)});
  const [basic] = (await client.list({})).entries;
  t.like(basic, {key: 'k', namespace: '', revision, sizeBytes: 0n});
  t.is(text(basic?.value), 'value');
  const [full] = (await client.list({view: EntryView.ENTRY_VIEW_FULL, metadataOnly: true})).entries;
  t.like(full, {key: 'k', namespace: 'default', valueOmitted: true});
  t.true(full!.sizeBytes > 0n);
  t.truthy(full?.updateTime);
});

contractTest('a page stays below its size', async (t, start) => {
  const {client} = await start();
  for (let index = 0; index < 20; index++) await client.put({key: `k${index}`, value: new Uint8Array(10_000)});
  const page = await client.list({maxResponseBytes: 65_536});
  t.is(page.entries.length, 6);
  t.not(page.nextPageToken, '');
  t.is((await listKeys(client, {maxResponseBytes: 65_536})).length, 20);
});

contractTest('Purge takes effect at once, for a prefix or a whole namespace', async (t, start) => {
  const {client} = await start({namespaces: [{}, {name: 'other'}]});
  for (const key of ['a/1', 'a/2', 'b/1']) await client.put({key});
  const {revision} = await client.put({key: 'a/1', namespace: 'other'});
  const purged = await client.purge({prefix: 'a/'});
  t.true(purged.revision > revision);
  t.deepEqual(await listKeys(client, {}), ['b/1']);
  t.is((await client.get({key: 'a/1'})).outcome, Got.OUTCOME_MISS);
  await client.purge({all: true});
  t.deepEqual(await listKeys(client, {}), []);
  t.is((await client.get({key: 'a/1', namespace: 'other'})).outcome, Got.OUTCOME_HIT);
});

contractTest('one purge too many is refused until the others are swept', async (t, start) => {
  const {client, cache} = await start();
  await client.put({key: 'last/1'});
  for (let index = 0; index < 64; index++) await client.purge({prefix: `prefix ${index}/`});
  const error = await t.throwsAsync(client.purge({prefix: 'last/'}), {instanceOf: RpcError});
  t.like(error, {code: 'RESOURCE_EXHAUSTED', reason: 'TOO_MANY_PURGES', domain: 'krusty.cache.v1'});
  t.is((await client.get({key: 'last/1'})).outcome, Got.OUTCOME_HIT);
  await client.purge({prefix: 'prefix'});
  await client.purge({prefix: 'last/'});
  t.is((await client.get({key: 'last/1'})).outcome, Got.OUTCOME_MISS);
  while (!cache.sweep(1000));
  for (let index = 0; index < 64; index++) await client.purge({prefix: `prefix ${index}/`});
});

contractTest('GetStats tells limits, sizes and counters', async (t, start) => {
  const {client, clock, cache} = await start({
    maxKeyBytes: 100,
    maxValueBytes: 5000,
    namespaces: [
      {maxEntries: 3, maxMemoryBytes: 100_000},
      {name: 'other', maxEntries: 5, maxMemoryBytes: 50_000, defaultTtlMs: 1500, maxTtlMs: 60_000},
    ],
  });
  const startTimeMs = clock.wallMs();
  t.is((await client.getStats()).total?.hitRatio, 0);
  for (const key of ['a', 'b', 'c', 'd']) await client.put({key});
  for (const key of ['a', 'b', 'c', 'd']) await client.get({key});
  await client.put({key: 'b', ifAbsent: true});
  await client.delete({key: 'b'});
  await client.touch({key: 'c', ttl: duration(1000)});
  clock.advance(1250);
  await client.get({key: 'c'});
  await client.purge({all: true});
  while (!cache.sweep(1000));
  await client.put({key: 'a', namespace: 'other'});
  const stats = await client.getStats();
  t.like(stats, {version: '1.2.3-test', maxKeyBytes: 100, maxValueBytes: 5000, watchers: 0n});
  t.is(millis(stats.startTime), startTimeMs);
  t.deepEqual(
    stats.namespaces.map(each => each.name),
    ['default', 'other'],
  );
  const [first, second] = stats.namespaces;
  t.like(first?.stats, {
    entries: 0n,
    maxEntries: 3n,
    memoryBytes: 0n,
    maxMemoryBytes: 100_000n,
    hits: 3n,
    misses: 2n,
    hitRatio: 0.6,
    puts: 4n,
    deletes: 1n,
    touches: 1n,
    conditionsLost: 1n,
    expirations: 1n,
    evictionsEntries: 1n,
    evictionsMemory: 0n,
    purged: 1n,
  });
  t.is(millis(first?.stats?.expiryLag), 250);
  t.is(first?.defaultTtl, undefined);
  t.is(millis(second?.defaultTtl), 1500);
  t.is(millis(second?.maxTtl), 60_000);
  t.like(stats.total, {entries: 1n, maxEntries: 8n, maxMemoryBytes: 150_000n, puts: 5n, hits: 3n});
  t.is(stats.revision, (await client.get({key: 'a', namespace: 'other'})).entry!.revision);
});
