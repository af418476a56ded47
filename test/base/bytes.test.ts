/** UTF-8, strictly: nothing is replaced, dropped or normalised. */
import test from 'ava';
import {decodeUtf8, encodeUtf8, encodeUtf8Briefly, isUtf8} from '../../src/base/index.js';

const short = ['', 'plain', '\0', 'é', 'e\u0301', '😀', '\ufeffmarked', '\ufffd', '\u{10ffff}', 'a\nb', '\uffff'];
/** Where a loop ends and the engine begins, and where ASCII does. */
const edges = ['k'.repeat(64), 'k'.repeat(65), `${'k'.repeat(63)}é`, `${'k'.repeat(64)}é`, '\x7f', '\x80', '\xff'];
const texts = [...short, ...edges, 'é'.repeat(1024)];

for (const text of texts) {
  test(`${JSON.stringify(text)} comes back from its bytes`, t => {
    const bytes = encodeUtf8(text);
    t.truthy(bytes);
    t.true(isUtf8(bytes!));
    t.is(decodeUtf8(bytes!), text);
    t.deepEqual(encodeUtf8Briefly(text), bytes);
    const within = Uint8Array.from([0xff, ...bytes!, 0xff]);
    t.is(decodeUtf8(within, 1, within.length - 1), text);
  });
}

test('half of a surrogate pair has no bytes', t => {
  t.is(encodeUtf8('\ud83d'), undefined);
  t.is(encodeUtf8('a\ude00b'), undefined);
  t.is(encodeUtf8Briefly('a\ude00b'), undefined);
});

const notUtf8: Record<string, number[]> = {
  'a byte that begins nothing': [0x61, 0xff],
  'a continuation alone': [0x80],
  'a sequence cut short': [0xe2, 0x82],
  'an overlong slash': [0xc0, 0xaf],
  'an overlong NUL': [0xc0, 0x80],
  'a surrogate': [0xed, 0xa0, 0x80],
  'a code point past the last': [0xf4, 0x90, 0x80, 0x80],
};

for (const [name, bytes] of Object.entries(notUtf8)) {
  test(`${name} is not UTF-8`, t => {
    t.false(isUtf8(Uint8Array.from(bytes)));
    t.throws(() => decodeUtf8(Uint8Array.from(bytes)), {instanceOf: TypeError});
    t.throws(() => decodeUtf8(Uint8Array.from([0x61, ...bytes, 0x61]), 1, 1 + bytes.length), {instanceOf: TypeError});
  });
}
