/** A scan finds what is there throughout, whatever else happens meanwhile. */
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
  const cursor = {position: 0, revision: 0, recordsLeft: 10, done: false};
  const entry = store.store.scan(0, bytes(''), cursor, {metadataOnly: true});
  t.is(entry?.value.length, 0);
  t.is(entry?.sizeBytes, store.get('a')?.sizeBytes);
});

test('a scan of nothing is done at once', t => {
  const store = new StoreHarness();
  const cursor = {position: 0, revision: 0, recordsLeft: 10, done: false};
  t.is(store.store.scan(0, bytes(''), cursor, {metadataOnly: true}), undefined);
  t.true(cursor.done);
});

test('a scan looks at no more records than it may', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 100; index++) store.put(`key ${index}`);
  const cursor = {position: 0, revision: 0, recordsLeft: 10, done: false};
  t.is(store.store.scan(0, bytes('none such'), cursor, {metadataOnly: true}), undefined);
  t.true(cursor.recordsLeft <= 0 && cursor.recordsLeft > -20, 'it looks at no more than one bucket more');
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
      const cursor = {position: 0, revision: 0, recordsLeft: 0, done: false};
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

for (const recordsPerCall of [1, 3, 50]) {
  test(`an index that grows a hundredfold during a scan by ${recordsPerCall} loses nothing that was there`, t => {
    const store = new StoreHarness();
    const lasting = new Set(Array.from({length: 200}, (_, index) => `lasting ${index}`));
    for (const key of lasting) store.put(key);
    const cursor = {position: 0, revision: 0, recordsLeft: 0, done: false};
    let added = 0;
    let calls = 0;
    while (!cursor.done) {
      cursor.recordsLeft = recordsPerCall;
      const entry = store.store.scan(0, bytes('lasting'), cursor, {metadataOnly: true});
      if (entry) lasting.delete(seen(entry).key);
      // Fast at first, then no more: a scan comes to its end.
      for (let index = 0; index < 200 && added < 20_000; index++) store.put(`added ${added++}`);
      if (++calls % 10 === 0 && calls < 1000) store.put(`lasting ${calls % 200}`, 'other'.repeat(calls % 100));
    }
    t.deepEqual([...lasting], []);
    t.is(added, 20_000);
    store.check();
  });
}

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
