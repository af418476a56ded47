/** How keys, values and moments look as text, and which text stands for which moment. */
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {resolveAddress, serverEnvironment} from '../../cli/lib/address.js';
import {parseCount, parseInt64, parseMoment, parseRevision, parseTimeoutMs, parseTtl} from '../../cli/lib/arguments.js';
import {unknownCommand} from '../../cli/lib/command-not-found.js';
import {formatMoment, toJson} from '../../cli/lib/json.js';
import {expiryText} from '../../cli/lib/render.js';
import {escapeControls, hexdump, oneLine, quote, terminalText} from '../../cli/lib/text.js';
import {readInput, terminalPicture} from '../../cli/lib/values.js';
import {bytes} from './helpers/fixture.js';

test('plain text stands as it is on a line, everything else as a JSON string that reads back', t => {
  for (const plain of ['a', 'a b', "it's", 'é😀', '\\n', 'base64:x']) t.is(oneLine(plain), plain);
  for (const odd of ['', '"', ' a', 'a ', 'a\nb', '\t', '\u001b[0m', '\u0085', '\u202e', '\ufeffa', '\u2028']) {
    t.regex(oneLine(odd), /^"[^\p{Cc}\u2028\u202e\ufeff]*"$/u);
    t.is(JSON.parse(oneLine(odd)), odd);
  }
  t.is(quote('a'), '"a"');
});

test('messages keep their lines and nothing else that steers a terminal', t => {
  t.is(escapeControls('one\ntwo\r\u001b[2J'), 'one\ntwo\\u000d\\u001b[2J');
});

test('a terminal gets text with a line end, and a dump of anything else', t => {
  t.deepEqual(terminalPicture(bytes('hi')), {picture: 'hi\n'});
  t.deepEqual(terminalPicture(bytes('hi\r\n\tthere\n')), {picture: 'hi\r\n\tthere\n'});
  t.deepEqual(terminalPicture(bytes('')), {picture: ''});
  for (const value of [bytes('\u001b[31m'), bytes('a\rb'), bytes('\u009b1m'), new Uint8Array([0x80])]) {
    t.is(terminalText(value), undefined);
    t.notRegex(terminalPicture(value).picture, /(?!\n)\p{Cc}/u);
  }
  const {picture, notice} = terminalPicture(new Uint8Array(1000));
  t.is(picture.split('\n').length, 17);
  t.regex(notice!, /^1,000 bytes .* first 256; -o FILE/);
  t.is(hexdump(bytes('0123456789abcdef\n')).split('\n')[1]!.trimEnd(), `00000010  0a${' '.repeat(45)}  .`);
});

test('moments are RFC 3339 with as many thousandths as they need, and read back', t => {
  const moments = [
    '1970-01-01T00:00:00Z',
    '2026-11-22T23:20:13.469Z',
    '2026-11-22T23:20:13.469776Z',
    '2090-12-31T23:59:59.000000001Z',
  ];
  for (const text of moments) t.is(formatMoment(parseMoment('--expire-at', text)!), text);
  t.is(formatMoment(parseMoment('--expire-at', '2027-01-31T18:00:00.5+01:00')!), '2027-01-31T17:00:00.500Z');
  for (const wrong of [
    '',
    '2027',
    '2027-01-31',
    '2027-02-29T00:00:00Z',
    '2027-01-31T18:00:00',
    '2027-01-31T25:00:00Z',
    'x',
  ]) {
    t.throws(() => parseMoment('--expire-at', wrong), {message: /as in RFC 3339/}, wrong);
  }
});

test('TTLs are exact to the millisecond, and never become zero', t => {
  t.deepEqual(parseTtl('--ttl', '1h30m'), {seconds: 5400n, nanos: 0});
  t.deepEqual(parseTtl('--ttl', '250ms'), {seconds: 0n, nanos: 250_000_000});
  t.deepEqual(parseTtl('--ttl', '36525d'), {seconds: 3_155_760_000n, nanos: 0});
  t.deepEqual(parseTtl('--ttl', '0.0000001ms'), {seconds: 0n, nanos: 1});
  t.is(parseTtl('--ttl', undefined), undefined);
});

