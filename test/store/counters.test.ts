/** Each operation counts what it did, once, and the counters add up. */
import test from 'ava';
import {charge, type StoreStats} from '../../src/store/index.js';
import {StoreHarness} from '../helpers/store-harness.js';

/** What an operation on a store with one entry `a` (deadline in 10 ms) changes in the counters. */
const counted: Record<string, {do: (store: StoreHarness) => unknown; changes: Partial<StoreStats>}> = {
  'a get that hits': {do: store => store.get('a'), changes: {hits: 1}},
  'a peek that hits': {do: store => store.get('a', {peek: true}), changes: {hits: 1}},
  'a get of an unchanged entry': {
    do: store => store.get('a', {ifRevisionNot: store.store.lastRevision}),
    changes: {hits: 1},
  },
  'a get that misses': {do: store => store.get('b'), changes: {misses: 1}},
  'a get that is part of something else': {do: store => store.get('b', {uncounted: true}), changes: {}},
  'a get with a new deadline': {
    do: store => store.get('a', {touchDeadlineMs: store.clock.nowMs() + 20}),
    changes: {hits: 1, touches: 1},
  },
  'a get of an expired entry': {
    do: store => {
      store.clock.advance(10);
      store.get('a');
    },
    changes: {misses: 1, expirations: 1, entries: -1, memoryBytes: -charge(1, 0)},
  },
  'a put of a new key': {do: store => store.put('b'), changes: {puts: 1, entries: 1, memoryBytes: charge(1, 0)}},
  'a put in place of an entry': {
    do: store => store.put('a', 'x'.repeat(160)),
    changes: {puts: 1, memoryBytes: charge(1, 160) - charge(1, 0)},
  },
  'a put that loses': {do: store => store.put('a', '', {ifAbsent: true}), changes: {conditionsLost: 1}},
  'a delete': {do: store => store.delete('a'), changes: {deletes: 1, entries: -1, memoryBytes: -charge(1, 0)}},
  'a delete of nothing': {do: store => store.delete('b'), changes: {}},
  'a delete that loses': {do: store => store.delete('a', {ifRevision: 1}), changes: {conditionsLost: 1}},
  'a touch': {do: store => store.touch('a', {ttlMs: 20}), changes: {touches: 1}},
  'a touch of nothing': {do: store => store.touch('b', {ttlMs: 20}), changes: {}},
  'a touch that loses': {do: store => store.touch('a', {ttlMs: 1, onlyExtend: true}), changes: {conditionsLost: 1}},
  'a purge before it is swept': {do: store => store.purge(''), changes: {}},
  'a purge': {
    do: store => {
      store.purge('');
      store.sweepAll();
    },
    changes: {purged: 1, entries: -1, memoryBytes: -charge(1, 0)},
  },
  'a get of a purged entry': {
    do: store => {
      store.purge('');
      store.get('a');
    },
    changes: {misses: 1, purged: 1, entries: -1, memoryBytes: -charge(1, 0)},
  },
  'a purge of nothing': {do: store => store.purge('b'), changes: {}},
  'a scan': {do: store => store.scanAll(), changes: {}},
  'a sweep': {
    do: store => {
      store.clock.advance(2000);
      store.sweepAll();
    },
    changes: {expirations: 1, entries: -1, memoryBytes: -charge(1, 0), expiryLagMs: 1990},
  },
};

for (const [name, {do: operate, changes}] of Object.entries(counted)) {
  test(`${name} counts ${Object.keys(changes).join(', ') || 'nothing'}`, t => {
    const store = new StoreHarness({}, {});
    store.put('a', '', {ttlMs: 10});
    const before = store.stats();
    operate(store);
    const expected = {...before};
    for (const [counter, by] of Object.entries(changes)) expected[counter as keyof StoreStats] += by;
    t.deepEqual(store.stats(), expected);
    t.true(
      Object.values(store.stats(1)).every(count => count === 0),
      'the other namespace counts nothing',
    );
  });
}

test('an answer of stats does not change afterwards', t => {
  const store = new StoreHarness();
  const before = store.stats();
  store.put('a');
  t.is(before.puts, 0);
});
