/** Statistics: each namespace's own, and their sum. */
import test from 'ava';
import {ManualClock} from '../helpers/manual-clock.js';
import {deleteOf, getOf, putOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';

function start() {
  const clock = new ManualClock();
  const cache = createTestCache(clock, {
    maxKeyBytes: 100,
    maxValueBytes: 5000,
    namespaces: [
      {maxEntries: 100, maxMemoryBytes: 2_000_000},
      {name: 'small', maxEntries: 2, maxMemoryBytes: 1_000_000, defaultTtlMs: 1000, maxTtlMs: 5000},
    ],
  });
  return {clock, cache};
}

test('a new cache has counted nothing, and knows its limits', t => {
  const {clock, cache} = start();
  const stats = cache.stats();
  t.like(stats, {startTimeMs: clock.wallMs(), revision: 0, maxKeyBytes: 100, maxValueBytes: 5000});
  t.like(stats.total, {entries: 0, maxEntries: 102, memoryBytes: 0, maxMemoryBytes: 3_000_000, hits: 0});
  t.like(stats.namespaces[1], {name: 'small', defaultTtlMs: 1000, maxTtlMs: 5000});
});

test('the namespaces come in their order, and the total is their sum', t => {
  const {clock, cache} = start();
  for (const key of ['a', 'b', 'c', 'd']) {
    cache.put(putOf(key, 'value'));
    cache.put(putOf(key, 'value', {namespace: 'small'}));
    cache.get(getOf(key));
    cache.get(getOf('none', {namespace: 'small'}));
  }
  cache.delete(deleteOf('a'));
  clock.advance(3000);
  while (!cache.sweep(10));
  const {namespaces, total} = cache.stats();
  t.deepEqual(
    namespaces.map(each => each.name),
    ['default', 'small'],
  );
  t.like(namespaces[0]?.stats, {entries: 3, puts: 4, hits: 4, misses: 0, deletes: 1, expirations: 0});
  t.like(namespaces[1]?.stats, {
    entries: 0,
    puts: 4,
    misses: 4,
    evictionsEntries: 2,
    expirations: 2,
    expiryLagMs: 2000,
  });
  for (const [name, figure] of Object.entries(total)) {
    const each = namespaces.map(({stats}) => stats[name as keyof typeof stats]);
    t.is(figure, name === 'expiryLagMs' ? Math.max(...each) : each[0]! + each[1]!, name);
  }
});

test('the revision is that of the last change', async t => {
  const {cache} = start();
  const {revision} = await cache.put(putOf('k'));
  t.is(cache.stats().revision, revision);
  t.is(cache.stats().revision, cache.purge({prefix: '', namespace: 'small', all: true}).revision - 1);
});
