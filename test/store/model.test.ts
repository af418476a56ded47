/**
 * The store against the model: the same random steps on both, and after each of them
 * every answer, every counter and every revision compared, and every invariant
 * checked. fast-check draws the steps, and shrinks those that fail; see
 * helpers/property.ts for how to have a failure again and how to try for longer.
 */
import test from 'ava';
import fc from 'fast-check';
import {createStore, type NamespaceLimits, type StoreOptions, typeNumber} from '../../src/store/index.js';
import {runsOf} from '../helpers/property.js';
import {StoreFacts} from '../helpers/store-facts.js';
import {type PairOptions, StorePair} from '../helpers/store-pair.js';
import {type Step, stepsOn} from '../helpers/store-steps.js';

const roomy: NamespaceLimits = {maxEntries: 1000, maxMemoryBytes: 2 ** 24};
const tight = fc.record({
  maxEntries: fc.oneof(fc.integer({min: 1, max: 20}), fc.constant(1000)),
  maxMemoryBytes: fc.oneof(fc.integer({min: 200, max: 3000}), fc.integer({min: 10_000, max: 100_000})),
});

const histories: Record<string, PairOptions['history']> = {
  'no history': undefined,
  'all of the history': {bytes: 2 ** 24, keepsPrevious: false},
  'all of the history, and what puts replaced': {bytes: 2 ** 24, keepsPrevious: true},
  'little of the history': {bytes: 4096, keepsPrevious: false},
  'little of the history, and what puts replaced': {bytes: 4096, keepsPrevious: true},
};

for (const [kept, history] of Object.entries(histories)) {
  test(`the store does exactly as the model, every invariant holds, and ${kept} is kept`, t => {
    const namespaces = fc.tuple(tight, tight, fc.constant(roomy));
    // For two threads, it locks, and what is written down is copied to be read.
    const threads = fc.constantFrom(1, 2);
    const property = fc.property(namespaces, threads, stepsOn(3), (limits, threads, steps) =>
      playPair(limits, steps, {history, threads}),
    );
    fc.assert(property, runsOf(16));
    t.pass();
  });
}

test('whatever is swept when and evicted by which policy, no answer is wrong, and every invariant holds', t => {
  const namespaces = fc.tuple(
    tight,
    tight.map(limits => ({...limits, policy: 'tiny-lfu' as const})),
    fc.constant(roomy),
  );
  const property = fc.property(namespaces, stepsOn(3, {pastDeadlines: true}), (limits, steps) => {
    const facts = new StoreFacts(limits);
    for (const step of steps) facts.play(step);
  });
  fc.assert(property, runsOf(80));
  t.pass();
});

/** Stores that are wrong in one thing, and a step that shows it. */
const wrongs: Record<string, {make: (options: StoreOptions) => ReturnType<typeof createStore>; shows: RegExp}> = {
  'takes a peek for a use': {
    make: options =>
      changed(options, store => {
        const get = store.get.bind(store);
        store.get = (namespace, key, how) => get(namespace, key, {...how, peek: how.peek && how.uncounted === true});
      }),
    shows: /"peek":true/,
  },
  'keeps a deadline that it should not': {
    make: options =>
      changed(options, store => {
        const put = store.put.bind(store);
        store.put = (namespace, key, value, how) => put(namespace, key, value, {...how, keepDeadline: true});
      }),
    shows: /"put".*"put"/,
  },
  'loses the last byte of a value of several slots': {
    make: options =>
      changed(options, store => {
        const put = store.put.bind(store);
        store.put = (namespace, key, value, how) => {
          const wrong = value.slice();
          if (value.length > 8192) wrong[value.length - 1]! ^= 1;
          return put(namespace, key, wrong, how);
        };
      }),
    shows: /"put"/,
  },
  'writes an expiry down as an eviction': {
    make: options =>
      changed(options, ({changeLog: log}) => {
        const append = log!.append.bind(log);
        log!.append = (type, ...about) => append(type === typeNumber.expire ? typeNumber.evict : type, ...about);
      }),
    shows: /"advance"/,
  },
  'finds one change too many behind a revision': {
    make: options =>
      changed(options, ({changeLog: log}) => {
        const seek = log!.seek.bind(log);
        log!.seek = revision => seek(Math.max(0, revision - 1));
      }),
    shows: /"put"/,
  },
  'does not find the oldest block': {
    make: options =>
      changed(options, ({changeLog: log}) => {
        const startBefore = log!.startBefore.bind(log);
        log!.startBefore = position => startBefore(position) || undefined;
      }),
    shows: /"put"/,
  },
};

for (const [what, {make, shows}] of Object.entries(wrongs)) {
  test(`the comparison finds a store that ${what}, with the few steps that show it`, t => {
    const limits = [{...roomy, maxEntries: 4}, roomy];
    const history = {bytes: 20_000, keepsPrevious: true};
    const property = fc.property(stepsOn(2, {lengthMost: 80}), steps => playPair(limits, steps, {make, history}));
    const {failed, counterexample} = fc.check(property, {numRuns: 200, seed: 1});
    t.true(failed);
    const [steps] = counterexample!;
    t.true(steps.length <= 7, JSON.stringify(steps, undefined, 1));
    t.regex(JSON.stringify(steps), shows);
  });
}

function playPair(limits: readonly NamespaceLimits[], steps: readonly Step[], options: PairOptions): void {
  const pair = new StorePair(limits, options);
  for (const step of steps) pair.play(step);
  pair.compareEntries();
}

function changed(options: StoreOptions, change: (store: ReturnType<typeof createStore>) => void) {
  const store = createStore(options);
  change(store);
  return store;
}
