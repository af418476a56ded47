/** Reading the change log, in place where one thread writes and from copies where several do. */
import test from 'ava';
import {LoggedStore} from '../helpers/logged-store.js';

for (const threads of [1, 2]) {
  const how = threads === 1 ? 'in place' : 'from copies';

  test(`${how}, a reader meets each change once, and goes on where it was`, t => {
    const store = new LoggedStore({threads});
    const {reader} = store;
    t.is(reader.meet(0), 'end');
    t.is(reader.next, 0);
    const {revision} = store.put('a', 'value', {namespace: 0});
    t.is(reader.meet(0), 'change');
    t.like(reader, {revision, entryRevision: revision, namespace: 0, hash: store.store.hashOf(0, Buffer.from('a'))});
    t.is(Buffer.from(reader.key).toString(), 'a');
    const {next} = reader;
    t.is(reader.meet(next), 'end');
    store.touch('a');
    t.is(reader.meet(next), 'change');
    t.is(reader.revision, revision + 1);
    t.is(reader.entryRevision, revision);
  });

  test(`${how}, changes of any size are met whole`, t => {
    const store = new LoggedStore({threads, bytes: 2 ** 24});
    const sizes = [1, 300_000, 2, 65_536 - 64, 65_536, 40_000, 40_000, 3, 999_999];
    for (const size of sizes) store.put(`key of ${size}`, String(size % 7).repeat(size));
    const seen = store.changes();
    t.deepEqual(
      seen.map(change => change.entry!.value.length),
      sizes,
    );
    for (const [index, {entry}] of seen.entries()) t.is(entry!.value, String(sizes[index]! % 7).repeat(sizes[index]!));
  });

  test(`${how}, what has been trimmed is gone`, t => {
    const store = new LoggedStore({threads, bytes: 4096});
    for (let count = 0; count < 100; count++) store.put('a', 'x'.repeat(100));
    const {log, reader} = store;
    t.is(reader.meet(0), 'gone');
    t.is(reader.meet(log.tail - 8), 'gone');
    t.is(reader.meet(log.tail), 'change');
    t.is(log.seek(log.trimmedRevision), log.tail);
    t.is(log.seek(log.trimmedRevision - 1), undefined);
  });
}

test('no more is copied than there is room for', t => {
  const store = new LoggedStore({threads: 2});
  const {log} = store;
  store.put('a', 'x'.repeat(100));
  const target = new Uint8Array(300).fill(1);
  t.is(log.copyTo(target.subarray(0, 40), 0), 40);
  t.true(target.subarray(40).every(byte => byte === 1));
  t.is(log.copyTo(target, 0), log.head);
  t.is(log.copyTo(target, 8), log.head - 8);
});

test('a large record does not make the copies behind it larger: writers wait for each', t => {
  const store = new LoggedStore({threads: 2, bytes: 2 ** 24});
  for (let count = 0; count < 3000; count++) store.put('a', 'x'.repeat(count === 10 ? 500_000 : 100));
  const {log} = store;
  const copied: number[] = [];
  const copyTo = log.copyTo.bind(log);
  log.copyTo = (target, position) => {
    copied.push(copyTo(target, position));
    return copied.at(-1)!;
  };
  t.is(store.changes().length, 3000);
  t.is(copied.filter(bytes => bytes > 65_536).length, 1);
  t.true(copied.length < 20);
});
