/** What goes when a limit is reached: the least recently used, and never more than it takes. */
import test from 'ava';
import {charge} from '../../src/store/index.js';
import {StoreHarness} from '../helpers/store-harness.js';

/** The charge of an entry with a one-letter key and a value of so many bytes. */
const chargeOf = (valueBytes: number) => charge(1, valueBytes);

test('at the limit on entries, one more evicts the least recently used', t => {
  const store = new StoreHarness({maxEntries: 3});
  for (const key of ['a', 'b', 'c']) store.put(key);
  t.is(store.stats().entries, 3);
  t.is(store.stats().evictionsEntries, 0);
  store.put('d');
  t.deepEqual(store.present('a', 'b', 'c', 'd'), ['b', 'c', 'd']);
  t.is(store.stats().entries, 3);
  t.is(store.stats().evictionsEntries, 1);
});

test('a get makes an entry the most recently used', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  store.get('a');
  store.put('c');
  t.deepEqual(store.present('a', 'b', 'c'), ['a', 'c']);
});

test('a get that leaves the value out is a use like any other', t => {
  const store = new StoreHarness({maxEntries: 3});
  const {revision} = store.put('a');
  store.put('b');
  store.put('c');
  store.get('a', {metadataOnly: true});
  store.get('b', {ifRevisionNot: revision});
  store.put('d');
  store.put('e');
  t.deepEqual(store.present('a', 'b', 'c', 'd', 'e'), ['b', 'd', 'e']);
});

test('a peek leaves the order as it is', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  store.get('a', {peek: true});
  store.put('c');
  t.deepEqual(store.present('a', 'b', 'c'), ['b', 'c']);
});

test('a touch is a use', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  store.touch('a', {ttlMs: 1000});
  store.put('c');
  t.deepEqual(store.present('a', 'b', 'c'), ['a', 'c']);
});

test('a put in place of an entry is a use', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  store.put('a', 'new');
  store.put('c');
  t.deepEqual(store.present('a', 'b', 'c'), ['a', 'c']);
});

test('a scan leaves the order as it is', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  store.scanAll('a');
  store.put('c');
  t.deepEqual(store.present('a', 'b', 'c'), ['b', 'c']);
});

test('entries go in the exact order of their last use', t => {
  const store = new StoreHarness({maxEntries: 100});
  const keys = Array.from({length: 100}, (_, index) => `key ${index}`);
  for (const key of keys) store.put(key);
  // A permutation of all of them: 37 has no factor in common with 100.
  const used = keys.map((_, index) => keys[(index * 37) % 100]!);
  for (const key of used) store.get(key);
  for (const [index, key] of used.entries()) {
    t.true(store.has(key));
    store.put(`new ${index}`);
    t.false(store.has(key), key);
  }
});

test('the memory limit is exact: what fills it to the byte stays', t => {
  const store = new StoreHarness({maxMemoryBytes: chargeOf(100) + chargeOf(200) + chargeOf(300)});
  store.put('a', 'x'.repeat(100));
  store.put('b', 'x'.repeat(200));
  store.put('c', 'x'.repeat(300));
  t.deepEqual(store.present('a', 'b', 'c'), ['a', 'b', 'c']);
  t.is(store.stats().memoryBytes, chargeOf(100) + chargeOf(200) + chargeOf(300));
  t.is(store.stats().evictionsMemory, 0);
});

test('a byte above the memory limit evicts', t => {
  const store = new StoreHarness({maxMemoryBytes: chargeOf(100) + chargeOf(200) + chargeOf(300) - 1});
  store.put('a', 'x'.repeat(100));
  store.put('b', 'x'.repeat(200));
  store.put('c', 'x'.repeat(300));
  t.deepEqual(store.present('a', 'b', 'c'), ['b', 'c']);
  t.is(store.stats().memoryBytes, chargeOf(200) + chargeOf(300));
  t.is(store.stats().evictionsMemory, 1);
});

