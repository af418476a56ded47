/** Memory follows the sizes of the values: pages that hold a few old records each are emptied for others. */
import test from 'ava';
import {charge, noDeadline} from '../../src/store/index.js';
import {Random, withSeed} from '../helpers/random.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

/** As many pages again as are reserved beyond the limit: so sparse pages alone cannot be enough. */
const maxMemoryBytes = 2 ** 24;
const write = {contentType: '', deadlineMs: noDeadline};
const read = {peek: true, metadataOnly: false};
const noise = new Random(3).bytes(2 ** 20);

/** A value that its key alone decides. */
function valueFor(key: string, size: number): Uint8Array {
  const from = (Buffer.from(key).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7) >>> 0) % 1000;
  return noise.subarray(from, from + size);
}

/** As many as fill this share of the memory. */
function fill(store: StoreHarness, name: string, size: number, share: number): string[] {
  const keys: string[] = [];
  for (let bytesPut = 0; bytesPut < share * maxMemoryBytes; bytesPut += charge(name.length + 7, size)) {
    const key = `${name} ${String(keys.length).padStart(6, '0')}`;
    store.store.put(0, bytes(key), valueFor(key, size), write);
    keys.push(key);
  }
  return keys;
}

function wrongValues(store: StoreHarness, keys: readonly string[], size: number): string[] {
  return keys.filter(key => {
    const view = store.store.get(0, bytes(key), read);
    return view && Buffer.compare(view.value, valueFor(key, size)) !== 0;
  });
}

test('after each shift of sizes the memory is full of the new values, and what stayed of the old is whole', t => {
  const store = new StoreHarness({maxMemoryBytes});
  const sizes: [string, number][] = [
    ['small', 200],
    ['large', 300_000],
    ['medium', 3000],
    ['larger', 9000],
    ['middling', 700],
    ['largest', 900_000],
  ];
  const put: {keys: string[]; size: number}[] = [];
  for (const [name, size] of sizes) {
    // One in ten of the old is used, and stays: a few in each page.
    for (const {keys} of put) for (let index = 0; index < keys.length; index += 10) store.get(keys[index]!);
    put.push({keys: fill(store, name, size, 0.95), size});
    const {memoryBytes} = store.stats();
    t.true(memoryBytes <= maxMemoryBytes);
    t.true(memoryBytes >= 0.9 * maxMemoryBytes, `${name}: ${memoryBytes}`);
    store.check();
    for (const {keys, size} of put) t.deepEqual(wrongValues(store, keys, size), []);
    const {keys: now} = put.at(-1)!;
    t.true(
      now.every(key => store.has(key)),
      `all that was put of ${name} is there`,
    );
  }
});

test('records and pieces that are moved keep value, deadline, revision, and place in the order of use', t => {
  const store = new StoreHarness({maxMemoryBytes});
  const stay: string[] = [];
  for (const [name, size] of [
    ['a', 3000],
    ['b', 20_000],
    ['c', 500],
    ['d', 5000],
    ['e', 1500],
  ] as const) {
    const keys = fill(store, name, size, 0.8);
    for (const [index, key] of keys.entries()) {
      if (index % 20 !== 0) store.delete(key);
      else stay.push(key);
    }
    store.check();
  }
  for (const [index, key] of stay.entries()) if (index % 3 === 0) store.touch(key, {ttlMs: 1000 + index});
  const before = stay.map(key => store.get(key, {peek: true}));
  // Takes nearly all pages: what is left of the others must move together.
  const {memoryBytes} = store.stats();
  const large = fill(store, 'large', 60_000, 1 - memoryBytes / maxMemoryBytes - 0.02);
  t.is(store.stats().evictionsMemory, 0);
  store.check();
  t.deepEqual(
    stay.map(key => store.get(key, {peek: true})),
    before,
  );
  store.clock.advance(1100 + stay.length);
  t.is(store.sweepAll(), Math.ceil(stay.length / 3));
  const left = stay.filter((_, index) => index % 3 !== 0);
  const firstLeft = () => left.findIndex(key => store.has(key));
  for (let step = 0; firstLeft() >= 0 && firstLeft() < 50; step++) {
    store.put(`new ${step}`, 'x'.repeat(60_000));
    t.deepEqual(store.present(...left), firstLeft() < 0 ? [] : left.slice(firstLeft()), 'the oldest went first');
  }
  t.deepEqual(wrongValues(store, large.slice(-10), 60_000), []);
  store.check();
});

test('whatever is put and deleted in which sizes, nothing is lost as long as it fits', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    const limit = 3 * maxMemoryBytes;
    const store = new StoreHarness({maxMemoryBytes: limit});
    const sizes = new Map<string, number>();
    let charged = 0;
    for (let round = 0; round < 6; round++) {
      // Of several pieces, mostly: few values leave many pages with a piece or two.
      const size = random.pick([2500, 7900, 20_000, 32_600, 32_600, 40_000, 60_000, 300_000]);
      for (let index = 0; ; index++) {
        const key = `${round} ${index}`;
        const valueBytes = size - random.below(size / 10);
        const sizeBytes = charge(key.length, valueBytes);
        if (charged + sizeBytes > limit) break;
        store.store.put(0, bytes(key), valueFor(key, valueBytes), write);
        sizes.set(key, valueBytes);
        charged += sizeBytes;
      }
      t.is(store.stats().memoryBytes, charged);
      store.check();
      for (const [key, valueBytes] of sizes) {
        if (wrongValues(store, [key], valueBytes).length > 0 || !store.has(key)) t.fail(`${key} of round ${round}`);
      }
      const keep = 3 + random.below(4);
      for (const [key, valueBytes] of [...sizes].filter(() => !random.oneIn(keep))) {
        charged -= charge(key.length, valueBytes);
        sizes.delete(key);
        store.delete(key);
      }
      store.check();
    }
    t.like(store.stats(), {evictionsEntries: 0, evictionsMemory: 0, entries: sizes.size});
  });
});
