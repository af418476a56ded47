/** The ring that the change log lives in: what fits into it, and what is left when it is full. */
import test from 'ava';
import {LoggedStore, startRingAt} from '../helpers/logged-store.js';

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

test('a value is kept as long as its record is within its share of the ring', t => {
  const store = new LoggedStore({bytes: 2 ** 20, maxValueBytes: 2 ** 20});
  const {sizeBytes} = store.log;
  t.is(sizeBytes, 2 ** 20);
  let most = sizeBytes / 16;
  while (isOmitted(store, most)) most--;
  t.true(most > sizeBytes / 16 - 100);
  t.true(isOmitted(store, most + 1));
  t.false(isOmitted(store, most));
});

function isOmitted(store: LoggedStore, valueBytes: number): boolean {
  const from = store.log.head;
  store.put('a', 'x'.repeat(valueBytes));
  const {entry} = store.changes(from)[0]!;
  return entry!.valueOmitted;
}

for (const valueBytes of [0, 100, 4000, 60_000]) {
  test(`a full ring holds as much as it can of changes with ${valueBytes} bytes, whole blocks given up`, t => {
    const store = new LoggedStore({bytes: 2 ** 20});
    const {log} = store;
    for (let count = 0; log.head < 3 * log.sizeBytes; count++) {
      store.put(`key ${count}`, 'x'.repeat(valueBytes));
      const heldBytes = log.head - log.tail;
      t.true(heldBytes <= log.sizeBytes);
      // Two blocks, what does not fit at the end of the ring, and the record that is given up with the first byte of it.
      const unused = log.sizeBytes / 128 + 2 * (valueBytes + 100);
      if (log.head > log.sizeBytes) t.true(heldBytes >= log.sizeBytes - unused, `${heldBytes} of ${log.sizeBytes}`);
    }
    store.check();
  });
}

/** Positions are numbers of 53 bits, words of the ring of 31. */
for (const laps of [2 ** 12, 2 ** 30]) {
  test(`a log goes on beyond 2^${Math.log2(laps) + 20} bytes as it began`, t => {
    const store = new LoggedStore({bytes: 2 ** 20});
    const before = laps * store.log.sizeBytes - 10_000;
    startRingAt(store, before);
    const puts = Array.from({length: 1000}, (_, count) => store.put(`key ${count}`, `value ${count}`));
    t.true(store.log.head > laps * store.log.sizeBytes);
    t.is(store.log.tail, before);
    t.deepEqual(
      store.changes().map(({key, entry}) => `${key} ${entry!.value}`),
      puts.map((_, count) => `key ${count} value ${count}`),
    );
    const position = store.log.seek(puts[499]!.revision)!;
    t.is(store.changes(position)[0]!.key, 'key 500');
    t.is(store.log.startBefore(before + 1), before);
    store.check();
  });
}

test('a ring of 2 GiB is written to its end', t => {
  const store = new LoggedStore({bytes: 2 ** 31});
  t.is(store.log.sizeBytes, 2 ** 31);
  startRingAt(store, 2 ** 31 - 100_000);
  for (let count = 0; count < 100; count++) store.put(`key ${count}`, String(count % 7).repeat(2000));
  t.true(store.log.head > 2 ** 31);
  for (const [count, {key, entry}] of store.changes().entries()) {
    t.is(key, `key ${count}`);
    t.is(entry!.value, String(count % 7).repeat(2000));
  }
  store.check();
});

test('a value of 64 MiB is written down, and is there when it is gone', t => {
  const store = new LoggedStore({bytes: 1.1 * 2 ** 30, maxValueBytes: 2 ** 26});
  const value = `${'x'.repeat(2 ** 26 - 3)}end`;
  store.put('a', value);
  store.delete('a');
  const [put, removed] = store.changes();
  t.true(put!.entry!.value === value);
  t.true(removed!.previous!.value === value);
});