test('a large value evicts as many small ones as it takes, and no more', t => {
  const store = new StoreHarness({maxMemoryBytes: 10 * chargeOf(10)});
  for (const key of 'abcdefghij') store.put(key, 'x'.repeat(10));
  // The largest value that takes the place of four.
  let valueBytes = 10;
  while (chargeOf(valueBytes + 1) <= 4 * chargeOf(10)) valueBytes++;
  store.put('z', 'x'.repeat(valueBytes));
  t.deepEqual(store.present(...'abcdefghij'), [...'efghij']);
  t.is(store.stats().evictionsMemory, 4);
});

test('an entry as large as the limit takes the place of all others', t => {
  const store = new StoreHarness({maxMemoryBytes: chargeOf(1000)});
  for (const key of 'abcd') store.put(key);
  t.true(store.put('z', 'x'.repeat(1000)).stored);
  t.deepEqual(store.present(...'abcdz'), ['z']);
  t.is(store.stats().memoryBytes, chargeOf(1000));
});

test('a value replaced at the limit on entries evicts nothing', t => {
  const store = new StoreHarness({maxEntries: 3});
  for (const key of 'abc') store.put(key);
  store.put('a', 'new');
  t.deepEqual(store.present(...'abc'), [...'abc']);
  t.is(store.stats().evictionsEntries, 0);
});

test('a value replaced at the memory limit evicts for the difference alone', t => {
  const store = new StoreHarness({maxMemoryBytes: 3 * chargeOf(100)});
  for (const key of 'abc') store.put(key, 'x'.repeat(100));
  store.put('b', 'y'.repeat(100));
  t.deepEqual(store.present(...'abc'), [...'abc']);
  store.put('b', 'y'.repeat(50));
  t.deepEqual(store.present(...'abc'), [...'abc']);
  store.put('b', 'y'.repeat(101 + 64));
  t.deepEqual(store.present(...'abc'), [...'bc']);
  t.is(store.stats().evictionsMemory, 1);
});

test('an entry that grows is not evicted for its own sake, though it was used least recently', t => {
  const store = new StoreHarness({maxMemoryBytes: 3 * chargeOf(100)});
  for (const key of 'abc') store.put(key, 'x'.repeat(100));
  store.put('a', 'y'.repeat(100 + chargeOf(100)));
  t.deepEqual(store.present(...'abc'), [...'ac']);
  t.is(store.get('a')?.value.length, 100 + chargeOf(100));
});

test('a put that loses its condition evicts nothing', t => {
  const store = new StoreHarness({maxEntries: 2});
  store.put('a');
  store.put('b');
  t.false(store.put('c', '', {ifPresent: true}).stored);
  t.deepEqual(store.present(...'abc'), [...'ab']);
});

test('a content type counts as much as a value of its length', t => {
  const store = new StoreHarness();
  store.put('a', '', {contentType: 'text/plain; charset=utf-8'});
  t.is(store.get('a')?.sizeBytes, chargeOf('text/plain; charset=utf-8'.length));
  t.is(store.stats().memoryBytes, chargeOf('text/plain; charset=utf-8'.length));
});

test('a charge grows with key and value, and covers both', t => {
  for (const [keyBytes, valueBytes] of [
    [1, 0],
    [16, 100],
    [1024, 0],
    [65_535, 2 ** 20],
  ] as const) {
    t.true(charge(keyBytes, valueBytes) > keyBytes + valueBytes);
    t.true(charge(keyBytes + 1, valueBytes) >= charge(keyBytes, valueBytes));
    t.is(charge(keyBytes + 1, valueBytes), charge(keyBytes, valueBytes + 1));
  }
});

test('after the mix of sizes changes, the memory is usable again', t => {
  const maxMemoryBytes = 2 ** 20;
  const store = new StoreHarness({maxMemoryBytes});
  for (const valueBytes of [10, 1000, 50_000, 100, 5]) {
    for (let index = 0; index * chargeOf(valueBytes) < 2 * maxMemoryBytes; index++) {
      store.put(`${valueBytes} ${index}`, 'x'.repeat(valueBytes));
    }
    t.true(store.stats().memoryBytes <= maxMemoryBytes);
    t.true(store.stats().memoryBytes >= 0.9 * maxMemoryBytes, `${valueBytes}`);
  }
});
