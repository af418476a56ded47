/**
 * The policy `tiny-lfu`: what stays, what goes, and that its lists, weights, sketch and
 * small caches stay whole. Every store hashes with a seed of its own, and the sketch
 * errs with it: where a share is expected, the bound is far below what is usual.
 */
import test from 'ava';
import {
  attachStore,
  checkStore,
  createStore,
  handleOf,
  type NamespaceLimits,
  noDeadline,
  type PolicyName,
  type Store,
} from '../../src/store/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {Random, withSeed} from '../helpers/random.js';
import {bytes, text} from '../helpers/text.js';

const maxKeyBytes = 64;
const maxValueBytes = 64 * 1024;
const roomy = {maxEntries: 100_000, maxMemoryBytes: 2 ** 26};

/** A store of one namespace, and the operations with keys as text. */
function open(limits: Partial<NamespaceLimits>, {policy = 'tiny-lfu'}: {policy?: PolicyName} = {}) {
  const clock = new ManualClock();
  const store = createStore({clock, namespaces: [{...roomy, ...limits, policy}], maxKeyBytes, maxValueBytes});
  return {store, clock, ...operationsOn(store)};
}

function operationsOn(store: Store) {
  const put = (key: string, value = '') =>
    store.put(0, bytes(key), bytes(value), {contentType: '', deadlineMs: noDeadline});
  const has = (key: string) =>
    store.get(0, bytes(key), {peek: true, metadataOnly: true, uncounted: true}) !== undefined;
  const get = (key: string) => store.get(0, bytes(key), {peek: false, metadataOnly: true}) !== undefined;
  /** As a program uses a cache: a get, and on a miss a put. Answers whether it hit. */
  const use = (key: string) => {
    const hit = get(key);
    if (!hit) put(key);
    return hit;
  };
  return {put, has, get, use};
}

/** The share of hits, the first half of the requests left out. */
function hitRatio(policy: PolicyName, maxEntries: number, keys: readonly number[]): number {
  const {use, store} = open({maxEntries}, {policy});
  let hits = 0;
  keys.forEach((key, index) => {
    if (use(`${key}`) && index >= keys.length / 2) hits++;
  });
  checkStore(store);
  return hits / (keys.length / 2);
}

function shareHeld(names: readonly string[], has: (key: string) => boolean): number {
  return names.filter(has).length / names.length;
}

test('a scan does not wash out what is used often, as it does with lru', t => {
  for (const [policy, least, most] of [
    ['tiny-lfu', 0.6, 1],
    ['lru', 0, 0],
  ] as const) {
    const {store, use, has} = open({maxEntries: 1000}, {policy});
    const often = Array.from({length: 300}, (_, index) => `often ${index}`);
    for (let round = 0; round < 5; round++) often.forEach(use);
    for (let index = 0; index < 10_000; index++) use(`once ${index}`);
    const held = shareHeld(often, has);
    t.true(held >= least && held <= most, `${policy} holds ${held} of what is used often`);
    checkStore(store);
  }
});

test('what is used often now takes the place of what was used often', t => {
  const {store, use, has} = open({maxEntries: 500});
  const before = Array.from({length: 450}, (_, index) => `before ${index}`);
  const now = Array.from({length: 450}, (_, index) => `now ${index}`);
  for (let round = 0; round < 20; round++) before.forEach(use);
  t.true(shareHeld(before, has) > 0.5);
  for (let round = 0; round < 40; round++) now.forEach(use);
  t.true(shareHeld(now, has) > 0.5, `holds ${shareHeld(now, has)}`);
  checkStore(store);
});

test('of a loop that is a little too long, most stays', t => {
  const keys = Array.from({length: 100_000}, (_, index) => index % 1100);
  t.is(hitRatio('lru', 1000, keys), 0);
  t.true(hitRatio('tiny-lfu', 1000, keys) > 0.5);
});

test('where LRU is right, it comes close to it', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    let newest = 0;
    const keys = Array.from({length: 200_000}, () => {
      if (random.fraction() < 0.25) return ++newest;
      return Math.max(0, newest - Math.floor(-Math.log(1 - random.fraction()) * 400));
    });
    const behind = hitRatio('lru', 500, keys) - hitRatio('tiny-lfu', 500, keys);
    t.true(behind < 0.02, `${behind} behind`);
  });
});

test('small entries in use are not given up for a large one that is used no more often', t => {
  const {store, put, get, has} = open({maxMemoryBytes: 2 ** 20});
  const small = Array.from({length: 2000}, (_, index) => `small ${index}`);
  for (const key of small) put(key, 'x'.repeat(200));
  for (let round = 0; round < 3; round++) small.forEach(get);
  for (let index = 0; index < 100; index++) put(`large ${index}`, 'x'.repeat(50_000));
  t.true(shareHeld(small, has) > 0.8, `holds ${shareHeld(small, has)}`);
  checkStore(store);
});

