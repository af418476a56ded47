/** The buffers that are used again. Alone in its file, since all tests of a file share them. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {bufferBytes, giveBuffer, giveIfTaken, takeBuffer} from '../../src/wire/buffers.js';

const most = limits.wireKeptBuffersMost;
const take = (count: number) => Array.from({length: count}, () => takeBuffer());

test('so many buffers are kept and used again, and no more', t => {
  const first = take(most + 10);
  t.is(new Set(first).size, most + 10);
  for (const buffer of first) giveBuffer(buffer);
  const second = take(most + 10);
  t.is(new Set(second).size, most + 10);
  t.is(second.filter(buffer => first.includes(buffer)).length, most);
});

test('only what was taken here is kept', t => {
  const larger = takeBuffer(bufferBytes + 1);
  t.is(larger.length, bufferBytes + 1);
  const foreign = new Uint8Array(bufferBytes);
  giveBuffer(larger);
  giveIfTaken(larger);
  giveIfTaken(foreign);
  const taken = take(most);
  t.false(taken.includes(larger) || taken.some(({buffer}) => buffer === foreign.buffer));
});
