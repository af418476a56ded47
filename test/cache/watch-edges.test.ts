/** What fault runs have found in Watch, each in the few steps that show it. */
import test from 'ava';
import {deleteOf, putOf} from '../helpers/requests.js';
import {WatchHarness} from '../helpers/watch-harness.js';

test('whoever resumes with the token of a `created` that a gap was to follow is told of the gap', t => {
  const before = new WatchHarness();
  const {lastToken: token} = before.watch();
  const harness = new WatchHarness();
  harness.cache.put(putOf('missed'));

  const cut = harness.watch({resumeToken: token});
  t.deepEqual(cut.seen, ['created']);
  cut.closed();
  const again = harness.watch({resumeToken: cut.lastToken});
  harness.rest();
  t.deepEqual(again.seen, ['created', 'gap restarted', 'listed missed', 'snapshotEnd']);
});

test('whoever is told to drain before the gap is told of it later', t => {
  const harness = new WatchHarness({historyBytes: 4096});
  const {lastToken: token} = harness.watch();
  for (let count = 0; count < 200; count++) harness.cache.put(putOf('a'));

  const late = harness.watch({resumeToken: token});
  harness.cache.stopWatches();
  t.deepEqual(late.seen, ['created', 'draining']);
  t.is(late.lastToken, token);
});

test('a gap waits for a reader that stalls at `created`', t => {
  const harness = new WatchHarness({historyBytes: 4096});
  const {lastToken: token} = harness.watch();
  for (let count = 0; count < 200; count++) harness.cache.put(putOf('a'));

  const watch = harness.watch({resumeToken: token}, () => false);
  harness.rest();
  t.deepEqual(watch.seen, ['created']);
  watch.drained();
  harness.rest();
  t.deepEqual(watch.seen, ['created', 'gap trimmed', 'listed a', 'snapshotEnd']);
});

test('a stream that has ended by itself is not ended again', t => {
  const harness = new WatchHarness();
  const watch = harness.watch();
  watch.onMessage = () => {
    watch.closed();
    return true;
  };
  harness.cache.stopWatches();
  t.deepEqual(watch.seen, ['created', 'draining']);
  t.deepEqual(watch.ends, []);
});

test('who does not hear of puts is not shown an entry before what came before it', t => {
  const harness = new WatchHarness();
  harness.cache.put(putOf('a', 'old'));
  const watch = harness.watch({eventTypes: ['delete'], initialState: true});
  harness.cache.delete(deleteOf('a'));
  harness.cache.put(putOf('a', 'new'));
  harness.rest();
  t.deepEqual(watch.seen, ['created', 'delete a', 'listed a', 'snapshotEnd']);
});

test('it is no gap if only the unused end of the ring is gone', t => {
  // Of 72 bytes each, so the ring's end stays unused behind the 56th.
  const put = putOf('a', 'eleven byte');
  let met = 0;
  for (let received = 50; received <= 56; received++) {
    const harness = new WatchHarness({historyBytes: 4096});
    const watch = harness.watch();
    for (let count = 0; count < received; count++) harness.cache.put(put);
    watch.onMessage = () => false;
    harness.rest();
    const {revision} = harness.cache.stats();
    const trimmedRevision = () => harness.cache.stats().watch!.historyStartMs * 1000;
    while (trimmedRevision() < revision) harness.cache.put(put);

    // The oldest go a block at a time, which may be more than one.
    if (trimmedRevision() > revision) continue;
    met++;
    watch.drained();
    harness.rest();
    t.false(watch.seen.includes('gap slowReader'), `after ${received} changes`);
  }
  t.true(met > 1);
});

test('changes that came while a snapshot waited for its end follow it at once', t => {
  const harness = new WatchHarness();
  const watch = harness.watch({initialState: true});
  harness.cache.put(putOf('a'));
  // It stalls between the change and the end of the snapshot.
  watch.onMessage = () => false;
  harness.rest();
  harness.cache.put(putOf('b'));
  watch.drained();
  harness.rest();
  t.deepEqual(watch.seen, ['created', 'put a', 'snapshotEnd', 'put b']);
});

test('a put that answers what it replaced leaves it out of a history that is not to hold it', t => {
  const harness = new WatchHarness();
  const watch = harness.watch({includePrevious: true});
  harness.cache.put(putOf('a', 'old'));
  harness.cache.put(putOf('a', 'new', {returnPrevious: true}));
  harness.rest();
  const events = watch.messages.flatMap(({news}) => (news.kind === 'events' ? news.events : []));
  t.deepEqual(
    events.map(({previous}) => previous),
    [undefined, undefined],
  );
});

test('a watcher that left and came back further on gets no message twice', t => {
  const harness = new WatchHarness({historyBytes: 2 ** 20});
  const watches = [harness.watch(), harness.watch()];
  harness.rest();
  // Each message ends the slice of its turn.
  const endSlice = () => {
    harness.clock.advance(2);
    return true;
  };
  const [first, second] = watches;
  first!.onMessage = endSlice;
  second!.onMessage = () => !endSlice();
  for (const key of ['a', 'b']) harness.cache.put(putOf(key, 'v'.repeat(40_000))); // a message each
  harness.turn(); // The first has a.
  harness.turn(); // The second has a, and takes no more: it goes on alone.
  second!.drained();
  harness.turn(); // The first has b; the second has read b, and is in step again.
  t.deepEqual(second!.seen, ['created', 'put a', 'put b']);
  harness.rest();
  for (const watch of watches) t.deepEqual(watch.seen, ['created', 'put a', 'put b']);
});