test('what is no TTL, revision, count or timeout is refused with what is allowed', t => {
  for (const wrong of ['soon', '', '-1', '0', '5 m', '1e3', '36526d']) {
    t.throws(() => parseTtl('--ttl', wrong), {message: /^--ttl ".*" is not allowed; allowed: a duration/}, wrong);
  }
  for (const wrong of ['', '-1', '1.0', 'x', '18446744073709551616']) {
    t.throws(() => parseRevision('--if-revision', wrong), {message: /allowed: a revision/}, wrong);
  }
  for (const wrong of ['', '0', '-1', '1.5', 'all']) {
    t.throws(() => parseCount('--limit', wrong), {message: /allowed: a whole number of at least 1/}, wrong);
  }
  for (const wrong of ['', '0', '25h', '-5s']) {
    t.throws(() => parseTimeoutMs(wrong), {message: /allowed: a duration from 1ms to 24h/}, wrong);
  }
});

test('64-bit numbers end where they should', t => {
  t.is(parseInt64('n', '-9223372036854775808'), -(2n ** 63n));
  t.is(parseInt64('n', '+7'), 7n);
  for (const wrong of ['-9223372036854775809', '9223372036854775808', '', '1.5', '0x10', ' 1']) {
    t.throws(() => parseInt64('n', wrong), {message: /from -2\^63/}, wrong);
  }
});

test('JSON has 64-bit integers as strings, bytes in base64, durations in seconds', t => {
  const message = {
    big: 2n ** 60n,
    bytes: new Uint8Array([255]),
    maxTtl: {seconds: 90n, nanos: 5e8},
    unset: undefined,
    outcome: 1,
  };
  t.deepEqual(toJson(message, {OUTCOME_X: 1}), {
    big: '1152921504606846976',
    bytes: '/w==',
    maxTtl: '90.500s',
    outcome: 'OUTCOME_X',
  });
});

test('a mistyped command gets the nearest name, and nonsense gets none', t => {
  const meant = {
    gett: 'get',
    puts: 'put',
    pu: 'put',
    batchget: 'batch-get',
    sats: 'stats',
    serv: 'serve',
    delet: 'delete',
  };
  for (const [typed, name] of Object.entries(meant))
    t.regex(unknownCommand(typed).message, new RegExp(`mean ${name}\\?$`));
  t.is(unknownCommand('\u001b').message, 'there is no command "\\u001b". All commands: krusty help');
  t.regex(unknownCommand('qwertyuiop').message, /All commands: krusty help$/);
});

test('an expiry that the clocks disagree about is shown as the moment', t => {
  t.is(expiryText(undefined), 'never');
  t.is(expiryText({seconds: 0n, nanos: 0}), 'at 1970-01-01T00:00:00Z');
});

test('addresses have a host, a port, and loopback for "all of mine"', t => {
  t.is(resolveAddress(undefined, {}), '127.0.0.1:7070');
  t.is(resolveAddress('cache.internal', {KRUSTY_PORT: '8080'}), 'cache.internal:8080');
  t.is(resolveAddress('localhost:1', {KRUSTY_PORT: '8080'}), 'localhost:1');
  t.is(resolveAddress('0.0.0.0:1', {}), '127.0.0.1:1');
  t.is(resolveAddress('::', {}), '[::1]:7070');
  t.is(resolveAddress('[fe80::1]:5', {}), '[fe80::1]:5');
  for (const wrong of ['http://x', 'x:0', 'x:99999', 'x:', ':1', 'a b', 'x:1:2x', '[::1']) {
    t.throws(() => resolveAddress(wrong, {}), {message: /allowed: HOST:PORT/}, wrong);
  }
});

test('a server gets host and port of KRUSTY_ADDRESS apart', t => {
  t.deepEqual(serverEnvironment({KRUSTY_ADDRESS: '[::1]:5'}), {KRUSTY_ADDRESS: '::1', KRUSTY_PORT: '5'});
  t.deepEqual(serverEnvironment({KRUSTY_ADDRESS: 'h:5', KRUSTY_PORT: '6'}), {KRUSTY_ADDRESS: 'h', KRUSTY_PORT: '6'});
  for (const same of [{}, {KRUSTY_ADDRESS: '::1'}, {KRUSTY_ADDRESS: '0.0.0.0'}])
    t.deepEqual(serverEnvironment(same), same);
});

test('an input is read up to a bound, and no further', async t => {
  const itself = fileURLToPath(import.meta.url);
  t.true((await readInput(itself)).length > 1000);
  await t.throwsAsync(readInput(itself, 1000), {message: /has more than 1000b, which is the most/});
  await t.throwsAsync(readInput(dirname(itself)), {message: /cannot be read: EISDIR/});
});
