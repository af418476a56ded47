/**
 * The store against the naive one: the same random steps on both, every answer
 * compared.
 *
 * Exactly, where the dead are swept before anything else happens: then even the
 * order of eviction, each counter and each revision must be the same. Clock and
 * deadlines keep to a grid there, so that whatever has died did so a second ago at
 * least, which is as long as a store may take to free it.
 *
 * Roughly, where deadlines are anything and sweeps rare: a real store may then
 * remove the dead later than the model, which must not show in any answer.
 */
import {isDeepStrictEqual} from 'node:util';
import test from 'ava';
import {
  createStore,
  type NamespaceLimits,
  noDeadline,
  type Store,
  type StoreOptions,
  type StoreStats,
} from '../../src/store/index.js';
import {NaiveStore} from '../helpers/naive-store.js';
import {Random, withSeed} from '../helpers/random.js';
import {roomy} from '../helpers/store-harness.js';
import {drawSteps, type Grid, Player, type Step} from '../helpers/store-steps.js';

const runs = 25;
const stepsOfRun = 400;
const coarse: Grid = {stepMs: 5000, offsetMs: 1000};
const fine: Grid = {stepMs: 1, offsetMs: 0};

test('with the dead swept, the store does exactly as the naive one', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let run = 0; run < runs; run++) {
      const steps = drawSteps(random, stepsOfRun, true);
      check(steps, {namespaces: [tight(random), tight(random)], grid: coarse, compare: compareExactly});
    }
  });
  t.pass();
});

test('with the dead left lying, no answer of the store shows it', async t => {
  await withSeed(t, seed => {
    const random = new Random(seed);
    for (let run = 0; run < runs; run++) {
      const steps = drawSteps(random, stepsOfRun, false);
      check(steps, {namespaces: [roomy, roomy], grid: fine, compare: compareAnswers});
    }
  });
  t.pass();
});

test('the comparison finds a store that is wrong, with the shortest steps that show it', t => {
  const make = (options: StoreOptions) => {
    const store = createStore(options);
    const get = store.get.bind(store);
    // It takes a peek for a use.
    store.get = (namespace, key, how) => get(namespace, key, {...how, peek: how.peek && how.uncounted === true});
    return store;
  };
  const steps = drawSteps(new Random(1), 2000, true);
  const namespaces = [{...roomy, maxEntries: 4}, roomy];
  const error = t.throws(() => check(steps, {namespaces, grid: coarse, compare: compareExactly, make}));
  const shown = error.message.split('\n').filter(line => line.startsWith('  {'));
  t.true(shown.length <= 8, error.message);
  t.true(
    shown.some(line => line.includes('"peek":true')),
    error.message,
  );
});

function tight(random: Random): NamespaceLimits {
  return {maxEntries: 3 + random.below(15), maxMemoryBytes: 1500 + random.below(3000)};
}

type Compare = (real: Player, model: Player, answers: [unknown, unknown]) => string | undefined;

interface Trial {
  namespaces: readonly NamespaceLimits[];
  grid: Grid;
  compare: Compare;
  /** The store that is compared. */
  make?: (options: StoreOptions) => Store;
}

/** Throws if the stores differ, with as few of the steps as show it. */
function check(steps: readonly Step[], trial: Trial): void {
  let failure = firstDifference(steps, trial);
  if (!failure) return;
  for (let index = failure.steps.length - 2; index >= 0; index--) {
    const fewer = firstDifference(failure.steps.toSpliced(index, 1), trial);
    if (fewer) failure = fewer;
    index = Math.min(index, failure.steps.length);
  }
  const shown = failure.steps.map(step => `  ${JSON.stringify(step)}`).join('\n');
  throw new Error(`${JSON.stringify(trial)}, steps:\n${shown}\n${failure.difference}`);
}

/** The steps up to where the stores differ, and in what. */
function firstDifference(steps: readonly Step[], {namespaces, grid, compare, make = createStore}: Trial) {
  const real = new Player(grid, clock => make({clock, namespaces}));
  const model = new Player(grid, clock => new NaiveStore({clock, namespaces}));
  for (const [index, step] of steps.entries()) {
    const difference = compare(real, model, [real.play(step), model.play(step)]);
    if (difference) return {steps: steps.slice(0, index + 1), difference};
  }
  return undefined;
}

function compareExactly(real: Player, model: Player, answers: [unknown, unknown]): string | undefined {
  return (
    compareAnswers(real, model, answers) ??
    differ('stats', [real.stats().map(lagless), model.stats().map(lagless)]) ??
    differ('last revision', [real.store.lastRevision, model.store.lastRevision])
  );
}

function compareAnswers(real: Player, model: Player, answers: [unknown, unknown]): string | undefined {
  const lived = ({entries, expirations}: StoreStats) => entries + expirations;
  return (
    differ('answer', answers) ??
    differ('entries and expirations', [real.stats().map(lived), model.stats().map(lived)]) ??
    differ('counters', [real.stats().map(timeless), model.stats().map(timeless)])
  );
}

/** Of several that are swept, any may be the last. */
function lagless({expiryLagMs: _, ...rest}: StoreStats) {
  return rest;
}

/** The counters that do not depend on when the dead are removed. */
function timeless(stats: StoreStats) {
  const {entries: _, memoryBytes: __, expirations: ___, ...rest} = lagless(stats);
  return rest;
}

function differ(what: string, [real, model]: [unknown, unknown]): string | undefined {
  if (isDeepStrictEqual(real, model)) return undefined;
  const show = (value: unknown) => JSON.stringify(value, (_, each) => (each === noDeadline ? 'never' : each));
  return `${what}\n  of the store:     ${show(real)}\n  of the naive one: ${show(model)}`;
}
