/** The ring that the change log lives in: what fits into it, and what is left when it is full. */
import test from 'ava';
import {LoggedStore} from '../helpers/logged-store.js';

test('a ring too small for the longest key is made as large as it must be', t => {
  const store = new LoggedStore({bytes: 4096, maxKeyBytes: 65_535});
  const key = 'k'.repeat(65_535);
  const others = ['first', 'second', 'third'];
  for (let round = 0; round < 10; round++) {
    store.put(key, `value ${round}`, {contentType: 'x'.repeat(255)});
    t.is(store.changes().at(-1)!.key, key);
    for (const other of others) store.put(other, `of ${other}`);
    t.deepEqual(
      store
        .changes()
        .slice(-3)
        .map(change => change.entry!.value),
      others.map(other => `of ${other}`),
    );
  }
});

test('beside a key too long for its share of the ring a value is left out, but an empty one is empty', t => {
  const store = new LoggedStore({bytes: 16_384, keepsPrevious: true});
  const key = 'k'.repeat(1024);
  const first = store.put(key, '');
  const from = store.log.head;
  const second = store.put(key, 'x');
  store.put(key, '');
  const entry = {value: '', contentType: '', deadlineMs: Number.POSITIVE_INFINITY};
  t.like(store.changes()[0], {entry: {...entry, valueOmitted: false, revision: first.revision}});
  t.like(store.changes(from)[0], {
    entry: {...entry, valueOmitted: true, revision: second.revision},
    previous: {...entry, revision: first.revision},
  });
  t.like(store.changes(from)[1], {entry: {...entry, valueOmitted: false}, previous: {...entry, valueOmitted: true}});
});
