/** Each limit at its edge: the last that fits, and the first that does not. */
import test from 'ava';
import {charge, noDeadline} from '../../src/store/index.js';
import {slotSizes} from '../../src/store/layout.js';
import {Random} from '../helpers/random.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

const noise = new Random(7).bytes(100_000);
const write = {contentType: '', deadlineMs: noDeadline};
const read = {peek: false, metadataOnly: false};

/** Puts a value, gets it, puts another in its place, and gets that. */
function roundTrip(store: StoreHarness['store'], key: Uint8Array, size: number): string | undefined {
  for (const from of [0, 1]) {
    const value = noise.subarray(from, from + size);
    store.put(0, key, value, write);
    const view = store.get(0, key, read);
    if (!view || Buffer.compare(view.value, value) !== 0) return `${size} bytes under a key of ${key.length}`;
  }
  return undefined;
}

test('values on both sides of every border of slots come back', t => {
  const harness = new StoreHarness();
  const key = bytes('k');
  const header = 44 + key.length;
  const borders = [...slotSizes.map(size => size - header), 8192, 8192 * 2, 8192 * 4, 65_536];
  for (let slots = 1; slots < 9; slots++) borders.push(8192 - header - 4 + slots * 8184);
  for (let step = 1; step <= 16; step++) borders.push(8192 - header - 4 + 8184 + step * 512 - 8);
  for (const border of borders) {
    for (let size = Math.max(0, border - 3); size <= border + 3; size++) {
      t.is(roundTrip(harness.store, key, size), undefined);
    }
  }
  harness.check();
});

for (const keyBytes of [1, 2, 8100, 8143, 8144, 8145, 8147, 8148, 8149, 8192, 16_332, 16_333, 65_535]) {
  test(`a key of ${keyBytes} bytes is told from those next to it, with values of any size`, t => {
    const harness = new StoreHarness();
    const keys = [noise.subarray(0, keyBytes), noise.subarray(0, keyBytes).slice(), noise.subarray(0, keyBytes - 1)];
    keys[1]![keyBytes - 1]! ^= 1;
    for (const size of [0, 1, 100, 8191, 8192, 8193, 50_000]) {
      for (const key of keys.filter(each => each.length > 0)) t.is(roundTrip(harness.store, key, size), undefined);
    }
    t.is(harness.stats().entries, keyBytes > 1 ? 3 : 2);
    harness.check();
    for (const key of keys) harness.store.delete(0, key, {});
    t.is(harness.stats().memoryBytes, 0);
    harness.check();
  });
}

test('values of 1 to 64 MiB come back, and give their memory back', t => {
  const harness = new StoreHarness();
  for (const mebibytes of [1, 16, 64]) {
    const value = Buffer.alloc(mebibytes * 2 ** 20, noise);
    for (const extra of mebibytes === 64 ? [0] : [0, 1]) {
      const large = extra ? Buffer.concat([value, Buffer.of(7)]) : value;
      harness.store.put(0, bytes('k'), large, write);
      const view = harness.store.get(0, bytes('k'), read)!;
      t.is(Buffer.compare(view.value, large), 0);
      t.is(view.sizeBytes, charge(1, large.length));
    }
  }
  harness.check();
  harness.delete('k');
  t.is(harness.stats().memoryBytes, 0);
  harness.check();
});

for (const maxEntries of [1, 2]) {
  test(`a limit of ${maxEntries} entries holds, under puts of new keys, old keys and larger values`, t => {
    const store = new StoreHarness({maxEntries});
    for (const [index, key] of [...'abacbbca'].entries()) {
      store.put(key, 'x'.repeat((index * 3001) % 20_000));
      t.true(store.stats().entries <= maxEntries);
      t.true(store.has(key));
      store.check();
    }
    t.is(store.stats().entries, maxEntries);
  });
}

test('memory that is full to the byte takes a value of the same charge in place of another, and no more', t => {
  const sizes = [0, 100, 1000, 8148, 9000];
  const maxMemoryBytes = sizes.reduce((sum, size) => sum + charge(1, size), 0);
  const store = new StoreHarness({maxMemoryBytes});
  for (const [index, size] of sizes.entries()) store.put(String(index), 'x'.repeat(size));
  t.is(store.stats().memoryBytes, maxMemoryBytes);
  for (const [index, size] of sizes.entries()) store.put(String(index), 'y'.repeat(size));
  t.is(store.stats().evictionsMemory, 0);
  t.is(store.stats().memoryBytes, maxMemoryBytes);
  store.put('z');
  t.is(store.stats().evictionsMemory, 1);
  t.false(store.has('0'));
  t.is(store.stats().memoryBytes, maxMemoryBytes);
  store.check();
});

test('an entry that takes all memory there is can be put, replaced and followed by others', t => {
  const maxMemoryBytes = charge(1, 200_000);
  const store = new StoreHarness({maxMemoryBytes});
  for (const key of 'abc') store.put(key, 'x'.repeat(5000));
  for (const key of ['a', 'a', 'z']) {
    store.put(key, key.repeat(200_000));
    t.is(store.get(key)?.value, key.repeat(200_000));
    t.is(store.stats().entries, 1);
    store.check();
  }
  for (let index = 0; index < 100; index++) store.put(`small ${index}`, 'x');
  t.false(store.has('z'));
  t.is(store.stats().entries, 100);
  store.check();
});

test('an eviction for a larger value in place of an old one is one for memory, though the entries are at their limit too', t => {
  const store = new StoreHarness({maxEntries: 2, maxMemoryBytes: charge(1, 1000) + charge(1, 0)});
  store.put('a', 'x'.repeat(1000));
  store.put('b');
  store.put('b', 'x'.repeat(1000));
  t.like(store.stats(), {entries: 1, evictionsEntries: 0, evictionsMemory: 1});
});
