/** One cache for several threads: what they have in common. Here all of them are in one, and take turns. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {Cache, type CacheOptions, reserveCache, sumWatchStats, type WatchStats} from '../../src/cache/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {ManualTurns} from '../helpers/manual-turns.js';
import {getOf, listOf, putOf} from '../helpers/requests.js';
import {text} from '../helpers/text.js';
import {SeenWatch, WatchHarness} from '../helpers/watch-harness.js';

const threads = 3;

function cachesOf(given: Partial<CacheOptions> = {}): Cache[] {
  const options: CacheOptions = {
    clock: new ManualClock(),
    namespaces: [{name: 'default', maxEntries: 100_000, maxMemoryBytes: 2 ** 24, ttlJitter: 0}],
    maxKeyBytes: 64,
    maxValueBytes: 1024,
    historyBytes: 2 ** 20,
    ...given,
  };
  const handle = structuredClone(reserveCache({...options, threads}));
  return Array.from({length: threads}, (_, thread) => new Cache(options, {handle, thread}));
}

function hears(watch: SeenWatch, what: string): Promise<void> {
  return new Promise(resolve => {
    watch.onMessage = () => {
      if (watch.seen.includes(what)) resolve();
      return true;
    };
  });
}

test('what one thread puts another gets, and all count together', t => {
  const [one, other] = cachesOf() as [Cache, Cache];
  const {revision} = one.put(putOf('key', 'value')) as {revision: number};
  const {entry} = other.get(getOf('key'));
  t.is(text(entry!.value), 'value');
  t.is(entry!.revision, revision);
  t.like(one.stats().total, {entries: 1, puts: 1, hits: 1, maxEntries: 100_000});
  t.deepEqual(one.stats(), other.stats());
});

test('a page token that one thread gave holds on another', t => {
  const [one, other] = cachesOf() as [Cache, Cache];
  for (let index = 0; index < 10; index++) one.put(putOf(`key ${index}`));
  const first = one.list(listOf({pageSize: 4}));
  const rest = other.list(listOf({pageSize: 10, pageToken: first.nextPageToken}));
  t.is(new Set([...first.entries, ...rest.entries].map(({key}) => key)).size, 10);
  t.is(rest.nextPageToken, '');
});

test('a resume token that one thread gave holds on another', t => {
  const turns = new ManualTurns(new ManualClock());
  const [one, other] = cachesOf({schedule: turns.schedule}) as [Cache, Cache];
  const before = new SeenWatch(one);
  one.put(putOf('a'));
  const after = new SeenWatch(other, {resumeToken: before.lastToken});
  turns.rest();
  t.deepEqual(after.seen, ['created', 'put a']);
});

test('watchers of each thread are told of what the others change, without being asked to look', async t => {
  const caches = cachesOf();
  const watches = caches.map(cache => new SeenWatch(cache));
  for (const [thread, cache] of caches.entries()) {
    const heard = watches.map(watch => hears(watch, `put of ${thread}`));
    cache.put(putOf(`of ${thread}`));
    await Promise.all(heard);
  }
  for (const {seen} of watches) t.deepEqual(seen, ['created', 'put of 0', 'put of 1', 'put of 2']);
});

test('where nobody watches, or all that do are blocked, a change makes no thread turn', t => {
  const turns = new ManualTurns(new ManualClock());
  const [one, other] = cachesOf({schedule: turns.schedule}) as [Cache, Cache];
  one.put(putOf('a'));
  t.is(turns.nextInMs, undefined);
  const blocked = new SeenWatch(other, {}, () => false);
  turns.rest();
  one.put(putOf('b'));
  t.is(turns.nextInMs, undefined);
  blocked.drained();
  turns.rest();
  t.deepEqual(blocked.seen, ['created', 'put b']);
});

test('the watches of all threads count for how many there may be', t => {
  const turns = new ManualTurns(new ManualClock());
  const [one, other] = cachesOf({schedule: turns.schedule}) as [Cache, Cache];
  const watches = Array.from({length: limits.watchersMost}, (_, index) => new SeenWatch(index % 3 === 0 ? one : other));
  for (const cache of [one, other])
    t.like(
      t.throws(() => new SeenWatch(cache)),
      {reason: 'TOO_MANY_WATCHERS'},
    );
  watches[0]!.closed();
  t.notThrows(() => new SeenWatch(other));
  t.throws(() => new SeenWatch(one));
});

test('a place that is not one of the threads is refused, and so is a cache reserved for one', t => {
  const {clock} = new WatchHarness();
  const options = {clock, namespaces: [], maxKeyBytes: 64, maxValueBytes: 1024};
  t.throws(() => reserveCache({...options, threads: 1}), {message: /for itself/});
  const namespaces = [{name: 'default', maxEntries: 10, maxMemoryBytes: 2 ** 20, ttlJitter: 0}];
  const handle = reserveCache({...options, namespaces, threads: 2});
  t.throws(() => new Cache({...options, namespaces}, {handle, thread: 2}), {message: /threads 0 to 1/});
});

test('the watchers of all threads are counted together; how far the slowest lags is the largest', t => {
  const stats: WatchStats = {
    historyBytes: 100,
    historyStartMs: 7,
    trims: 1,
    watchers: 2,
    eventsDelivered: 30,
    slowestLagRevisions: 5,
    slowestLagBytes: 400,
    resyncs: 1,
    cancels: 0,
  };
  const other = {...stats, watchers: 1, eventsDelivered: 4, slowestLagRevisions: 9, slowestLagBytes: 3, cancels: 2};
  t.deepEqual(sumWatchStats([stats, other]), {
    ...stats,
    watchers: 3,
    eventsDelivered: 34,
    slowestLagRevisions: 9,
    slowestLagBytes: 400,
    resyncs: 2,
    cancels: 2,
  });
  t.deepEqual(sumWatchStats([stats]), stats);
});
