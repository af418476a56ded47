/** What a header block may not be; and that what encoder and decoder say to each other is the same. */
import test from 'ava';
import {HpackDecoder} from '../../../src/wire/hpack/decoder.js';
import {constantField, HpackEncoder, type OutField, plainField} from '../../../src/wire/hpack/encoder.js';
import {decodeHuffman, encodeHuffman, huffmanLength} from '../../../src/wire/hpack/huffman.js';
import {codeLengths} from '../../../src/wire/hpack/huffman-codes.js';
import {HpackError} from '../../../src/wire/hpack/integers.js';
import {Random, withSeed} from '../../helpers/random.js';
import {decodeAll} from './helpers/fields.js';

const malformed: Record<string, {hex: string; says: RegExp}> = {
  'an index of zero': {hex: '80', says: /no field at this index/},
  'an index behind the static table, with nothing in the dynamic one': {hex: 'be', says: /no field at this index/},
  'the index of a name that there is not': {hex: '7e0161', says: /no field at this index/},
  'an index that ends too early': {hex: 'ff80', says: /ends within an integer/},
  'an index of 35 bits': {hex: 'ffffffffffff7f', says: /integer is too large/},
  'an integer that never ends': {hex: `ff${'80'.repeat(50)}00`, says: /integer is too large/},
  'a name without its string': {hex: '40', says: /string should begin/},
  'a value without its string': {hex: '400161', says: /string should begin/},
  'a string longer than the block': {hex: '400561626364', says: /ends within a string/},
  'a string of 4 GiB': {hex: '407fffffffff0f', says: /integer is too large|within a string/},
  'Huffman padding of zeros': {hex: '0082f1e0', says: /wrong padding/},
  'Huffman padding of more than seven bits': {hex: '00831c64ff', says: /padding|end/},
  'the Huffman symbol for the end': {hex: '0084ffffffff', says: /symbol for its end/},
  'a table larger than allowed': {hex: '3fe21f', says: /larger than allowed/},
  'a change of the table size behind a field': {hex: '8220', says: /behind a field/},
  'three changes of the table size': {hex: '20202082', says: /behind a field/},
};

for (const [name, {hex, says}] of Object.entries(malformed)) {
  test(`the decoder refuses ${name}`, t => {
    const error = t.throws(() => decodeAll(new HpackDecoder(4096), Buffer.from(hex, 'hex')), {instanceOf: HpackError});
    t.regex(error.message, says);
  });
}

test('the table empties when it is made smaller, and is used again when it is larger', t => {
  const decoder = new HpackDecoder(4096);
  decodeAll(decoder, Buffer.from('4001610162', 'hex'));
  t.deepEqual(decodeAll(decoder, Buffer.from('be', 'hex')), ['a: b']);
  t.deepEqual(decodeAll(decoder, Buffer.from('203fe11f4001630164', 'hex')), ['c: d']);
  t.deepEqual(decodeAll(decoder, Buffer.from('be', 'hex')), ['c: d']);
  t.throws(() => decodeAll(decoder, Buffer.from('bf', 'hex')), {instanceOf: HpackError});
});

test('a field larger than the table empties it, and is handed out all the same', t => {
  const decoder = new HpackDecoder(64);
  decodeAll(decoder, Buffer.from('4001610162', 'hex'));
  const large = Buffer.concat([Buffer.from('40016320', 'hex'), Buffer.alloc(32, 'x')]);
  t.deepEqual(decodeAll(decoder, large), [`c: ${'x'.repeat(32)}`]);
  t.throws(() => decodeAll(decoder, Buffer.from('be', 'hex')), {instanceOf: HpackError});
});

