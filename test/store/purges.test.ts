/** A purge takes effect at once for whoever asks, and frees memory in slices. */
import test from 'ava';
import {CacheError, type Clock} from '../../src/base/index.js';
import {createStore, handleOf, noDeadline} from '../../src/store/index.js';
import {purgesMost} from '../../src/store/purges.js';
import {viewShard} from '../../src/store/shard-memory.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

const keysOf = (entries: {key: string}[]) => entries.map(entry => entry.key);

test('a purge removes every entry under its prefix, at once, and nothing else', t => {
  const store = new StoreHarness({}, {});
  for (const key of ['a', 'ab', 'abc', 'b', 'A']) {
    store.put(key);
    store.put(key, '', {namespace: 1});
  }
  store.purge('ab');
  t.deepEqual(keysOf(store.scanAll()), ['A', 'a', 'b']);
  t.deepEqual(store.present('a', 'ab', 'abc', 'b', 'A'), ['a', 'b', 'A']);
  store.sweepAll();
  t.is(store.stats().purged, 2);
  t.is(store.stats().entries, 3);
  t.is(store.stats(1).entries, 5);
  store.check();
});

const operations: Record<string, (store: StoreHarness) => unknown> = {
  get: store => store.get('a'),
  peek: store => store.get('a', {peek: true}),
  delete: store => store.delete('a').outcome === 'deleted' || undefined,
  touch: store => store.touch('a', {ttlMs: 1000}).outcome === 'touched' || undefined,
  'put if present': store => store.put('a', 'new', {ifPresent: true}).stored || undefined,
  'put, as previous': store => store.put('a', 'new', {wantPrevious: true}).previous,
  scan: store => store.scanAll()[0],
};

for (const [name, operation] of Object.entries(operations)) {
  test(`${name} does not find a purged entry, swept or not`, t => {
    for (const isSwept of [false, true]) {
      const store = new StoreHarness();
      store.put('a', 'old', {ttlMs: 1000});
      store.purge('');
      if (isSwept) store.sweepAll();
      t.is(operation(store), undefined);
      store.check();
    }
  });
}

test('a purge of the empty prefix empties its namespace', t => {
  const store = new StoreHarness({}, {});
  for (let index = 0; index < 1000; index++) store.put(`key ${index}`, 'value');
  store.put('other', '', {namespace: 1});
  store.purge('');
  t.deepEqual(store.scanAll(), []);
  store.sweepAll();
  t.like(store.stats(), {purged: 1000, entries: 0, memoryBytes: 0});
  t.true(store.has('other', 1));
  store.check();
});

test('the memory of what is purged comes back in slices, each within its steps', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 5000; index++) store.put(`${index % 2 ? 'odd' : 'even'} ${index}`, 'value');
  store.purge('odd');
  let slices = 0;
  for (let before = store.stats().entries; !store.store.sweep(100); before = store.stats().entries) {
    // A slice may end one bucket late.
    t.true(store.stats().entries >= before - 120);
    slices++;
  }
  t.true(slices > 25, `${slices} slices`);
  t.is(store.stats().entries, 2500);
  t.is(store.stats().purged, 2500);
  t.true(store.store.sweep(1), 'nothing is left to do');
  store.check();
});

test('what is purged makes room before anything alive is evicted in its place, when its turn comes', t => {
  const store = new StoreHarness({maxEntries: 4});
  for (const key of ['a1', 'a2', 'b1', 'b2']) store.put(key);
  store.purge('a');
  store.put('b3');
  store.put('b4');
  t.deepEqual(store.present('b1', 'b2', 'b3', 'b4'), ['b1', 'b2', 'b3', 'b4']);
  t.like(store.stats(), {purged: 2, evictionsEntries: 0});
});

test('a purge is one change with one revision, later than all that it removed', t => {
  const store = new StoreHarness();
  let last = 0;
  for (let index = 0; index < 100; index++) last = store.put(`key ${index}`).revision;
  t.is(store.purge('key'), last + 1);
  store.sweepAll();
  t.is(store.store.lastRevision, last + 1, 'what is freed later is silent');
});

test('what is put after a purge is there, and stays when the purge is swept', t => {
  const store = new StoreHarness();
  store.put('a', 'old');
  store.put('other', 'old');
  store.purge('');
  t.is(store.get('a'), undefined);
  store.put('a', 'new');
  t.true(store.put('b', '', {ifAbsent: true}).stored);
  t.deepEqual(keysOf(store.scanAll()), ['a', 'b']);
  store.sweepAll();
  t.is(store.get('a')?.value, 'new');
  t.deepEqual(keysOf(store.scanAll()), ['a', 'b']);
  t.is(store.stats().purged, 2);
});

test('what is put between two slices of a sweep stays, though the index grows', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 1000; index++) store.put(`old ${index}`);
  store.purge('');
  const kept: string[] = [];
  while (!store.store.sweep(20)) {
    for (let index = 0; index < 5; index++) {
      const key = `${kept.length % 3 ? 'new' : 'old'} ${kept.length}`;
      store.put(key);
      kept.push(key);
    }
    store.check();
  }
  t.is(store.stats().purged, 1000);
  t.deepEqual(keysOf(store.scanAll()), kept.sort());
});

test('a purge takes deadlines with it', t => {
  const store = new StoreHarness();
  store.put('a', 'old', {ttlMs: 10});
  store.purge('');
  store.put('a', 'new');
  store.clock.advance(5000);
  t.is(store.sweepAll(), 0);
  t.is(store.get('a')?.value, 'new');
});

