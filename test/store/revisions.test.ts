/** Revisions order all changes, and follow the wall clock without trusting it. */
import test from 'ava';
import {StoreHarness} from '../helpers/store-harness.js';

test('the first revision is the wall clock in microseconds', t => {
  const store = new StoreHarness();
  t.is(store.store.lastRevision, 0);
  t.is(store.put('a').revision, store.clock.wallMicros());
});

test('a change in the same microsecond has the next revision', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a');
  t.is(store.put('a').revision, revision + 1);
  t.is(store.put('b').revision, revision + 2);
  store.clock.advance(1);
  t.is(store.put('b').revision, store.clock.wallMicros());
});

const changes: Record<string, (store: StoreHarness) => unknown> = {
  put: store => store.put('a'),
  delete: store => store.delete('a'),
  touch: store => store.touch('a', {ttlMs: 1000}),
  'get with a new deadline': store => store.get('a', {touchDeadlineMs: store.clock.nowMs() + 1000}),
  purge: store => store.purge('a'),
  expiry: store => {
    store.clock.advance(10);
    store.clock.setWallBy(-10);
    store.get('a');
  },
};

for (const [name, change] of Object.entries(changes)) {
  test(`${name} has a revision of its own`, t => {
    const store = new StoreHarness();
    const {revision} = store.put('a', '', {ttlMs: 10});
    change(store);
    t.is(store.store.lastRevision, revision + 1);
  });
}

const nothings: Record<string, (store: StoreHarness) => unknown> = {
  get: store => store.get('a'),
  miss: store => store.get('b'),
  'lost put': store => store.put('a', '', {ifAbsent: true}),
  'lost delete': store => store.delete('a', {ifRevision: 1}),
  'lost touch': store => store.touch('a', {ttlMs: 1, onlyExtend: true}),
  'delete of nothing': store => store.delete('b'),
  'touch of nothing': store => store.touch('b'),
  scan: store => store.scanAll(),
  'sweep of nothing': store => store.sweepAll(),
};

for (const [name, nothing] of Object.entries(nothings)) {
  test(`a ${name} has none`, t => {
    const store = new StoreHarness();
    const {revision} = store.put('a', '', {ttlMs: 10});
    nothing(store);
    t.is(store.store.lastRevision, revision);
  });
}

test('an eviction comes before the put that caused it', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  const second = store.put('b').revision;
  t.is(store.put('c').revision, second + 2);
  t.is(store.put('d', 'x').revision, second + 4);
});

test('each of several evictions has its revision before the put', t => {
  const store = new StoreHarness({maxMemoryBytes: 1000});
  let last = 0;
  for (const key of 'abcdefgh') last = store.put(key).revision;
  const evicted = store.stats().evictionsMemory;
  const {revision} = store.put('z', 'x'.repeat(800));
  t.is(revision, last + (store.stats().evictionsMemory - evicted) + 1);
});

test('an entry keeps the revision of its value', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', 'value', {ttlMs: 100});
  store.touch('a', {ttlMs: 1000});
  store.get('a', {touchDeadlineMs: store.clock.nowMs() + 2000});
  store.put('b');
  t.is(store.get('a')?.revision, revision);
  t.true(store.put('a', 'next', {ifRevision: revision}).stored);
});

test('revisions keep growing when the wall clock is set back', t => {
  const store = new StoreHarness();
  let last = store.put('a').revision;
  store.clock.setWallBy(-3_600_000);
  for (let round = 0; round < 100; round++) {
    store.clock.advance(1);
    const {revision} = store.put('a');
    t.true(revision > last);
    last = revision;
  }
});

test('a wall clock set back revives nothing, and set forward kills nothing', t => {
  const store = new StoreHarness();
  store.put('short', '', {ttlMs: 10});
  store.put('long', '', {ttlMs: 1000});
  store.clock.setWallBy(10 * 365 * 24 * 3_600_000);
  t.is(store.sweepAll(), 0);
  t.deepEqual(store.present('short', 'long'), ['short', 'long']);
  store.clock.advance(10);
  store.clock.setWallBy(-20 * 365 * 24 * 3_600_000);
  t.deepEqual(store.present('short', 'long'), ['long']);
  store.clock.advance(990);
  t.deepEqual(store.present('short', 'long'), []);
});

test('a wall clock set forward takes revisions along, still below 2^53', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a');
  store.clock.setWallBy(200 * 365 * 24 * 3_600_000);
  const later = store.put('a').revision;
  t.true(later > revision);
  t.true(Number.isSafeInteger(later));
});
