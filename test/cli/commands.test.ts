/** What each command does and says, in words and as JSON. */
import test from 'ava';
import {bytes, useServer} from './helpers/fixture.js';
import {parsed} from './helpers/krusty.js';

const limits = {maxEntries: 10, maxMemoryBytes: 2 ** 20, ttlJitter: 0};
const namespaces = {sessions: limits, emptied: limits};
const fixture = useServer(test, {namespaces});
const {run} = fixture;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}){1,3})?Z$/;

test('put says what it did on stderr, and get writes the value alone to stdout', async t => {
  const put = await run(['put', 'greeting', 'hello', '--ttl', '5m']);
  t.is(put.code, 0);
  t.is(put.stdout.toString(), '');
  t.regex(put.stderr, /^stored "greeting" at revision \d+; it expires in (5m|4m5\ds)\n$/);
  const get = await run(['get', 'greeting']);
  t.deepEqual({...get, stdout: get.stdout.toString()}, {code: 0, signal: null, stdout: 'hello', stderr: ''});
});

test('set, del and mget are put, delete and batch-get', async t => {
  const set = await run(['set', 'alias', 'v', '-q']);
  t.is(set.code, 0);
  t.is(set.stderr, '');
  t.is((await run(['mget', 'alias'])).stdout.toString(), 'alias\tv\n');
  t.is((await run(['del', 'alias'])).stderr, 'deleted "alias"\n');
});

test('put and get answer JSON with bytes in base64 and revisions as strings', async t => {
  const args = ['put', 'json', 'é', '--content-type', 'text/plain', '--expire-at', '2090-01-02T03:04:05.5Z', '--json'];
  const put = parsed((await run(args)).stdout) as {revision: string};
  t.deepEqual(put, {outcome: 'OUTCOME_STORED', revision: put.revision, expireTime: '2090-01-02T03:04:05.500Z'});
  t.regex(put.revision, /^\d{16}$/);
  t.deepEqual(parsed((await run(['get', 'json', '--json'])).stdout), {
    outcome: 'OUTCOME_HIT',
    entry: {value: 'w6k=', revision: put.revision, contentType: 'text/plain', expireTime: '2090-01-02T03:04:05.500Z'},
  });
});

test('get --metadata shows everything but the value', async t => {
  const {revision} = await fixture.client.put({key: 'meta', value: bytes('v'), contentType: 'text/x-test'});
  const words = (await run(['get', 'meta', '--metadata'])).stdout.toString();
  for (const part of [revision.toString(), 'text/x-test', /expires +never/, /key +meta/, /namespace +default/]) {
    t.true(typeof part === 'string' ? words.includes(part) : part.test(words), String(part));
  }
  const {entry} = parsed((await run(['get', 'meta', '-m', '--json'])).stdout) as {entry: Record<string, string>};
  t.regex(entry.updateTime!, rfc3339);
  t.is(entry.value, undefined);
  t.is(entry.sizeBytes, (await fixture.client.get({key: 'meta', view: 2})).entry!.sizeBytes.toString());
});

test('--namespace keeps keys apart', async t => {
  await run(['put', 'apart', 'here', '-n', 'sessions']);
  t.is((await run(['get', 'apart', '--namespace', 'sessions'])).stdout.toString(), 'here');
  t.is((await run(['get', 'apart'])).code, 3);
});

test('get --touch sets a new expiry, put --keep-ttl keeps it and --no-expiry ends it', async t => {
  const expiry = async () => (await fixture.client.get({key: 'touched'})).entry!.expireTime;
  await run(['put', 'touched', '1']);
  await run(['get', 'touched', '--touch', '1h']);
  const first = await expiry();
  t.truthy(first);
  await run(['put', 'touched', '2', '--keep-ttl']);
  t.deepEqual(await expiry(), first);
  await run(['put', 'touched', '3', '--no-expiry']);
  t.is(await expiry(), undefined);
});

test('--return-previous writes the value that was there', async t => {
  t.is((await run(['put', 'previous', 'one', '--return-previous'])).stdout.toString(), '');
  t.is((await run(['put', 'previous', 'two', '--return-previous'])).stdout.toString(), 'one');
  t.is((await run(['delete', 'previous', '--return-previous'])).stdout.toString(), 'two');
});

test('delete answers JSON', async t => {
  await fixture.client.put({key: 'deleted', value: bytes('v')});
  const {revision, ...rest} = parsed((await run(['delete', 'deleted', '--json'])).stdout) as Record<string, unknown>;
  t.regex(revision as string, /^\d{16}$/);
  t.deepEqual(rest, {outcome: 'OUTCOME_DELETED'});
});

