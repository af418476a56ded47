/** The change log holds keys, content types and values of any length, in memory of one thread and of several. */
import test from 'ava';
import {LoggedStore, type SeenChange} from '../helpers/logged-store.js';

/** About a word, about what is copied in words, about a slot, and more than one. */
const keyLengths = [1, 2, 3, 4, 5, 16, 255, 256, 257, 9000];
const valueLengths = [0, 1, 3, 4, 100, 237, 255, 256, 257, 4096, 8100, 20_000];
const contentTypes = ['', 'a', 'text/plain', 'x'.repeat(255)];

const plain = {valueOmitted: false, deadlineMs: Number.POSITIVE_INFINITY};

for (const threads of [1, 2]) {
  for (const keepsPrevious of [false, true]) {
    const what = keepsPrevious ? 'with what puts replace' : 'without what puts replace';
    test(`with ${threads === 1 ? 'one thread' : 'two threads'}, ${what}, any lengths are written down as they are`, t => {
      const store = new LoggedStore({threads, keepsPrevious, maxKeyBytes: 10_000, bytes: 2 ** 21});
      for (const keyLength of keyLengths) {
        for (const [index, valueLength] of valueLengths.entries()) {
          const key = textOf(keyLength, index);
          const [value, nextValue] = [textOf(valueLength, index + 1), textOf(valueLengths.at(index - 1)!, index + 2)];
          for (const contentType of contentTypes) {
            const from = store.log.head;
            const expected = change(store, {key, value, contentType, nextValue, keepsPrevious});
            t.deepEqual(store.changes(from), expected);
          }
        }
      }
      t.true(store.log.trims > 0);
      store.check();
    });
  }
}

interface Shape {
  key: string;
  value: string;
  contentType: string;
  nextValue: string;
  keepsPrevious: boolean;
}

/** Puts, replaces, touches and deletes an entry; answers what is to be written down of it. */
function change(store: LoggedStore, {key, value, contentType, nextValue, keepsPrevious}: Shape): SeenChange[] {
  const first = {...plain, value, contentType, revision: store.put(key, value, {contentType}).revision};
  const next = {...plain, value: nextValue, contentType: '', revision: store.put(key, nextValue).revision};
  const {deadlineMs} = store.touch(key, {ttlMs: 1000});
  const {revision} = store.delete(key);
  const about = {namespace: 0, key};
  const touched = {...next, deadlineMs};
  return [
    {...about, type: 'put', revision: first.revision, entry: first},
    {...about, type: 'put', revision: next.revision, entry: next, ...(keepsPrevious && {previous: first})},
    {...about, type: 'touch', revision: next.revision + 1, entry: {...touched, value: '', valueOmitted: true}},
    {...about, type: 'delete', revision, previous: touched},
  ];
}

/** Text in which each place tells itself apart from those near it. */
function textOf(length: number, seed: number): string {
  return String.fromCharCode(...Array.from({length}, (_, index) => 33 + ((index * 7 + seed * 11) % 90)));
}
