/** A scan finds what is there throughout, whatever else happens meanwhile; a purge removes all under a prefix at once. */
import test from 'ava';
import {Random, withSeed} from '../helpers/random.js';
import {StoreHarness, seen} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

const keysOf = (entries: {key: string}[]) => entries.map(entry => entry.key);

test('a scan finds every entry once where nothing changes', t => {
  const store = new StoreHarness();
  const keys = Array.from({length: 1000}, (_, index) => `key ${index}`).sort();
  for (const key of keys) store.put(key, `value of ${key}`);
  const found = store.scanAll('', {recordsPerCall: 7});
  t.deepEqual(keysOf(found), keys);
  t.true(found.every(entry => entry.value === `value of ${entry.key}`));
});

test('a scan shows entries as a get does', t => {
  const store = new StoreHarness();
  store.put('a', 'value', {ttlMs: 100, contentType: 'text/plain'});
  t.deepEqual(store.scanAll(), [store.get('a')!]);
});

test('a scan of a prefix finds the keys that begin with its bytes', t => {
  const store = new StoreHarness();
  for (const key of ['a', 'ab', 'abc', 'b', 'ba', 'A', 'á', '\ufeffab', 'é', 'e\u0301']) store.put(key);
  t.deepEqual(keysOf(store.scanAll('ab')), ['ab', 'abc']);
  t.deepEqual(keysOf(store.scanAll('e')), ['e\u0301']);
  t.deepEqual(keysOf(store.scanAll('abcd')), []);
});

test('a scan leaves values out where they are not asked for', t => {
  const store = new StoreHarness();
  store.put('a', 'value');
  const cursor = {position: 0, recordsLeft: 10, done: false};
  const entry = store.store.scan(0, bytes(''), cursor, {metadataOnly: true});
  t.is(entry?.value.length, 0);
  t.is(entry?.sizeBytes, store.get('a')?.sizeBytes);
});

test('a scan of nothing is done at once', t => {
  const store = new StoreHarness();
  const cursor = {position: 0, recordsLeft: 10, done: false};
  t.is(store.store.scan(0, bytes(''), cursor, {metadataOnly: true}), undefined);
  t.true(cursor.done);
});

test('a scan looks at no more records than it may', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 100; index++) store.put(`key ${index}`);
  const cursor = {position: 0, recordsLeft: 10, done: false};
  t.is(store.store.scan(0, bytes('none such'), cursor, {metadataOnly: true}), undefined);
  t.is(cursor.recordsLeft, 0);
  t.false(cursor.done);
  cursor.recordsLeft = 1000;
  t.is(store.store.scan(0, bytes('none such'), cursor, {metadataOnly: true}), undefined);
  t.true(cursor.done);
});

test('an entry that is there throughout a scan is found, however the store changes around it', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 30; round++) {
      const store = new StoreHarness();
      const lasting = new Set(Array.from({length: 200}, (_, index) => `lasting ${index}`));
      for (const key of lasting) {
        store.put(key);
        store.put(`passing ${random.below(300)}`);
      }
      const cursor = {position: 0, recordsLeft: 0, done: false};
      while (!cursor.done) {
        cursor.recordsLeft = 1 + random.below(20);
        const entry = store.store.scan(0, bytes('lasting'), cursor, {metadataOnly: true});
        if (entry) lasting.delete(seen(entry).key);
        change(store, random);
      }
      t.deepEqual([...lasting], []);
    }
  });
});

/** Something else happens: others come and go, the lasting ones are used, replaced and touched. */
function change(store: StoreHarness, random: Random): void {
  const passing = `passing ${random.below(300)}`;
  const lasting = `lasting ${random.below(200)}`;
  const changes = [
    () => store.put(passing, 'x'.repeat(random.below(100)), {ttlMs: random.oneIn(3) ? 5 : undefined}),
    () => store.delete(passing),
    () => store.get(lasting),
    () => store.put(lasting, 'x'.repeat(random.below(100))),
    () => store.touch(lasting, {ttlMs: 1_000_000}),
    () => store.clock.advance(2),
    () => store.sweepAll(),
    () => random.oneIn(10) && store.purge('passing 1'),
  ];
  random.pick(changes)();
}

test('a purge removes every entry under its prefix, at once, and nothing else', t => {
  const store = new StoreHarness({}, {});
  for (const key of ['a', 'ab', 'abc', 'b', 'A']) {
    store.put(key);
    store.put(key, '', {namespace: 1});
  }
  store.purge('ab');
  t.deepEqual(keysOf(store.scanAll()), ['A', 'a', 'b']);
  t.deepEqual(store.present('a', 'ab', 'abc', 'b', 'A'), ['a', 'b', 'A']);
  t.is(store.stats().purged, 2);
  t.is(store.stats().entries, 3);
  t.is(store.stats(1).entries, 5);
});

test('a purge of the empty prefix empties its namespace', t => {
  const store = new StoreHarness({}, {});
  for (let index = 0; index < 1000; index++) store.put(`key ${index}`, 'value');
  store.put('other', '', {namespace: 1});
  store.purge('');
  t.is(store.stats().purged, 1000);
  t.deepEqual(store.scanAll(), []);
  t.true(store.has('other', 1));
});

test('a purge is one change with one revision, later than all that it removed', t => {
  const store = new StoreHarness();
  let last = 0;
  for (let index = 0; index < 100; index++) last = store.put(`key ${index}`).revision;
  t.is(store.purge('key'), last + 1);
  t.is(store.store.lastRevision, last + 1);
});

test('what is put after a purge is there', t => {
  const store = new StoreHarness();
  store.put('a', 'old');
  store.purge('a');
  t.is(store.get('a'), undefined);
  store.put('a', 'new');
  t.is(store.get('a')?.value, 'new');
  t.true(store.put('b', '', {ifAbsent: true}).stored);
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