test('touch changes the expiry, and says which it is', async t => {
  await fixture.client.put({key: 'touch', value: bytes('v')});
  t.regex((await run(['touch', 'touch', '--ttl', '90s'])).stderr, /^"touch" expires in 1m(30|2\d)s\n$/);
  const answer = parsed((await run(['touch', 'touch', '--no-expiry', '--json'])).stdout);
  t.deepEqual(answer, {outcome: 'OUTCOME_TOUCHED'});
});

test('incr writes the sum, adds negative numbers, and keeps all 64 bits', async t => {
  const sum = async (...args: string[]) => (await run(['incr', 'counter', ...args])).stdout.toString();
  t.is(await sum('--initial', '-3'), '-2\n');
  t.is(await sum('-5'), '-7\n');
  t.is(await sum('9223372036854775807'), '9223372036854775800\n');
  const {value} = parsed((await run(['incr', 'counter', '7', '--json'])).stdout) as {value: string};
  t.is(value, '9223372036854775807');
});

test('list pages by itself, to the end or to the limit', async t => {
  const requests = Array.from({length: 1200}, (_, index) => ({key: `page:${index}`, value: bytes('v')}));
  for (const request of requests) await fixture.client.put(request);
  const all = (await run(['list', 'page:'])).stdout.toString().trimEnd().split('\n');
  t.deepEqual(all.sort(), requests.map(({key}) => key).sort());
  const few = (await run(['list', 'page:', '--limit', '1100'])).stdout.toString().trimEnd().split('\n');
  t.is(few.length, 1100);
  const json = parsed((await run(['list', 'page:', '--limit', '3', '--json'])).stdout) as {entries: {key: string}[]};
  t.is(json.entries.length, 3);
  t.true(json.entries.every(({key}) => all.includes(key)));
});

test('list --long is a table, and of no keys it is empty in every form', async t => {
  await fixture.client.put({key: 'long:a b', value: bytes('v'), ttl: {seconds: 3600n, nanos: 0}});
  const [header, row, end] = (await run(['list', 'long:', '--long'])).stdout.toString().split('\n');
  t.regex(header!, /^ +REVISION +BYTES +EXPIRES +KEY$/);
  t.regex(row!, /^\d{16} +\d+ +in (1h|59m\d+s) +long:a b$/);
  t.is(end, '');
  t.is((await run(['list', 'nothing:', '--long'])).stdout.toString(), '');
  t.deepEqual(parsed((await run(['list', 'nothing:', '--json'])).stdout), {entries: []});
});

test('purge removes a prefix and leaves the rest', async t => {
  for (const key of ['purge:1', 'purge:2', 'purged-not']) await fixture.client.put({key, value: bytes('v')});
  const {revision} = parsed((await run(['purge', '--prefix', 'purge:', '--yes', '--json'])).stdout) as {
    revision: string;
  };
  t.regex(revision, /^\d{16}$/);
  t.is((await run(['list', 'purge'])).stdout.toString(), 'purged-not\n');
});

test('purge --all empties a namespace, but not without a yes', async t => {
  await fixture.client.put({key: 'stays', namespace: 'emptied', value: bytes('v')});
  const unasked = await run(['purge', '--all', '-n', 'emptied']);
  t.is(unasked.code, 2);
  t.regex(unasked.stderr, /every key in the namespace emptied.*--yes/);
  t.is((await run(['get', 'stays', '-n', 'emptied'])).code, 0);
  t.is((await run(['purge', '--all', '-n', 'emptied', '-y'])).code, 0);
  t.is((await run(['get', 'stays', '-n', 'emptied'])).code, 3);
});

test('stats shows limits and counters, for all and for each namespace', async t => {
  const words = (await run(['stats'])).stdout.toString();
  t.regex(words, /all +default +sessions +emptied/);
  t.regex(words, /limits +keys 1kb, values 1mb/);
  const json = parsed((await run(['stats', '--json'])).stdout) as {total: object; namespaces: {name: string}[]};
  t.deepEqual(
    json.namespaces.map(({name}) => name),
    ['default', 'sessions', 'emptied'],
  );
  t.like(json.total, {maxMemoryBytes: String(64 * 2 ** 20)});
});

test('ping tells the round trip', async t => {
  t.regex((await run(['ping'])).stdout.toString(), /^127\.0\.0\.1:\d+ is serving; round trip [\d.]+ ms/);
  const json = parsed((await run(['ping', '--json'])).stdout) as Record<string, unknown>;
  t.like(json, {address: fixture.address, status: 'SERVING'});
  t.is(typeof json.roundTripMs, 'number');
  const quiet = await run(['ping', '--quiet']);
  t.is(`${quiet.stdout}${quiet.stderr}`, '');
});
