/** `krusty watch` and `krusty why` against a real server: from the change to the line. */
import test, {type ExecutionContext} from 'ava';
import {createServer} from '../../src/server/index.js';
import {transports} from '../../src/server/options.js';
import {bytes, useServer} from './helpers/fixture.js';
import {ended, krusty, startKrusty} from './helpers/krusty.js';

const tiny = {maxEntries: 2, maxMemoryBytes: 2 ** 20, ttlJitter: 0};
const fixture = useServer(test, {namespaces: {tiny, odd: {...tiny, maxEntries: 100}}, watchPrevious: true});
const {run} = fixture;

/** A watch that runs until its output holds a mark. */
function startWatch(t: ExecutionContext, args: readonly string[], address = fixture.address) {
  const child = startKrusty(['watch', ...args], {address});
  t.teardown(() => child.kill('SIGKILL'));
  const end = ended(child);
  let [stdout, stderr] = ['', ''];
  let check = () => {};
  child.stdout!.on('data', chunk => {
    stdout += chunk;
    check();
  });
  child.stderr!.on('data', chunk => {
    stderr += chunk;
    check();
  });
  const says = (mark: RegExp) =>
    new Promise<void>((resolve, reject) => {
      check = () => mark.test(stdout + stderr) && resolve();
      check();
      end.then(({stderr: words}) => reject(new Error(`ended without ${mark}: ${words}`)), reject);
    });
  return {
    says,
    /** What it wrote until it held the mark, without times. */
    async until(mark: RegExp): Promise<string> {
      await says(mark);
      child.kill('SIGINT');
      await end;
      return stdout.replace(/^\d\d:\d\d:\d\d {2}/gm, '');
    },
  };
}

const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

test('every kind of change is a line', async t => {
  const {client} = fixture;
  const watch = startWatch(t, ['kinds', '--prefix', 'kinds:', '--previous']);
  await watch.says(/watching 2 keys and prefixes/);
  await client.put({key: 'kinds', value: bytes('one')});
  await client.put({key: 'other', value: bytes('not seen')});
  await client.put({key: 'kinds', value: bytes('two'), ttl: {seconds: 60n, nanos: 0}});
  await client.touch({key: 'kinds', noExpiry: true});
  await client.delete({key: 'kinds'});
  await client.increment({key: 'kinds:n', delta: 5n});
  await client.purge({prefix: 'kin'});
  await client.put({key: 'kinds:e', value: bytes('short'), ttl: {seconds: 0n, nanos: 1e6}});
  t.is(
    // How the moment is written depends on whether it has passed when the line is.
    (await watch.until(/expired/)).replace(/(in \d+ms|at \S+Z)$/m, 'soon'),
    `stored   kinds = one
stored   kinds = two  was one  expires in 1m
touched  kinds  never expires
deleted  kinds  was two
stored   kinds:n = 5
purged   every key that begins with "kin"
stored   kinds:e = short  expires soon
expired  kinds:e  was short
`,
  );
});

test('an eviction says which limit it kept, and why says so later', async t => {
  const watch = startWatch(t, ['--all', '-n', 'tiny', '--events', 'evict']);
  await watch.says(/watching every key/);
  for (const key of ['1', '2', '3']) await fixture.client.put({namespace: 'tiny', key, value: bytes('v')});
  t.is(await watch.until(/evicted/), 'evicted  1  was v  to keep the limit on entries\n');
  const {code, stdout} = await run(['why', '1', '-n', 'tiny']);
  t.regex(
    stdout.toString(),
    /^"1" was evicted (\S+ ago|just now) \(\S+Z\), to keep the limit on entries of its namespace\. /,
  );
  t.is(code, 0);
});

