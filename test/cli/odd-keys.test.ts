/** Keys with any character go through arguments and pipes unharmed, and apart from their look-alikes. */
import test from 'ava';
import {bytes, useServer} from './helpers/fixture.js';

// The second namespace is for tests that write.
const namespaces = {written: {maxEntries: 100, maxMemoryBytes: 2 ** 20, ttlJitter: 0}};
const fixture = useServer(test, {namespaces});
const {run} = fixture;

const oddKeys = [
  'a/b',
  '/a//b/',
  'a:b',
  '%2F',
  '%',
  'a+b',
  'a b',
  '  a ',
  '?x=1&y=2',
  '#',
  '😀👩‍👩‍👧',
  'é',
  'e\u0301',
  'line\nend',
  'line\r\nend',
  '\u0001\u001b\u007f\u0085',
  '\ufeff',
  '\ufeffa',
  'a',
  'A',
  '"',
  '"a"',
  "'",
  '\\',
  '--json',
  '-n',
  '--',
  '@file',
  '-',
  'help',
  'list',
  '-5',
  'k'.repeat(1024),
];

test.before(async () => {
  for (const [index, key] of oddKeys.entries()) await fixture.client.put({key, value: bytes(`value ${index}`)});
});

test('every odd key is found by its own bytes, as an argument', async t => {
  const {code, stdout} = await run(['batch-get', '--json', '--', ...oddKeys]);
  t.is(code, 0);
  const {results} = JSON.parse(stdout.toString()) as {results: {key: string; entry: {value: string}}[]};
  t.deepEqual(
    results.map(({key, entry}) => [key, Buffer.from(entry.value, 'base64').toString()]),
    oddKeys.map((key, index) => [key, `value ${index}`]),
  );
});

test('list writes each odd key on one line, and no two alike', async t => {
  const lines = (await run(['list'])).stdout.toString().slice(0, -1).split('\n');
  const keys = lines.map(line => (line.startsWith('"') ? JSON.parse(line) : line));
  t.deepEqual(keys.sort(), [...oddKeys].sort());
});

test('list -0 writes exact keys, and batch-get -0 reads them', async t => {
  const list = await run(['list', '-0']);
  t.deepEqual(list.stdout.toString().slice(0, -1).split('\0').sort(), [...oddKeys].sort());
  const {code, stdout} = await run(['batch-get', '-0', '--keys-from', '-'], {input: list.stdout});
  t.is(code, 0);
  t.is(stdout.toString().match(/\tvalue \d+$/gm)!.length, oddKeys.length);
});

for (const key of ['--json', '-', 'help', 'line\nend', '\ufeffa', '👩‍👩‍👧 %2F/+?#:']) {
  test(`put takes the key ${JSON.stringify(key)}`, async t => {
    t.is((await run(['put', '-n', 'written', '--', key, 'v'])).code, 0);
    t.truthy((await fixture.client.get({namespace: 'written', key})).entry);
  });
}

test('look-alikes are misses', async t => {
  const {code, stdout} = await run(['batch-get', '--json', 'a%2Fb', 'ａ', '\u2028', 'a/b ', '2F', 'line\nEnd']);
  t.is(code, 3);
  const {results} = JSON.parse(stdout.toString()) as {results: {outcome: string}[]};
  t.true(results.every(({outcome}) => outcome === 'OUTCOME_MISS'));
});