test('fields that fill the table to the last byte are all kept, and one byte more evicts the oldest', t => {
  const filled = new HpackDecoder(68);
  decodeAll(filled, Buffer.from('40016101624001630164', 'hex'));
  t.deepEqual(decodeAll(filled, Buffer.from('bebf', 'hex')), ['c: d', 'a: b']);
  const overfilled = new HpackDecoder(68);
  decodeAll(overfilled, Buffer.from('4001610162400163026465', 'hex'));
  t.deepEqual(decodeAll(overfilled, Buffer.from('be', 'hex')), ['c: de']);
  t.throws(() => decodeAll(overfilled, Buffer.from('bf', 'hex')), {instanceOf: HpackError});
});

test('the Huffman code is complete: no bits are without a meaning', t => {
  t.is(codeLengths.length, 257);
  t.is(
    codeLengths.reduce((sum, bits) => sum + 2 ** (30 - bits), 0),
    2 ** 30,
  );
});

test('every string of octets comes back from its Huffman code', t =>
  withSeed(t, seed => {
    const random = new Random(seed);
    for (let round = 0; round < 2000; round++) {
      const text = Buffer.from(random.bytes(random.below(40))).toString('latin1');
      const bytes: number[] = [];
      encodeHuffman(text, bytes);
      t.is(bytes.length, huffmanLength(text));
      t.is(decodeHuffman(Uint8Array.from(bytes), 0, bytes.length), text);
    }
  }));

const constants = Array.from({length: 40}, (_, index) => constantField(`constant-${index}`, 'v'.repeat(index * 5)));

function randomField(random: Random): OutField {
  if (random.oneIn(2)) return random.pick(constants);
  const name = random.pick(['x-custom', 'accept', 'authorization', ':path', 'grpc-message', `x-${random.below(100)}`]);
  return plainField(name, Buffer.from(random.bytes(random.below(60))).toString('latin1'));
}

test('the decoder reads what the encoder writes, through changes of the table size', t =>
  withSeed(t, seed => {
    const random = new Random(seed);
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder(4096);
    for (let round = 0; round < 2000; round++) {
      for (let changes = random.below(10) - 7; changes > 0; changes--) {
        encoder.setTableSize(random.pick([0, 31, 64, 200, 1000, 4096, 2 ** 31]));
      }
      const fields = Array.from({length: random.below(10)}, () => randomField(random));
      const block = encoder.encode(fields);
      const expected = fields.map(({field}) => `${field.name.text}: ${field.value}`);
      t.deepEqual(decodeAll(decoder, block), expected);
    }
  }));

test('a constant block becomes one byte a field, and stays so', t => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096);
  const fields = [constantField(':status', '200'), constantField('content-type', 'application/grpc')];
  const expected = [':status: 200', 'content-type: application/grpc'];
  const first = encoder.constant(fields);
  t.true(first.length > 2);
  t.deepEqual(decodeAll(decoder, first), expected);
  const second = encoder.constant(fields);
  t.is(second.length, 2);
  t.deepEqual(decodeAll(decoder, second), expected);
  t.is(encoder.constant(fields), second);

  encoder.setTableSize(0);
  t.deepEqual(decodeAll(decoder, encoder.constant(fields)), expected);
  t.deepEqual(decodeAll(decoder, encoder.constant(fields)), expected);
});

test('secrets are never indexed', t => {
  const block = new HpackEncoder().encode([plainField('authorization', 'Bearer x'), plainField('x', 'y')]);
  t.is(block[0]! & 0xf0, 0x10);
});

test('a literal that is sent again is the same field, and one that differs anywhere is not', t =>
  withSeed(t, seed => {
    const random = new Random(seed);
    const decoder = new HpackDecoder(4096);
    const path = (text: string) => Buffer.concat([Buffer.from([0x04, text.length]), Buffer.from(text)]);
    for (let round = 0; round < 5000; round++) {
      const text = `/${'ab'.charAt(random.below(2))}/${random.below(20)}/${'xyz'.charAt(random.below(3))}`;
      t.deepEqual(decodeAll(decoder, path(text)), [`:path: ${text}`]);
    }
  }));
