/** How changes are passed on to many: in rounds, with a rest behind a long one. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {putOf} from '../helpers/requests.js';
import {WatchHarness} from '../helpers/watch-harness.js';

/** Watchers to each of whom it takes so long to pass a message on. */
function watchersOf(harness: WatchHarness, count: number, writeMs: number) {
  const pass = () => {
    harness.clock.advance(writeMs);
    return true;
  };
  const watches = Array.from({length: count}, () => harness.watch({}, pass));
  harness.rest();
  for (const watch of watches) watch.messages.length = 0;
  return watches;
}

test('after a round that took long the next waits as long, and brings all at once', t => {
  const harness = new WatchHarness();
  const watches = watchersOf(harness, 3, 2);
  harness.cache.put(putOf('a'));
  harness.rest();
  for (const key of ['b', 'c']) {
    harness.cache.put(putOf(key));
    harness.rest();
  }
  harness.clock.advance(5);
  harness.rest();
  for (const watch of watches) t.deepEqual(watch.seen, ['put a']);

  harness.clock.advance(1);
  harness.rest();
  for (const watch of watches) {
    t.deepEqual(watch.seen, ['put a', 'put b', 'put c']);
    t.is(watch.messages.length, 2);
  }
});

test('a rest has an end, however long a round took', t => {
  const harness = new WatchHarness();
  const [watch] = watchersOf(harness, 2, 10 * limits.watchRestMsMost);
  harness.cache.put(putOf('a'));
  harness.rest();
  harness.cache.put(putOf('b'));
  harness.rest();
  harness.clock.advance(limits.watchRestMsMost);
  harness.rest();
  t.deepEqual(watch!.seen, ['put a', 'put b']);
});

test('a rest is over when a message full of changes waits, so that nobody in step is passed by the log', t => {
  const harness = new WatchHarness();
  const [watch] = watchersOf(harness, 3, 10);
  harness.cache.put(putOf('first'));
  harness.rest();
  const keys = Array.from({length: 100}, (_, index) => `k${index}`);
  // Twice what the log holds, without any time passing.
  for (const key of keys) {
    harness.cache.put(putOf(key, 'v'.repeat(1300)));
    harness.rest();
  }
  harness.clock.advance(limits.watchRestMsMost);
  harness.rest();
  t.deepEqual(watch!.seen, ['put first', ...keys.map(key => `put ${key}`)]);
});

test('nothing waits behind a round that took no longer than a slice', t => {
  const harness = new WatchHarness();
  const [watch] = watchersOf(harness, 2, limits.sliceMs / 2);
  for (const key of ['a', 'b']) {
    harness.cache.put(putOf(key));
    harness.rest();
  }
  t.deepEqual(watch!.seen, ['put a', 'put b']);
});

test('who comes anew in a rest, and who has fallen behind, does not wait', t => {
  const harness = new WatchHarness();
  const [slow] = watchersOf(harness, 2, 2);
  slow!.onMessage = () => false;
  harness.cache.put(putOf('a'));
  harness.rest();
  harness.cache.put(putOf('b'));
  slow!.drained();
  const late = harness.watch({initialState: true});
  harness.rest();
  t.deepEqual(slow!.seen, ['put a', 'put b']);
  t.deepEqual(late.seen.slice(1, -1).sort(), ['listed a', 'listed b']);
});
