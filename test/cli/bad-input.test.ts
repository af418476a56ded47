/** Bad input gets one clear line with what is allowed, exit code 2, and the server goes on. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {useServer} from './helpers/fixture.js';
import {krusty, type RunOptions, shell} from './helpers/krusty.js';

const fixture = useServer(test);
const {run} = fixture;
const folder = mkdtempSync(join(tmpdir(), 'krusty-bad-'));
test.after.always(() => rmSync(folder, {recursive: true}));

const longKey = 'k'.repeat(1025);

/** What is typed, what the line on stderr says, and the exit code where it is not 2. */
const refused: Record<string, {args: string[]; says: RegExp; code?: number; options?: RunOptions}> = {
  'an empty key': {args: ['get', ''], says: /is empty; allowed: 1 to 1024 bytes.*\(KEY_EMPTY\)/},
  'an empty key among others': {args: ['batch-get', 'a', ''], says: /^"": key: is empty/m},
  'a key too long': {args: ['put', longKey, 'v'], says: /1025 bytes; allowed: at most 1024 \(KEY_TOO_LONG\)/},
  'a value too large': {
    args: ['put', 'k', '-'],
    options: {input: Buffer.alloc(2 ** 20 + 1)},
    says: /1048577 bytes; allowed: at most 1048576 \(VALUE_TOO_LARGE\)/,
  },
  'a value larger than the server receives': {
    args: ['put', 'k', '-'],
    options: {input: Buffer.alloc(3 * 2 ** 20)},
    says: /larger than the server receives/,
  },
  'a file that is not there': {args: ['put', 'k', '@/no/such'], says: /the file "\/no\/such" cannot be read: ENOENT/},
  'a TTL of nothing': {args: ['put', 'k', 'v', '--ttl', '0'], says: /--ttl "0" is not allowed; allowed: a duration/},
  'a negative TTL': {args: ['put', 'k', 'v', '--ttl', '-5'], says: /--ttl "-5" is not allowed; allowed: a duration/},
  'an overflowing TTL': {args: ['touch', 'k', '--ttl', `${'9'.repeat(40)}d`], says: /at most 36525d/},
  'two expiries': {
    args: ['put', 'k', 'v', '--ttl', '5m', '--expire-at', '2090-01-01T00:00:00Z'],
    says: /ttl and expire_time are both set; allowed: at most one.*\(INVALID_TTL\)/,
  },
  'two conditions': {args: ['put', 'k', 'v', '--if-absent', '--if-present'], says: /\(INVALID_CONDITION\)/},
  'a moment past': {args: ['put', 'k', 'v', '--expire-at', '2020-01-01T00:00:00Z'], says: /past.*\(INVALID_TTL\)/},
  'a content type with a line end': {
    args: ['put', 'k', 'v', '--content-type', 'a\nb'],
    says: /\(INVALID_CONTENT_TYPE\)/,
  },
  'a number to add past 64 bits': {args: ['incr', 'k', '9223372036854775808'], says: /from -2\^63 to 2\^63 - 1/},
  'a sum past 64 bits': {
    args: ['incr', 'k', '1', '--initial', '9223372036854775807'],
    says: /NUMBER_OVERFLOW/,
    code: 1,
  },
  'an unknown namespace': {args: ['get', 'k', '-n', 'nope'], says: /UNKNOWN_NAMESPACE/, code: 1},
  'an unknown namespace in a batch': {args: ['batch-get', 'k', '-n', 'nope'], says: /none called "nope"/, code: 1},
  'a purge of nothing': {args: ['purge', '--yes'], says: /either --prefix PREFIX or --all/},
};

for (const [name, {args, says, code, options}] of Object.entries(refused)) {
  test(`${name} is refused`, async t => {
    const end = await run(args, options);
    t.regex(end.stderr, says);
    t.is(end.code, code ?? 2);
    t.is(end.stdout.toString(), '');
    t.notRegex(end.stderr, /\n {4}at /, 'no stack');
  });
}

// What the bytes of an argument were is read from /proc, which other systems lack.
const ifLinux = process.platform === 'linux' ? test : test.skip;

ifLinux('an argument that is not UTF-8 is refused, and a real U+FFFD is not', async t => {
  const refusal = await shell(`$KRUSTY put "$(printf 'caf\\351')" v`, {address: fixture.address});
  t.is(refusal.code, 2);
  t.regex(refusal.stderr, /^krusty: argument 2, "caf\ufffd", is not valid UTF-8/);
  t.is((await run(['put', 'caf\ufffd', 'v'])).code, 0);
});

test('keys from a file that is not UTF-8 are refused', async t => {
  const path = join(folder, 'keys');
  writeFileSync(path, Buffer.from([0x61, 0xff, 0x0a]));
  const {code, stderr} = await run(['batch-get', '--keys-from', path]);
  t.is(code, 2);
  t.regex(stderr, /not all valid UTF-8/);
});

test('what a key says cannot steer the terminal', async t => {
  const {stderr} = await run(['get', '\u001b[2J\u202e']);
  t.is(stderr, 'no entry "\\u001b[2J\\u202e"\n');
});

const unknownKey = join(folder, 'unknown.toml');
writeFileSync(unknownKey, 'max-entires = 5\n');

const refusedStarts: Record<string, {args: string[]; env?: Record<string, string>; says: RegExp}> = {
  'a flag': {args: ['--port', '7070x'], says: /--port "7070x" is not allowed; allowed: a whole number from 0 to 65535/},
  'a variable': {args: [], env: {KRUSTY_MAX_ENTRIES: 'lots'}, says: /KRUSTY_MAX_ENTRIES "lots" is not allowed/},
  'a config file that is not there': {args: ['--config', '/no/such.toml'], says: /\/no\/such\.toml cannot be read/},
  'a folder as a config file': {args: ['--config', folder], says: /cannot be read/},
  'a config file with an unknown key': {args: ['--config', unknownKey], says: /no option "max-entires"; allowed: /},
  'a namespace without limits': {args: ['--namespace', 'a'], says: /namespace a has no max-entries/},
};

for (const [name, {args, env = {}, says}] of Object.entries(refusedStarts)) {
  test(`serve refuses ${name} at start`, async t => {
    const {code, stdout, stderr} = await krusty(['serve', ...args], {env});
    t.is(code, 2);
    t.is(stdout.toString(), '');
    t.regex(stderr, says);
    t.is(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}
