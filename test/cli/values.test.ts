/** Values go in and come out as the very same bytes, whichever way; and a closed pipe ends a command quietly. */
import {randomBytes} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {bytes, useServer} from './helpers/fixture.js';
import {ended, startKrusty} from './helpers/krusty.js';

const fixture = useServer(test);
const {run} = fixture;
const folder = mkdtempSync(join(tmpdir(), 'krusty-values-'));
test.after.always(() => rmSync(folder, {recursive: true}));

const random = randomBytes(1_000_000);

test('a megabyte of random bytes survives stdin and stdout', async t => {
  t.is((await run(['put', 'stdin', '-'], {input: random})).code, 0);
  const {stdout} = await run(['get', 'stdin']);
  t.true(stdout.equals(random));
});

test('a megabyte of random bytes survives @FILE and -o FILE', async t => {
  const [source, copy] = [join(folder, 'source'), join(folder, 'copy')];
  writeFileSync(source, random);
  t.is((await run(['put', 'file', `@${source}`])).code, 0);
  const {code, stdout} = await run(['get', 'file', '-o', copy]);
  t.is(code, 0);
  t.is(stdout.length, 0);
  t.true(readFileSync(copy).equals(random));
});

const stored: Record<string, {args: string[]; input?: string; value?: string}> = {
  'an empty argument': {args: ['']},
  'an argument with line ends, spaces and a byte order mark': {args: ['\ufeff é😀\r\n ']},
  '--value with an @': {args: ['--value', '@home'], value: '@home'},
  '--value with a dash': {args: ['--value=-'], value: '-'},
  'a text behind --': {args: ['--', '--ttl']},
  'a negative number': {args: ['-5']},
  'empty stdin': {args: ['-'], value: ''},
  'stdin with a line end': {args: ['-'], input: 'line\n', value: 'line\n'},
} satisfies Record<string, {args: string[]; input?: string; value?: string}> as never;

for (const [name, {args, input, value}] of Object.entries(stored)) {
  test(`put takes ${name} as it is`, async t => {
    const key = `as-is:${name}`;
    const end = args[0] === '--' ? ['--', key, ...args.slice(1)] : [key, ...args];
    t.is((await run(['put', ...end], {input: input ?? ''})).code, 0);
    const {entry} = await fixture.client.get({key});
    t.deepEqual(Buffer.from(entry!.value).toString(), value ?? args.at(-1));
  });
}

test('a miss leaves the file of -o alone', async t => {
  const path = join(folder, 'kept');
  writeFileSync(path, 'kept');
  t.is((await run(['get', 'no such key', '-o', path])).code, 3);
  t.is(readFileSync(path, 'utf8'), 'kept');
});

test('batch-get asks again for what did not fit, and keeps the order', async t => {
  const big = (fill: number) => Buffer.alloc(2 ** 20, fill);
  for (const fill of [1, 2, 3, 4, 5, 6]) await fixture.client.put({key: `big:${fill}`, value: big(fill)});
  await fixture.client.put({key: 'small', value: bytes('s')});
  const keys = ['big:1', 'big:2', 'big:3', 'missing', 'big:4', 'small', 'big:5', 'big:6', 'big:1'];
  const {code, stdout, stderr} = await run(['batch-get', ...keys, '--json']);
  t.is(code, 3);
  t.is(stderr, '');
  const {results} = JSON.parse(stdout.toString()) as {results: {key: string; entry?: {value: string}}[]};
  t.deepEqual(
    results.map(({key}) => key),
    keys,
  );
  for (const {key, entry} of results) {
    const expected = key === 'missing' ? undefined : key === 'small' ? bytes('s') : big(Number(key.at(-1)));
    t.is(entry?.value, expected && Buffer.from(expected).toString('base64'), key);
  }
});

test('batch-get takes more keys than a batch holds, a line each', async t => {
  const keys = Array.from({length: 2500}, (_, index) => `many:${index}`);
  await fixture.client.put({key: 'many:2400', value: bytes('found')});
  const {code, stdout, stderr} = await run(['batch-get', '--keys-from', '-'], {input: keys.join('\n')});
  t.is(code, 3);
  t.is(stdout.toString(), 'many:2400\tfound\n');
  t.is(stderr.split('\n').length, 2500);
});

test('batch-get writes values on one line each, whatever they are', async t => {
  const lines: Record<string, [Uint8Array, string]> = {
    plain: [bytes('just text'), 'just text'],
    empty: [bytes(''), '""'],
    lines: [bytes('a\nb\tc'), '"a\\nb\\tc"'],
    escape: [bytes('\u001b[31m'), '"\\u001b[31m"'],
    quoted: [bytes('"x"'), '"\\"x\\""'],
    binary: [new Uint8Array([0xff, 0]), 'base64:/wA='],
    mimic: [bytes('base64:/wA='), '"base64:/wA="'],
  };
  for (const [key, [value]] of Object.entries(lines)) await fixture.client.put({key, value});
  const {stdout} = await run(['batch-get', ...Object.keys(lines)]);
  t.is(
    stdout.toString(),
    Object.entries(lines)
      .map(([key, [, line]]) => `${key}\t${line}\n`)
      .join(''),
  );
});

test.serial.before(async () => {
  await fixture.client.put({key: 'pipe', value: random});
  const name = 'n'.repeat(900);
  for (let index = 0; index < 500; index++) await fixture.client.put({key: `pipe:${name}${index}`, value: bytes('')});
});

for (const line of ['get pipe', 'list pipe:', 'list pipe: --json', 'batch-get pipe']) {
  test(`a reader that stops early ends "${line}" without a word`, async t => {
    const child = startKrusty(line.split(' '), {address: fixture.address});
    let seenBytes = 0;
    child.stdout!.once('data', chunk => {
      seenBytes = chunk.length;
      child.stdout!.destroy();
    });
    const {code, signal, stderr} = await ended(child);
    t.deepEqual({code, signal, stderr}, {code: 0, signal: null, stderr: ''});
    t.true(seenBytes > 0 && seenBytes < 400_000, String(seenBytes));
  });
}