test('what has expired and was purged is counted once', t => {
  const store = new StoreHarness();
  store.put('a', '', {ttlMs: 10});
  store.put('b', '', {ttlMs: 10});
  store.clock.advance(10);
  store.get('b');
  store.purge('');
  store.clock.advance(1000);
  store.sweepAll();
  t.is(store.stats().purged + store.stats().expirations, 2);
  t.is(store.stats().entries, 0);
});

test(`${purgesMost} purges can be under way; one more is TOO_MANY_PURGES, changes nothing, and works once they are swept`, t => {
  const store = new StoreHarness({}, {});
  const prefixes = Array.from({length: purgesMost}, (_, index) => `prefix ${String(index).padStart(2, '0')}`);
  for (const prefix of [...prefixes, 'another']) for (const ending of 'ab') store.put(`${prefix} ${ending}`);
  prefixes.forEach((prefix, index) => {
    store.purge(prefix, index % 2);
  });
  const {lastRevision} = store.store;
  for (const namespace of [0, 1]) {
    const error = t.throws(() => store.purge('another', namespace), {instanceOf: CacheError}) as CacheError;
    t.is(error.reason, 'TOO_MANY_PURGES');
    t.is(error.code, 'resourceExhausted');
    t.regex(error.message, /64 purges.*try again/);
  }
  t.is(store.store.lastRevision, lastRevision);
  t.true(store.has('another a'));
  t.false(store.has('prefix 00 a'));
  t.true(store.has('prefix 01 a'), 'it was purged in the other namespace');
  store.sweepAll();
  store.purge('another');
  t.false(store.has('another a'));
  store.sweepAll();
  t.is(store.stats().purged, purgesMost + 2);
  store.check();
});

test('a purge takes the place of those that it covers, so it is never one too many', t => {
  const store = new StoreHarness({}, {});
  for (let index = 0; index < purgesMost - 2; index++) store.purge(`a ${index}`);
  store.purge('a 1', 1);
  store.purge('b');
  const before = store.store.lastRevision;
  t.true(store.purge('b') > before, 'the same again');
  t.throws(() => store.purge('c'), {instanceOf: CacheError});
  store.purge('a');
  for (let index = 0; index < purgesMost - 3; index++) store.purge(`c ${index}`);
  t.throws(() => store.purge('d'), {instanceOf: CacheError});
  store.purge('');
  t.notThrows(() => store.purge('d'));
});

test('the purge that takes the place of others counts for all that they did', t => {
  const store = new StoreHarness();
  for (const key of ['ab', 'ac', 'b']) store.put(key, 'old');
  store.purge('ab');
  store.put('ab', 'newer');
  store.purge('a');
  t.deepEqual(keysOf(store.scanAll()), ['b']);
  store.put('ac', 'newest');
  store.purge('ab');
  t.deepEqual(keysOf(store.scanAll()), ['ac', 'b']);
  store.sweepAll();
  t.deepEqual(keysOf(store.scanAll()), ['ac', 'b']);
  t.is(store.stats().purged, 3);
});

test('purges that end or are replaced leave the others as they are', t => {
  const store = new StoreHarness({}, {});
  for (const key of ['a1', 'b22', 'c333', 'd4444', 'e'])
    for (const namespace of [0, 1]) store.put(key, '', {namespace});
  store.purge('a1');
  store.purge('b22', 1);
  store.purge('c333');
  store.purge('a');
  t.deepEqual(keysOf(store.scanAll()), ['b22', 'd4444', 'e']);
  t.deepEqual(keysOf(store.scanAll('', {namespace: 1})), ['a1', 'c333', 'd4444', 'e']);
  // One that comes during the walk goes on when those before it are done with.
  for (let index = 0; index < 2000; index++) store.put(`more ${index}`);
  for (let slice = 0; slice < 10; slice++) store.store.sweep(50);
  store.purge('d4');
  while (!store.store.sweep(50)) t.deepEqual(store.present('a1', 'b22', 'c333', 'd4444', 'e'), ['b22', 'e']);
  t.deepEqual(keysOf(store.scanAll('', {namespace: 1})), ['a1', 'c333', 'd4444', 'e']);
  t.is(store.stats().purged, 3);
  t.is(store.stats(1).purged, 1);
  store.check();
});

test('a purge is numbered with every shard locked: no other thread changes what it purges behind it', t => {
  const {store, locks, clock} = sharedStore();
  t.true(locks.length > 1);
  const isHeld = () => locks.map(lock => lock[0] !== 0);
  let heldAtNumbering: boolean[] = [];
  clock.wallMicros = () => {
    heldAtNumbering = isHeld();
    return 1;
  };
  store.purge(0, bytes('a'));
  t.false(heldAtNumbering.includes(false));
  t.false(isHeld().includes(true));
});

test('a purge that is one too many leaves no shard locked', t => {
  const {store, locks} = sharedStore();
  for (let index = 0; index < purgesMost; index++) store.purge(0, bytes(`prefix ${index} `));
  t.throws(() => store.purge(0, bytes('one more')), {instanceOf: CacheError});
  t.false(locks.some(lock => lock[0] !== 0));
  t.true(store.put(0, bytes('key'), bytes('value'), {contentType: '', deadlineMs: noDeadline}).stored);
});

/** A store for two threads, and its locks. */
function sharedStore() {
  const clock: Clock = new ManualClock();
  const namespaces = [{maxEntries: 40_000, maxMemoryBytes: 2 ** 24}];
  const store = createStore({clock, namespaces, maxKeyBytes: 64, maxValueBytes: 1024, threads: 2});
  return {clock, store, locks: handleOf(store).shards.map(buffers => viewShard(buffers).lock)};
}
