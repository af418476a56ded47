/** A store for several threads: into what it is cut, what of the limits each part has, and who sweeps it. */
import test from 'ava';
import {
  attachStore,
  charge,
  checkStore,
  createStore,
  handleOf,
  type NamespaceLimits,
  noDeadline,
  type StoreOptions,
} from '../../src/store/index.js';
import {shardsOf, shareOf} from '../../src/store/sharding.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {bytes} from '../helpers/text.js';

const mib = 2 ** 20;
const maxKeyBytes = 64;
const maxValueBytes = 1000;
const largestBytes = charge(maxKeyBytes, maxValueBytes);
const write = {contentType: '', deadlineMs: noDeadline};

function optionsOf(threads: number, ...namespaces: NamespaceLimits[]): StoreOptions {
  return {clock: new ManualClock(), namespaces, maxKeyBytes, maxValueBytes, threads};
}

function shards(threads: number, maxEntries: number, maxMemoryBytes = 1024 * mib): number {
  return shardsOf(optionsOf(threads, {maxEntries, maxMemoryBytes}))[0]!;
}

test('one thread has one shard, and several have up to four each, a power of two', t => {
  t.is(shards(1, 1_000_000), 1);
  t.is(shards(2, 1_000_000), 8);
  t.is(shards(3, 1_000_000), 8);
  t.is(shards(4, 1_000_000), 16);
  t.is(shards(5, 1_000_000), 16);
});

test('a shard has 4,096 entries and 16 of the largest values', t => {
  t.is(shards(4, 8 * 4096), 8);
  t.is(shards(4, 8 * 4096 - 1), 4);
  t.is(shards(4, 4096), 1);
  t.is(shards(4, 1_000_000, 4 * 16 * largestBytes), 4);
  t.is(shards(4, 1_000_000, 4 * 16 * largestBytes - 1), 2);
  t.is(shards(4, 1_000_000, 16 * largestBytes), 1);
});

test('memory that no shard reaches is in several, also for one thread', t => {
  t.is(shards(1, 1_000_000, 15 * 1024 * mib), 1);
  t.is(shards(1, 1_000_000, 15 * 1024 * mib + 1), 2);
});

test('a small namespace beside a large one is not cut', t => {
  const large = {maxEntries: 1_000_000, maxMemoryBytes: 100 * mib};
  const small = {maxEntries: 3, maxMemoryBytes: 100 * mib};
  t.deepEqual(shardsOf(optionsOf(2, large, small)), [8, 1]);
  const store = createStore(optionsOf(2, large, small));
  for (let index = 0; index < 100; index++) store.put(1, bytes(`key ${index}`), bytes('value'), write);
  t.is(store.stats(1).entries, 3);
  for (let index = 97; index < 100; index++) {
    t.truthy(store.get(1, bytes(`key ${index}`), {peek: true, metadataOnly: true}), 'the last that were put');
  }
  t.is(store.maxEntryBytes(1), 100 * mib);
  t.is(store.maxEntryBytes(0), Math.floor((100 * mib) / 8));
  checkStore(store);
});

test('shares add up to the limit to the last entry and byte', t => {
  for (const [maxEntries, maxMemoryBytes] of [
    [40_961, 7_000_003],
    [40_960, 8_000_000],
    [65_535, 2 ** 24 - 1],
  ] as const) {
    const shares = Array.from({length: 8}, (_, shard) => shareOf({maxEntries, maxMemoryBytes}, 8, shard));
    const sum = (of: (share: NamespaceLimits) => number) => shares.reduce((total, share) => total + of(share), 0);
    t.is(
      sum(share => share.maxEntries),
      maxEntries,
    );
    t.is(
      sum(share => share.maxMemoryBytes),
      maxMemoryBytes,
    );
    const counts = shares.map(share => share.maxEntries);
    t.true(Math.max(...counts) - Math.min(...counts) <= 1);
  }
});

test('a full store for several threads has as many entries as it may', t => {
  const maxEntries = 4 * 4096 + 3;
  const store = createStore(optionsOf(2, {maxEntries, maxMemoryBytes: 64 * mib}));
  for (let index = 0; index < 3 * maxEntries; index++) store.put(0, bytes(`key ${index}`), bytes('value'), write);
  t.is(store.stats(0).entries, maxEntries);
  checkStore(store);
});

test('what each of several threads sweeps is all that there is to sweep, expired or purged', t => {
  const clock = new ManualClock();
  const options = {...optionsOf(2, {maxEntries: 40_000, maxMemoryBytes: 64 * mib}), clock};
  const stores = [createStore(options)];
  stores.push(attachStore(handleOf(stores[0]!), clock));
  const fill = (name: string, deadlineMs: number) => {
    for (let index = 0; index < 1000; index++) {
      stores[0]!.put(0, bytes(`${name} ${index}`), bytes('value'), {contentType: '', deadlineMs});
    }
  };
  fill('expires', clock.nowMs() + 10);
  fill('purged', noDeadline);
  fill('stays', noDeadline);
  clock.advance(1000);
  stores[1]!.purge(0, bytes('purged'));
  const sweep = (thread: number) => {
    while (!stores[thread]!.sweep(64, {thread, threads: 2}));
  };
  sweep(0);
  const {expirations, purged} = stores[0]!.stats(0);
  t.true(expirations > 300 && expirations < 700, 'half of them');
  t.true(purged > 300 && purged < 700, 'half of them');
  sweep(1);
  t.like(stores[0]!.stats(0), {entries: 1000, expirations: 1000, purged: 1000});
  checkStore(stores[0]!);
});

test('a store for one thread is not attached by another', t => {
  const store = createStore(optionsOf(1, {maxEntries: 10, maxMemoryBytes: mib}));
  t.throws(() => attachStore(handleOf(store), new ManualClock()), {message: /for no other/});
});