test('odd keys and bytes come through as JSON, keys and values exact', async t => {
  const keys = ['two\nlines', ' a ', '\u001b[2J', '😀', '"', 'zero\0byte'];
  const value = new Uint8Array([0, 255, 10]);
  for (const key of keys) await fixture.client.put({namespace: 'odd', key, value});
  const watch = startWatch(t, ['--all', '-n', 'odd', '--initial', '--json']);
  const seen = objects(await watch.until(/snapshotEnd/));
  t.deepEqual(
    seen
      .filter(({listed}) => listed)
      .map(({entry}) => entry.key)
      .sort(),
    keys.sort(),
  );
  t.true(seen.every(({entry}) => !entry || entry.value === 'AP8K'));
  t.is(typeof seen.at(-1)!.resumeToken, 'string');
});

test('--from goes on behind any line, and misses nothing', async t => {
  const watch = startWatch(t, ['--prefix', 'from:', '--json']);
  await watch.says(/watching/);
  for (let n = 0; n < 5; n++) await fixture.client.put({key: `from:${n}`, value: bytes('v')});
  const first = objects(await watch.until(/from:4/));
  await fixture.client.put({key: 'from:end', value: bytes('v')});
  for (const [index, {resumeToken}] of first.entries()) {
    const again = startWatch(t, ['--prefix', 'from:', '--json', '--from', resumeToken]);
    const keys = objects(await again.until(/from:end/)).map(({entry}) => entry.key);
    const rest = [...first.slice(index + 1).map(({entry}) => entry.key), 'from:end'];
    t.deepEqual(keys.slice(-rest.length), rest); // what came in one message may come again before it
  }
});

for (const transport of transports) {
  test(`${transport}: a server that is restarted is found again: a gap, then what there is`, async t => {
    const options = {transport, maxMemoryBytes: 2 ** 24};
    const before = await createServer({...options, port: 0});
    const watch = startWatch(t, ['--all'], before.address);
    await watch.says(/watching/);
    await before.close();
    await watch.says(/the server is shutting down; connecting again/);
    const after = await createServer({...options, port: Number(before.address.split(':')[1])});
    t.teardown(() => after.close());
    t.is(
      await watch.until(/complete/),
      'gap      changes were missed: the server was restarted\ncomplete 0 entries listed; what else there was is gone\n',
    );
  });
}

test('why tells what happened last, and ends with 3 where there is nothing to tell', async t => {
  const {client} = fixture;
  const why = async (key: string) => {
    const {code, stdout} = await run(['why', key]);
    return [code, stdout.toString().replace(/(just now|\S+ ago) \(\S+Z\)/, 'WHEN')];
  };
  await client.put({key: 'why:put', value: bytes('v')});
  t.deepEqual(await why('why:put'), [0, '"why:put" was stored WHEN. It is there now.\n']);
  await client.touch({key: 'why:put', ttl: {seconds: 60n, nanos: 0}});
  t.deepEqual(await why('why:put'), [0, '"why:put" got a new expiry WHEN. It is there now.\n']);
  await client.delete({key: 'why:put'});
  t.deepEqual(await why('why:put'), [0, '"why:put" was deleted WHEN. There is no such entry now.\n']);
  await client.purge({prefix: 'why:'});
  const purged = 'every key that begins with "why:" was purged WHEN. There is no such entry now.\n';
  t.deepEqual(await why('why:put'), [0, purged]);
  const nothing = 'as far back as the history reaches, which began WHEN. There is no such entry now.\n';
  t.deepEqual(await why('nowhere\n'), [3, `nothing happened to "nowhere\\n" ${nothing}`]);
});

test('without a history, both end at once and say so', async t => {
  const server = await createServer({port: 0, maxMemoryBytes: 2 ** 24, watchHistoryBytes: 0});
  t.teardown(() => server.close());
  for (const args of [
    ['watch', 'a'],
    ['why', 'a'],
  ]) {
    const {code, stderr} = await krusty(args, {address: server.address});
    t.is(code, 1);
    t.regex(stderr, /^krusty: .*\(HISTORY_OFF\)\n$/);
  }
});

test('what the server refuses ends a watch with 2', async t => {
  for (const args of [['a', '--from', 'nonsense'], [''], ['k'.repeat(2000)]]) {
    const {code, stderr} = await run(['watch', ...args]);
    t.is(code, 2, stderr);
  }
});
