/** Beginnings of memory that is used again: each has the length that was asked for, and shows that memory. */
import test from 'ava';
import {Beginnings} from '../../src/base/index.js';

test('each is as long as asked for, and begins where the memory does', t => {
  const bytes = Uint8Array.from({length: 5000}, (_, at) => at % 251);
  const beginnings = new Beginnings(bytes);
  for (const length of [10, 0, 1, 10, 1024, 1025, 5000, 3]) {
    t.deepEqual(beginnings.of(length), bytes.slice(0, length));
  }
});

test('what is written to the memory later is seen, also through one that was kept', t => {
  const beginnings = new Beginnings(new Uint8Array(2000));
  const [short, long] = [beginnings.of(2), beginnings.of(2000)];
  beginnings.bytes[1] = 7;
  t.deepEqual([short[1], long[1], beginnings.of(2)[1]], [7, 7, 7]);
});
