/** A large put makes room in slices: other calls come through meanwhile, and it evicts no more than it takes. */
import test from 'ava';
import type {Cache, GetAnswer, PutAnswer, PutRequest} from '../../src/cache/index.js';
import {charge} from '../../src/store/index.js';
import {getAll} from '../helpers/get-all.js';
import {getOf, putOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';
import {TickingClock} from '../helpers/ticking-clock.js';

const maxMemoryBytes = 2 ** 22;
const mebibyte = 'x'.repeat(2 ** 20);
/** Each look at the clock takes so long that a slice ends after the second. */
const lookMs = 0.6;

/** A cache full of small entries. */
function makeFull(): Cache {
  const cache = createTestCache(new TickingClock(lookMs), {
    maxValueBytes: 2 ** 21,
    namespaces: [{maxEntries: 1_000_000, maxMemoryBytes}, {name: 'other'}],
  });
  const count = Math.floor(maxMemoryBytes / charge(9, 100));
  for (let index = 0; index < count; index++) {
    cache.put(putOf(`key ${String(index).padStart(5, '0')}`, 'x'.repeat(100)));
  }
  return cache;
}

/** Something in the event loop that runs between slices: how often it did until the promise was kept. */
async function ticksUntil<T>(
  promise: T | Promise<T>,
  each: () => void = () => {},
): Promise<{ticks: number; answer: T}> {
  let ticks = 0;
  let next: NodeJS.Immediate;
  const tick = () => {
    ticks++;
    each();
    next = setImmediate(tick);
  };
  next = setImmediate(tick);
  const answer = await promise;
  clearImmediate(next);
  return {ticks, answer};
}

test('a put of 1 MiB into a cache full of small entries lets others through between its slices', async t => {
  const cache = makeFull();
  const before = cache.stats().total;
  let hits = 0;
  const newest = `key ${String(before.entries - 1).padStart(5, '0')}`;
  const {ticks, answer} = await ticksUntil(cache.put(putOf('large', mebibyte)), () => {
    if (cache.get(getOf(newest)).outcome === 'hit') hits++;
    t.true(cache.stats().total.memoryBytes <= maxMemoryBytes);
  });
  t.is(answer.outcome, 'stored');
  t.true(ticks > 10, `${ticks} ticks`);
  t.is(hits, ticks);
  const {evictionsMemory, memoryBytes, entries} = cache.stats().total;
  const needed = Math.ceil(charge(5, 2 ** 20) / charge(9, 100));
  t.true(Math.abs(evictionsMemory - needed) <= 1, `${evictionsMemory} evicted, ${needed} needed`);
  t.is(entries, before.entries - evictionsMemory + 1);
  t.true(memoryBytes <= maxMemoryBytes && memoryBytes > maxMemoryBytes - 2 * charge(9, 100));
  t.is(cache.get(getOf('large')).entry?.value.length, 2 ** 20);
});

test('the least recently used go, what is used meanwhile stays', async t => {
  const cache = makeFull();
  const used = 'key 03000';
  await ticksUntil(cache.put(putOf('large', mebibyte)), () => cache.get(getOf(used)));
  t.is(cache.get(getOf('key 00000')).outcome, 'miss');
  t.is(cache.get(getOf('key 02999')).outcome, 'miss');
  t.is(cache.get(getOf(used)).outcome, 'hit');
});

test('where there is room, or the value is small, a put answers at once', t => {
  const roomy = createTestCache(new TickingClock(lookMs));
  t.false(roomy.put(putOf('large', mebibyte)) instanceof Promise);
  t.false(makeFull().put(putOf('small', 'x'.repeat(1000))) instanceof Promise);
});

const lost: Record<string, Partial<PutRequest>> = {
  'if_absent, of a key that is there': {key: 'key 20000', ifAbsent: true},
  'if_present, of a key that is not': {key: 'none', ifPresent: true},
  'if_revision, of a key that is not there': {key: 'none', ifRevision: 1},
  'if_revision, of another': {key: 'key 20000', ifRevision: 1},
};

for (const [what, request] of Object.entries(lost)) {
  test(`a large put that loses its condition evicts nothing: ${what}`, async t => {
    const cache = makeFull();
    const before = cache.stats().total;
    const {outcome} = await cache.put(putOf('', mebibyte, request));
    t.is(outcome, 'notStored');
    t.deepEqual(cache.stats().total, {...before, conditionsLost: 1});
  });
}

test('a condition counts when the value is stored, not when room is first made for it', async t => {
  const cache = makeFull();
  let raced = false;
  const {answer} = await ticksUntil(cache.put(putOf('large', mebibyte, {ifAbsent: true})), () => {
    if (!raced) cache.put(putOf('large', 'first'));
    raced = true;
  });
  t.true(raced);
  t.is(answer.outcome, 'notStored');
});

test('a large value in place of one as large evicts nothing', async t => {
  const cache = makeFull();
  await cache.put(putOf('large', mebibyte));
  const before = cache.stats().total;
  const {outcome} = await cache.put(putOf('large', mebibyte));
  t.is(outcome, 'stored');
  t.like(cache.stats().total, {entries: before.entries, evictionsMemory: before.evictionsMemory});
});

test('a larger value in place of a large one evicts for the difference alone, and never the old one', async t => {
  const cache = makeFull();
  await cache.put(putOf('large', mebibyte));
  for (let index = 10_000; index < 25_000; index++) cache.get(getOf(`key ${index}`));
  const before = cache.stats().total;
  const {answer} = await ticksUntil(cache.put(putOf('large', 'y'.repeat(1.25 * 2 ** 20), {returnPrevious: true})));
  t.is(answer.previous?.value.length, 2 ** 20);
  const evicted = cache.stats().total.evictionsMemory - before.evictionsMemory;
  const needed = (charge(5, 1.25 * 2 ** 20) - charge(5, 2 ** 20)) / charge(9, 100);
  t.true(Math.abs(evicted - needed) <= 2, `${evicted} evicted, ${needed} needed`);
});

test('two large puts at a time both come through, within the limit', async t => {
  const cache = makeFull();
  const both = Promise.all([cache.put(putOf('one', mebibyte)), cache.put(putOf('two', mebibyte))]);
  await ticksUntil(both, () => t.true(cache.stats().total.memoryBytes <= maxMemoryBytes));
  for (const key of ['one', 'two']) t.is(cache.get(getOf(key)).entry?.value.length, 2 ** 20);
});

test('a batch with large values keeps its order, whatever comes between', async t => {
  const cache = makeFull();
  const batch = cache.batchPut([
    putOf('a', 'small'),
    putOf('large', mebibyte),
    putOf('large', 'replaced', {ifPresent: true, returnPrevious: true}),
    putOf(''),
    putOf('large', mebibyte, {ifAbsent: true}),
    putOf('larger', `${mebibyte}${'x'.repeat(1000)}`),
    putOf('a', 'again', {returnPrevious: true}),
  ]);
  t.true(batch instanceof Promise);
  const {ticks, answer: results} = await ticksUntil(batch);
  t.true(ticks > 10);
  t.deepEqual(
    results.map(result => (result instanceof Error ? result.reason : result.outcome)),
    ['stored', 'stored', 'stored', 'KEY_EMPTY', 'notStored', 'stored', 'stored'],
  );
  const previous = results.map(result => (result as PutAnswer).previous?.value);
  t.is(previous[2]?.length, 2 ** 20);
  t.is(Buffer.from(previous[6]!).toString(), 'small');
  const [large, a] = getAll(cache, [getOf('large'), getOf('a')]) as GetAnswer[];
  t.is(Buffer.from(large!.entry!.value).toString(), 'replaced');
  t.is(Buffer.from(a!.entry!.value).toString(), 'again');
});

test('a large put evicts nothing of another namespace', async t => {
  const cache = makeFull();
  cache.put(putOf('k', 'value', {namespace: 'other'}));
  await cache.put(putOf('large', mebibyte));
  t.is(cache.get(getOf('k', {namespace: 'other'})).outcome, 'hit');
  t.is(cache.stats().namespaces[1]?.stats.evictionsMemory, 0);
});

test('under tiny-lfu too, what a large put replaces does not go for it', async t => {
  const cache = createTestCache(new TickingClock(lookMs), {
    maxValueBytes: 2 ** 21,
    namespaces: [{maxEntries: 1_000_000, maxMemoryBytes, policy: 'tiny-lfu'}],
  });
  for (let index = 0; index < 30_000; index++) {
    const key = `key ${index % 20_000}`;
    cache.put(putOf(key, 'x'.repeat(100)));
    cache.get(getOf(key));
  }
  for (let round = 0; round < 10; round++) {
    await cache.put(putOf(`large ${round}`, 'x'.repeat(40 * 1024)));
    const answer = await cache.put(putOf(`large ${round}`, mebibyte, {ifPresent: true, returnPrevious: true}));
    t.is(answer.outcome, 'stored');
    t.is(answer.previous?.value.length, 40 * 1024);
  }
});
