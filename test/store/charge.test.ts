/** What an entry is charged: the same in the store and outside, never less than what it takes. */
import test from 'ava';
import {charge} from '../../src/store/index.js';
import {pageBytes, slotBytes, slotSizes, slotsPerPage} from '../../src/store/layout.js';
import {openShard} from '../helpers/open-shard.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

const most = 20_000;

test('a charge never shrinks as an entry grows, and covers it', t => {
  for (let size = 1; size <= most; size++) {
    if (charge(1, size) < charge(1, size - 1)) t.fail(`${size}`);
    if (charge(1, size) < size + 1) t.fail(`${size}`);
  }
  for (const size of [2 ** 16, 2 ** 20, 2 ** 26]) {
    t.true(charge(1, size) > size);
    t.true(charge(1, size) < size * 1.01);
  }
  t.pass();
});

test('key, value and content type count alike', t => {
  const store = new StoreHarness();
  for (const size of [10, 100, 8100, 8147, 8148, 8149, 16_400]) {
    t.is(charge(size, 100), charge(100, size));
    store.put('a', 'x'.repeat(size), {contentType: 'text/plain'});
    t.is(store.get('a')?.sizeBytes, charge(1, size + 'text/plain'.length));
    t.is(store.stats().memoryBytes, charge(1, size + 'text/plain'.length));
  }
});

test('what an entry takes of the memory is what it is charged: its slots, its share of their pages, its bucket', t => {
  const store = new StoreHarness();
  const {shard} = openShard(store.store);
  const value = 'x'.repeat(most);
  // Every size up to the second slot and around the third, and of the rest one in seven.
  for (let size = 0; size <= most; size += size < 9000 || Math.abs(size - 16_332) < 40 ? 1 : 7) {
    store.put('a', value.slice(0, size));
    const ref = shard.index.firstOf(0);
    const slots = [ref, ...shard.records.pieces(ref)];
    const classes = slots.map(slot => shard.slots.classOfSlot(slot));
    const slotSum = classes.reduce((sum, each) => sum + slotBytes(each), 0);
    const pageShares = classes.reduce((sum, each) => sum + pageBytes / slotsPerPage(each), 0);
    const charged = store.get('a')!.sizeBytes;
    if (charged !== charge(1, size)) t.fail(`${size}: charged ${charged}`);
    if (slotSum + 4 > charged) t.fail(`${size}: takes ${slotSum}, charged ${charged}`);
    if (Math.abs(pageShares + 4 - charged) >= slots.length) t.fail(`${size}: takes ${pageShares}, charged ${charged}`);
  }
  store.check();
  t.pass();
});

test('slots fill their pages, and what a value leaves of its slot is little', t => {
  for (const [index, size] of slotSizes.entries()) {
    t.true(index === 0 || size > slotSizes[index - 1]!);
    t.is(size % 8, 0);
  }
  for (let size = 100; size < 8000; size++) {
    if (charge(bytes('k').length, size) > (size + 44) * 1.15 + 16) t.fail(`${size} is charged ${charge(1, size)}`);
  }
  t.pass();
});