for (const maxEntries of [1, 2, 3, 4, 5]) {
  test(`a cache of ${maxEntries} holds as many, the last put among them`, async t => {
    await withSeed(t, seed => {
      const random = new Random(seed);
      const {store, put, get, has} = open({maxEntries});
      for (let step = 0; step < 1500; step++) {
        const key = `${random.below(12)}`;
        if (random.oneIn(2)) {
          get(key);
          continue;
        }
        put(key, 'x'.repeat(random.below(300)));
        t.true(has(key));
        checkStore(store);
      }
      t.is(store.stats(0).entries, maxEntries);
    });
  });
}

test('only what is put makes others go', t => {
  const {store, put, get, has} = open({maxEntries: 100});
  for (let index = 0; index < 100; index++) put(`${index}`);
  for (let index = 0; index < 100_000; index++) get(`${index % 200}`);
  t.is(store.stats(0).evictionsEntries, 0);
  put('0', 'again');
  t.is(store.stats(0).evictionsEntries, 0);
  put('new');
  t.is(store.stats(0).evictionsEntries, 1);
  t.true(has('new'));
});

test('a value that grows never makes its own entry go', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    const {store, put, get, has} = open({maxMemoryBytes: 100_000});
    for (let step = 0; step < 2000; step++) {
      const key = `${random.below(30)}`;
      if (random.oneIn(3)) get(key);
      put(key, 'x'.repeat(random.below(random.oneIn(10) ? 60_000 : 6000)));
      t.true(has(key));
      checkStore(store);
    }
    t.true(store.stats(0).evictionsMemory > 0);
  });
});

const randomLimits: Record<string, Partial<NamespaceLimits>> = {
  'few entries': {maxEntries: 40},
  'little memory': {maxEntries: 5000, maxMemoryBytes: 64 * 1024},
  'few entries and little memory': {maxEntries: 300, maxMemoryBytes: 64 * 1024},
};

for (const [name, limits] of Object.entries(randomLimits)) {
  test(`random operations under ${name} leave everything whole, and another namespace alone`, async t => {
    await withSeed(t, seed => {
      const random = new Random(seed);
      const clock = new ManualClock();
      const namespaces: NamespaceLimits[] = [
        {...roomy, ...limits, policy: 'tiny-lfu'},
        {maxEntries: 20, maxMemoryBytes: 64 * 1024},
      ];
      const first = createStore({clock, namespaces, maxKeyBytes, maxValueBytes, threads: 2});
      // As another thread would see it: whatever the policy knows has to be in the shared memory.
      const second = attachStore(handleOf(first), clock);
      const values = new Map<string, string>();
      for (let index = 0; index < 20; index++) {
        first.put(1, bytes(`${index}`), bytes('other'), {contentType: '', deadlineMs: noDeadline});
      }
      for (let step = 0; step < 4000; step++) {
        takeStep(random.oneIn(2) ? first : second, {random, clock, values, fail: t.fail});
        checkStore(first);
      }
      t.is(first.stats(1).entries, 20);
      const {evictionsEntries, evictionsMemory} = first.stats(0);
      t.true(evictionsEntries + evictionsMemory > 0);
    });
  });
}

interface Play {
  random: Random;
  clock: ManualClock;
  /** What was put last under each key; a value names its own deadline. */
  values: Map<string, string>;
  fail: (message: string) => void;
}

function takeStep(store: Store, {random, clock, values, fail}: Play): void {
  const key = `${random.oneIn(2) ? random.below(20) : random.below(500)}`;
  const draw = random.below(100);
  if (draw < 45) {
    const view = store.get(0, bytes(key), {peek: random.oneIn(5), metadataOnly: false});
    if (view && text(view.value) !== values.get(key)) fail(`${key} has another value than was put`);
    if (view && view.deadlineMs <= clock.nowMs()) fail(`${key} has expired`);
  } else if (draw < 85) {
    const deadlineMs = random.oneIn(4) ? clock.nowMs() + 1 + random.below(5000) : noDeadline;
    const value = `${random.below(1e9)} `.repeat(random.below(random.oneIn(8) ? 800 : 20));
    store.put(0, bytes(key), bytes(value), {contentType: '', deadlineMs});
    values.set(key, value);
    if (!store.get(0, bytes(key), {peek: true, metadataOnly: true})) fail(`${key} was put and is not there`);
  } else if (draw < 90) {
    store.delete(0, bytes(key), {});
  } else if (draw < 94) {
    store.touch(0, bytes(key), {deadlineMs: noDeadline});
  } else if (draw < 96) {
    store.makeRoom(0, bytes(key), random.below(30_000), 10);
  } else if (draw < 99) {
    clock.advance(random.below(500));
    store.sweep(100);
  } else if (random.oneIn(10)) {
    store.purge(0, bytes(key.slice(0, 1)));
  }
}
