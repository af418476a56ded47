/** Keys of every odd character round-trip, and none is taken for its look-alike. */
import test from 'ava';
import {EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {contractTest} from '../helpers/contract-test.js';
import {bytes, text} from '../helpers/text.js';

const keys = [
  'plain',
  'PLAIN',
  'a/b',
  '/a/b',
  'a//b',
  'a/b/',
  '.',
  '..',
  '../a',
  'a:b',
  'a%2Fb',
  'a%2fb',
  '%',
  '%25',
  '%zz',
  'a+b',
  'a b',
  'a%20b',
  ' a b',
  'a b ',
  ' ',
  '  ',
  'a?b=c',
  'a#b',
  'a&b;c',
  '"a"',
  "'a'",
  'a\\b',
  'a\nb',
  'a\r\nb',
  'a\tb',
  '\n',
  '\0',
  'a\0',
  'a\0b',
  'a',
  '😀',
  '👨‍👩‍👧',
  '👨👩👧',
  '\ufeffa',
  'a\ufeff',
  '\ufeff',
  'é',
  'e\u0301',
  '\u00c5',
  '\u212b',
  'ﬁ',
  'fi',
  'а', // Cyrillic
  'ａ', // full width
  'a\u200b',
  'a\u00ad',
  '\ufffd',
  '\uffff',
  '\u202ea',
  'ß',
  'ss',
  'ı',
  '\u{10ffff}',
  '__proto__',
  'constructor',
  'toString',
  'undefined',
  '-1',
  '0',
  '00',
  'k'.repeat(1024),
  'k'.repeat(1023),
];

test('the keys of this test are all different', t => {
  t.is(new Set(keys).size, keys.length);
});

contractTest('every odd key round-trips and is distinct from all others', async (t, start) => {
  const {client} = await start();
  for (const [index, key] of keys.entries()) await client.put({key, value: bytes(`value ${index}`)});
  for (const [index, key] of keys.entries()) {
    const {entry} = await client.get({key, view: EntryView.ENTRY_VIEW_FULL});
    t.is(text(entry?.value), `value ${index}`, JSON.stringify(key));
    t.is(entry?.key, key);
  }
  const {results} = await client.batchGet({requests: keys.map(key => ({key}))});
  t.deepEqual(
    results.map(result => text(result.response?.entry?.value)),
    keys.map((_, index) => `value ${index}`),
  );
});

contractTest('List gives odd keys back as they are, also by a prefix', async (t, start) => {
  const {client} = await start();
  for (const key of keys) await client.put({key});
  const {entries} = await client.list({pageSize: 1000});
  t.deepEqual(entries.map(entry => entry.key).sort(), [...keys].sort());
  for (const prefix of ['\ufeff', 'e', 'a\0', '😀', ' ', '%', '👨']) {
    const listed = (await client.list({prefix, pageSize: 1000})).entries.map(entry => entry.key);
    t.deepEqual(listed.sort(), keys.filter(key => key.startsWith(prefix)).sort(), JSON.stringify(prefix));
  }
});

contractTest('an odd key is removed alone', async (t, start) => {
  const {client} = await start();
  for (const key of keys) await client.put({key});
  for (const [index, key] of keys.entries()) {
    t.is((await client.delete({key})).outcome, 1, JSON.stringify(key));
    t.is((await client.getStats()).total?.entries, BigInt(keys.length - index - 1));
  }
});
