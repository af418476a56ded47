/** Each operation counts what it did, once, and the counters add up. */
import test from 'ava';
import {charge, type StoreStats} from '../../src/store/index.js';
import {Random, withSeed} from '../helpers/random.js';
import {type Seen, StoreHarness} from '../helpers/store-harness.js';

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
  'a purge': {do: store => store.purge(''), changes: {purged: 1, entries: -1, memoryBytes: -charge(1, 0)}},
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

test('under any load, the counters add up, no limit is passed, and no answer is wrong', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 20; round++) checkLoad(random);
  });

  /** A hit must be what was stored last, alive; a miss may always be. Deadlines and sweeps come as they like. */
  function checkLoad(random: Random): void {
    const limits = {maxEntries: 5 + random.below(30), maxMemoryBytes: 1000 + random.below(5000)};
    const store = new StoreHarness(limits);
    const stored = new Map<string, Pick<Seen, 'value' | 'revision' | 'deadlineMs'>>();
    let inserted = 0;
    for (let step = 0; step < 500; step++) {
      const key = `key ${random.below(50)}`;
      const was = stored.get(key);
      if (random.oneIn(3)) store.clock.advance(random.below(random.oneIn(10) ? 2000 : 20));
      if (random.oneIn(20)) store.store.sweep(1 + random.below(10));
      if (random.oneIn(200)) {
        store.purge('key 1');
        for (const each of [...stored.keys()]) if (each.startsWith('key 1')) stored.delete(each);
      } else if (random.oneIn(15)) {
        store.delete(key);
        stored.delete(key);
      } else if (random.oneIn(2)) {
        const present = store.has(key);
        const value = 'x'.repeat(random.below(random.oneIn(20) ? 900 : 100));
        const {revision, deadlineMs} = store.put(key, value, {ttlMs: random.oneIn(2) ? random.below(300) : undefined});
        stored.set(key, {value, revision, deadlineMs});
        if (!present) inserted++;
      } else {
        const got = store.get(key);
        if (got) t.like(got, was!);
        if (got) t.true(got.deadlineMs > store.clock.nowMs());
      }
      const stats = store.stats();
      t.true(stats.entries <= limits.maxEntries && stats.memoryBytes <= limits.maxMemoryBytes);
      const removed = stats.deletes + stats.expirations + stats.evictionsEntries + stats.evictionsMemory + stats.purged;
      t.is(stats.entries, inserted - removed);
    }
    const scanned = store.scanAll();
    t.true(scanned.length <= store.stats().entries);
    store.clock.advance(1000);
    store.sweepAll();
    t.is(
      store.stats().memoryBytes,
      store.scanAll().reduce((sum, entry) => sum + entry.sizeBytes, 0),
    );
  }
});
