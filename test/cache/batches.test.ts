/** Batches: a result for each request, in order; and BatchGet's answer below its budget. */
import test from 'ava';
import {CacheError} from '../../src/base/index.js';
import {
  type BatchResult,
  Cache,
  type CacheOptions,
  type DeleteAnswer,
  type GetAnswer,
  type GetRequest,
  type PutAnswer,
  reserveCache,
} from '../../src/cache/index.js';
import {getAll} from '../helpers/get-all.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {Random, withSeed} from '../helpers/random.js';
import {deleteOf, getOf, putOf, touchOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';
import {text} from '../helpers/text.js';

const leastBudget = 65_536;

function makeCache(): Cache {
  return createTestCache(new ManualClock(), {maxKeyBytes: 65_535, namespaces: [{maxMemoryBytes: 2 ** 26}]});
}

function outcomes(results: (object | CacheError)[]): unknown[] {
  return results.map(result => (result instanceof CacheError ? result.reason : (result as GetAnswer).outcome));
}

test('a batch is done in order, and one that fails does not harm the others', async t => {
  const cache = makeCache();
  const results = await cache.batchPut([
    putOf('a', '1'),
    putOf(''),
    putOf('b', '2'),
    putOf('a', '3', {ifAbsent: true}),
  ]);
  t.deepEqual(outcomes(results), ['stored', 'KEY_EMPTY', 'stored', 'notStored']);
  const found = getAll(cache, [getOf('b'), getOf('a'), getOf('c'), getOf('a'), getOf('', {})]);
  t.deepEqual(outcomes(found), ['hit', 'hit', 'miss', 'hit', 'KEY_EMPTY']);
  t.is(text((found[1] as GetAnswer).entry?.value), '1');
});

test('a failure names the request that it is in', async t => {
  const [, error] = (await makeCache().batchDelete([deleteOf('a'), deleteOf('')])) as [unknown, CacheError];
  t.regex(error.message, /^requests\[1\]: key: is empty/);
  t.deepEqual(
    error.violations.map(violation => violation.field),
    ['requests[1].key'],
  );
});

test('a request that could not be read fails in its place', async t => {
  const unread = CacheError.ofField('INVALID_TTL', 'ttl', 'is not a valid Duration');
  const results = await makeCache().batchPut([putOf('a'), unread, putOf('b')]);
  t.deepEqual(outcomes(results), ['stored', 'INVALID_TTL', 'stored']);
  t.is((results[1] as CacheError).violations[0]?.field, 'requests[1].ttl');
});

test('a later request of a batch sees what an earlier one did', async t => {
  const cache = makeCache();
  const results = await cache.batchPut([
    putOf('a', '1'),
    putOf('a', '2', {ifAbsent: true}),
    putOf('a', '3', {returnPrevious: true}),
  ]);
  t.deepEqual(outcomes(results), ['stored', 'notStored', 'stored']);
  t.is(text((results[2] as {previous?: {value: Uint8Array}}).previous?.value), '1');
  t.deepEqual(outcomes(await cache.batchDelete([deleteOf('a'), deleteOf('a')])), ['deleted', 'notFound']);
  t.deepEqual(outcomes(await cache.batchTouch([touchOf('a', {ttlMs: 1})])), ['notFound']);
});

/** Both are large enough to be cut into several shards where there are threads for that. */
const several: CacheOptions['namespaces'] = ['default', 'other'].map(name => ({
  name,
  maxEntries: 100_000,
  maxMemoryBytes: 2 ** 26,
  ttlJitter: 0,
}));

for (const threads of [1, 2]) {
  test(`a batch finds what one Get after the other finds, in a cache for ${threads} threads`, t => {
    const options = {clock: new ManualClock(), maxKeyBytes: 100, maxValueBytes: 1000, namespaces: several};
    const place = threads > 1 ? {thread: 0, handle: reserveCache({...options, threads})} : undefined;
    const cache = new Cache(options, place);
    for (let key = 0; key < 2000; key++) {
      for (const {name} of several) cache.put(putOf(`key ${key}`, `${name} ${key}`, {namespace: name}));
    }
    return withSeed(t, seed => {
      const random = new Random(seed);
      for (let batch = 0; batch < 100; batch++) {
        const namespaces = random.pick([[''], ['other'], ['', 'other', 'unknown']]);
        const requests = Array.from({length: 1 + random.below(100)}, () => {
          const key = random.oneIn(20)
            ? random.pick(['', 'é', '\ud83d', 'k'.repeat(101)])
            : `key ${random.below(4000)}`;
          return getOf(key, {namespace: random.pick(namespaces)});
        });
        const oneByOne = requests.flatMap(request => getAll(cache, [request]));
        t.deepEqual(getAll(cache, requests).map(summary), oneByOne.map(summary));
      }
    });
  });
}

function summary(result: BatchResult<GetAnswer>): unknown {
  return result instanceof CacheError
    ? result.reason
    : {...result, entry: result.entry && {...result.entry, value: text(result.entry.value)}};
}

test('values of a batch are its own: later changes do not reach them', async t => {
  const cache = makeCache();
  cache.put(putOf('a', 'old'));
  const [got] = getAll(cache, [getOf('a')]) as [GetAnswer];
  const [put] = (await cache.batchPut([putOf('a', 'new', {returnPrevious: true})])) as PutAnswer[];
  const [deleted] = (await cache.batchDelete([deleteOf('a', {returnPrevious: true})])) as DeleteAnswer[];
  cache.put(putOf('a', 'xxx'));
  t.is(text(got.entry?.value), 'old');
  t.is(text(put?.previous?.value), 'old');
  t.is(text(deleted?.previous?.value), 'new');
});

test('what no longer fits is over budget, and comes when it is asked for again', async t => {
  const cache = makeCache();
  const values = new Map(Array.from({length: 20}, (_, index) => [`key ${index}`, String(index % 10).repeat(10_000)]));
  for (const [key, value] of values) cache.put(putOf(key, value));
  let left = [...values.keys()].map(key => getOf(key));
  const rounds: number[] = [];
  while (left.length > 0) {
    const results = getAll(cache, left, leastBudget) as GetAnswer[];
    const kept = results.filter(result => result.outcome === 'hit');
    // In order: from the first that does not fit, all are over budget.
    t.deepEqual(
      outcomes(results),
      left.map((_, index) => (index < kept.length ? 'hit' : 'overBudget')),
    );
    for (const [index, result] of kept.entries()) t.is(text(result.entry?.value), values.get(left[index]!.key));
    t.true(kept.reduce((sum, result) => sum + result.entry!.value.length, 0) < leastBudget);
    rounds.push(kept.length);
    left = left.slice(kept.length);
  }
  t.deepEqual(rounds, [6, 6, 6, 2]);
});

test('what is over budget is not looked up: it counts neither hit nor miss', async t => {
  const cache = makeCache();
  for (const key of ['a', 'b', 'c']) cache.put(putOf(key, 'x'.repeat(40_000)));
  getAll(cache, [getOf('a'), getOf('b'), getOf('c'), getOf('none')], leastBudget);
  const {hits, misses} = cache.stats().total;
  t.true(hits <= 2);
  t.is(misses, 0);
});

test('a value that alone is larger than the budget is left out, and says so', async t => {
  const cache = makeCache();
  cache.put(putOf('large', 'x'.repeat(70_000)));
  cache.put(putOf('small', 'value'));
  const [large, small] = getAll(cache, [getOf('large'), getOf('small')], leastBudget) as GetAnswer[];
  t.is(large?.outcome, 'hit');
  t.like(large?.entry, {valueOmitted: true, revision: large!.entry!.revision});
  t.is(large?.entry?.value.length, 0);
  t.is(text(small?.entry?.value), 'value');
});

for (const key of ['k'.repeat(65_535), 'k'.repeat(30_000), '\u20ac'.repeat(21_845), '\u{1f600}'.repeat(16_000)]) {
  test(`the first of a batch is never over budget, not with a key of ${key.length} ${key[0]} either`, async t => {
    const cache = makeCache();
    cache.put(putOf(key, 'x'.repeat(1000)));
    const requests: GetRequest[] = [getOf(key), getOf(key)];
    t.is((getAll(cache, requests, leastBudget) as GetAnswer[])[0]?.outcome, 'hit');
  });
}

test('a long key does not cost its value its place', async t => {
  const cache = makeCache();
  const key = 'k'.repeat(30_000);
  cache.put(putOf(key, 'value'));
  const [result] = getAll(cache, [getOf(key)], leastBudget) as GetAnswer[];
  t.is(text(result?.entry?.value), 'value');
});

test('a batch of 1,000 errors stays below the budget, however many namespaces there are to name', async t => {
  const many = Array.from({length: 63}, (_, index) => ({name: `n${index}`.padEnd(63, 'x')}));
  const cache = createTestCache(new ManualClock(), {namespaces: [{}, ...many]});
  const results = getAll(cache, Array(1000).fill(getOf('k', {namespace: 'none'})));
  const sizes = results.map(result =>
    result instanceof CacheError ? 2 * result.message.length + result.violations[0]!.field.length : 0,
  );
  t.true(sizes.reduce((sum, size) => sum + size, 0) < 4_000_000);
});

test('values that were there before are left out once the answer has come to its size', async t => {
  const cache = makeCache();
  const keys = Array.from({length: 6}, (_, index) => `key ${index}`);
  for (const key of keys) cache.put(putOf(key, 'x'.repeat(2 ** 20)));
  const results = (await cache.batchDelete(keys.map(key => deleteOf(key, {returnPrevious: true})))) as DeleteAnswer[];
  t.deepEqual(
    results.map(({outcome, previous}) => [outcome, previous?.valueOmitted, previous?.value.length]),
    keys.map((_, index) => (index < 3 ? ['deleted', false, 2 ** 20] : ['deleted', true, 0])),
  );
});
