/** Watch over the wire, from the change to the client: causes, snapshots, resuming, gaps, refusals. */
import {WatchRequest_OnGap} from '../../src/gen/krusty/cache/v1/watch.js';
import {contractTest} from '../helpers/contract-test.js';
import {duration} from '../helpers/proto-times.js';
import {RpcError} from '../helpers/rpc-error.js';
import type {TestClient, WatchAsked} from '../helpers/test-client.js';
import {testThreads} from '../helpers/test-server.js';
import {bytes} from '../helpers/text.js';
import {WatchLines} from '../helpers/watch-lines.js';

const history = {historyBytes: 2 ** 20};
const everything = {targets: [{prefix: ''}]};

/** A watch that has begun. */
async function begun(client: TestClient, asked: WatchAsked = everything) {
  const call = client.watch(asked);
  const lines = new WatchLines(call);
  const [created] = await lines.take(1);
  if (created !== 'created') throw new Error(`it begins with ${created}`);
  return Object.assign(lines, {next: call.next, cancel: call.cancel});
}

function put(client: TestClient, key: string, value: string, ttlMs?: number) {
  return client.put({key, value: bytes(value), ttl: ttlMs === undefined ? undefined : duration(ttlMs)});
}

contractTest('each change comes with its cause, in order', async (t, start) => {
  const {client, clock, cache} = await start({...history, namespaces: [{maxEntries: 2}]});
  const watch = await begun(client);
  await put(client, 'a', '1');
  await put(client, 'a', '2');
  await client.touch({key: 'a', ttl: duration(1000)});
  await client.increment({key: 'n', delta: 5n});
  await put(client, 'b', '3');
  await client.delete({key: 'n'});
  await put(client, 'c', '4', 1000);
  clock.advance(1100);
  while (!cache.sweep(1000));
  await client.purge({prefix: 'b/'});
  await client.purge({all: true});
  t.deepEqual(await watch.take(11), [
    'put a=1',
    'put a=2',
    'touch a',
    'put n=5',
    'evict a for entries, was 2',
    'put b=3',
    'delete n',
    'put c=4',
    'expire c, was 4',
    'purge b/',
    'purge ',
  ]);
});

contractTest('a watch gets what it asks for and nothing else', async (t, start) => {
  const {client} = await start({...history, historyKeepsPrevious: true, namespaces: [{}, {name: 'other'}]});
  const watches = {
    key: await begun(client, {targets: [{key: 'a/1'}]}),
    prefix: await begun(client, {targets: [{prefix: 'a/'}]}),
    both: await begun(client, {targets: [{prefix: 'a/'}, {key: 'a/1'}, {key: 'b'}]}),
    other: await begun(client, {...everything, namespace: 'other'}),
    removals: await begun(client, {...everything, eventTypes: [3, 6]}),
    keys: await begun(client, {...everything, keysOnly: true, includePrevious: true}),
    previous: await begun(client, {...everything, includePrevious: true}),
  };
  await put(client, 'a/1', 'x');
  await put(client, 'a/1', 'y');
  await put(client, 'a/2', 'z');
  await client.delete({key: 'a/1'});
  await client.put({key: 'b', namespace: 'other', value: bytes('o')});
  await put(client, 'b', 'w');
  await client.purge({all: true});
  const ends = {
    key: 'purge ',
    prefix: 'purge ',
    both: 'purge ',
    removals: 'purge ',
    keys: 'purge ',
    previous: 'purge ',
  };
  const seen: Record<string, string[]> = {};
  for (const [name, end] of Object.entries(ends)) seen[name] = await watches[name as keyof typeof ends].until(end);
  t.deepEqual(seen, {
    key: ['put a/1=x', 'put a/1=y', 'delete a/1', 'purge '],
    prefix: ['put a/1=x', 'put a/1=y', 'put a/2=z', 'delete a/1', 'purge '],
    both: ['put a/1=x', 'put a/1=y', 'put a/2=z', 'delete a/1', 'put b=w', 'purge '],
    removals: ['delete a/1', 'purge '],
    keys: ['put a/1', 'put a/1, was ', 'put a/2', 'delete a/1, was ', 'put b', 'purge '],
    previous: ['put a/1=x', 'put a/1=y, was x', 'put a/2=z', 'delete a/1, was y', 'put b=w', 'purge '],
  });
  t.deepEqual(await watches.other.take(1), ['put b=o']);
});

contractTest('a snapshot lists what there is, then its end, then what comes', async (t, start) => {
  const {client} = await start(history);
  for (const key of ['a', 'b', 'c']) await put(client, key, key.toUpperCase());
  const watch = await begun(client, {...everything, initialState: true});
  t.deepEqual((await watch.take(3)).sort(), ['listed put a=A', 'listed put b=B', 'listed put c=C']);
  t.deepEqual(await watch.take(1), ['snapshotEnd']);
  await put(client, 'd', 'D');
  t.deepEqual(await watch.take(1), ['put d=D']);
});

contractTest('a watch goes on where its token says, whatever happened meanwhile', async (t, start) => {
  const {client} = await start(history);
  const first = await begun(client);
  await put(client, 'a', '1');
  t.deepEqual(await first.take(1), ['put a=1']);
  first.cancel();
  await put(client, 'a', '2');
  await client.delete({key: 'a'});
  const second = await begun(client, {...everything, resumeToken: first.token});
  await put(client, 'a', '3');
  t.deepEqual(await second.take(3), ['put a=2', 'delete a', 'put a=3']);
});

contractTest('a token of another life of the server is a gap, which heals', async (t, start) => {
  const {client} = await start(history);
  await put(client, 'a', '1');
  const watch = await begun(client, {...everything, resumeToken: '1.1'});
  t.deepEqual(await watch.take(3), ['gap: restarted', 'listed put a=1', 'snapshotEnd']);
  await put(client, 'a', '2');
  t.deepEqual(await watch.take(1), ['put a=2']);
  t.is((await client.getStats()).watch?.resyncs, 1n);
});

contractTest('a gap is OUT_OF_RANGE for who asks for it', async (t, start) => {
  const {client} = await start(history);
  const call = client.watch({...everything, resumeToken: '1.1', onGap: WatchRequest_OnGap.ON_GAP_FAIL});
  const error = await t.throwsAsync(call.next(), {instanceOf: RpcError});
  t.like(error, {code: 'OUT_OF_RANGE', reason: 'POSITION_GONE', domain: 'krusty.cache.v1'});
});

contractTest('a client that reads too slowly has a gap, which heals, and the rest is not held up', async (t, start) => {
  const {client} = await start(history);
  const slow = client.unreadWatch(everything);
  const quick = await begun(client);
  const value = 'v'.repeat(10_000);
  const keys = Array.from({length: 50}, (_, index) => `k${index}`);
  for (let round = 0; round < 8; round++) {
    for (const key of keys) await put(client, key, value);
    t.deepEqual(
      await quick.take(keys.length),
      keys.map(key => `put ${key}=${value}`),
    );
  }
  await client.delete({key: 'k0'});
  const lines = new WatchLines(slow.read());
  const before = await lines.until('gap: slow reader');
  t.is(before[0], 'created');
  t.true(before.length < 200, `${before.length} came before the gap`);
  const after = await lines.until('snapshotEnd');
  t.deepEqual(after.sort(), [...keys.slice(1).map(key => `listed put ${key}=${value}`), 'snapshotEnd'].sort());
  t.like((await client.getStats()).watch, {watchers: 2n, resyncs: 1n});
});

contractTest('a message stays below the size that was asked for', async (t, start) => {
  const {client} = await start(history);
  for (let index = 0; index < 30; index++) await put(client, `k${index}`, 'v'.repeat(10_000));
  await put(client, 'large', 'v'.repeat(100_000));
  const call = client.watch({...everything, initialState: true, maxResponseBytes: 65_536});
  let listed = 0;
  let omitted: string[] = [];
  for (;;) {
    const {message} = (await call.next())!;
    if (message?.$case === 'snapshotEnd') break;
    if (message?.$case !== 'events') continue;
    const {events} = message.value;
    listed += events.length;
    omitted = [...omitted, ...events.filter(each => each.entry?.valueOmitted).map(each => each.entry!.key)];
    const size = events.reduce((sum, each) => sum + each.entry!.value.length, 0);
    t.true(size < 65_536, `a message has ${size} bytes of values`);
  }
  t.is(listed, 31);
  t.deepEqual(omitted, ['large']);
});

contractTest('a bookmark comes when nothing else did', async (t, start) => {
  const {client, clock, cache} = await start(history);
  const watch = await begun(client, {targets: [{key: 'a'}], bookmarkInterval: duration(100)});
  const {revision} = await put(client, 'elsewhere', '1');
  await client.getStats();
  let known = 0n;
  // The thread that watches may hear of what another one does a little later.
  for (let ticks = testThreads === 1 ? 1 : 1000; ticks > 0 && known !== revision; ticks--) {
    clock.advance(100);
    cache.tick();
    const {message} = (await watch.next())!;
    t.is(message?.$case, 'bookmark');
    known = (message!.value as {revision: bigint}).revision;
  }
  t.is(known, revision);
});

contractTest('watches that end are counted, and forgotten', async (t, start) => {
  const {client} = await start(history);
  const [one, two] = [await begun(client), await begun(client)];
  await put(client, 'a', '1');
  for (const watch of [one, two]) await watch.take(1);
  const {watchers, watch} = await client.getStats();
  t.is(watchers, 2n);
  t.like(watch, {watchers: 2n, eventsDelivered: 2n, cancels: 0n, resyncs: 0n, slowestLagBytes: 0n});
  one.cancel();
  await t.throwsAsync(one.next());
  await client.checkHealth();
  t.like((await client.getStats()).watch, {watchers: 1n, cancels: 1n});
  t.is((await client.getStats()).watchers, 1n);
});

contractTest('watches that the server ends are told where to go on', async (t, start) => {
  const {client, cache} = await start(history);
  const watch = await begun(client);
  await put(client, 'a', '1');
  t.deepEqual(await watch.take(1), ['put a=1']);
  cache.stopWatches();
  t.deepEqual(await watch.take(1), ['draining']);
  const error = await t.throwsAsync(watch.next(), {instanceOf: RpcError});
  t.like(error, {code: 'UNAVAILABLE', reason: 'DRAINING', domain: 'krusty.cache.v1'});
  t.like((await client.getStats()).watch, {watchers: 0n, cancels: 0n});
  const refusal = await t.throwsAsync(begun(client, {...everything, resumeToken: watch.token}), {instanceOf: RpcError});
  t.like(refusal, {code: 'UNAVAILABLE', reason: 'DRAINING'});
});

const many = Array.from({length: 1001}, (_, index) => ({key: `k${index}`}));

const refused: Record<string, {asked: WatchAsked; reason: string; fields: string[]}> = {
  'no target': {asked: {}, reason: 'NO_TARGET', fields: ['targets']},
  'too many targets': {asked: {targets: many}, reason: 'INVALID_TARGET', fields: ['targets']},
  'a target that is neither': {asked: {targets: [{key: 'a'}, {}]}, reason: 'KEY_EMPTY', fields: ['targets[1].key']},
  'a target that is both': {
    asked: {targets: [{key: 'a', prefix: ''}]},
    reason: 'INVALID_TARGET',
    fields: ['targets[0].key'],
  },
  'a key too long': {
    asked: {targets: [{key: 'k'.repeat(1025)}]},
    reason: 'KEY_TOO_LONG',
    fields: ['targets[0].key'],
  },
  'a prefix too long': {
    asked: {targets: [{prefix: 'k'.repeat(1025)}]},
    reason: 'KEY_TOO_LONG',
    fields: ['targets[0].prefix'],
  },
  'a malformed token': {
    asked: {...everything, resumeToken: 'what?'},
    reason: 'MALFORMED_RESUME_TOKEN',
    fields: ['resume_token'],
  },
  'a bookmark interval too short': {
    asked: {...everything, bookmarkInterval: duration(99)},
    reason: 'INVALID_OPTION',
    fields: ['bookmark_interval'],
  },
  'a bookmark interval too long': {
    asked: {...everything, bookmarkInterval: {seconds: 2n ** 62n}},
    reason: 'INVALID_OPTION',
    fields: ['bookmark_interval'],
  },
  'a size too small': {
    asked: {...everything, maxResponseBytes: 65_535},
    reason: 'INVALID_OPTION',
    fields: ['max_response_bytes'],
  },
};

for (const [name, {asked, reason, fields}] of Object.entries(refused)) {
  contractTest(`Watch with ${name} is INVALID_ARGUMENT ${reason}`, async (t, start) => {
    const {client, faults} = await start(history);
    const error = await t.throwsAsync(client.watch(asked).next(), {instanceOf: RpcError});
    t.like(error, {code: 'INVALID_ARGUMENT', reason, domain: 'krusty.cache.v1'});
    t.deepEqual(
      error.violations.map(violation => violation.field),
      fields,
    );
    t.like((await client.getStats()).watch, {watchers: 0n, cancels: 0n});
    t.deepEqual(faults, []);
  });
}

contractTest('Watch of an unknown namespace is NOT_FOUND', async (t, start) => {
  const {client} = await start(history);
  const error = await t.throwsAsync(client.watch({...everything, namespace: 'x'}).next(), {instanceOf: RpcError});
  t.like(error, {code: 'NOT_FOUND', reason: 'UNKNOWN_NAMESPACE'});
});

contractTest('Watch and Explain where no history is kept are FAILED_PRECONDITION HISTORY_OFF', async (t, start) => {
  const {client} = await start();
  for (const call of [client.watch(everything).next(), client.explain({key: 'k'})]) {
    const error = await t.throwsAsync(call as Promise<unknown>, {instanceOf: RpcError});
    t.like(error, {code: 'FAILED_PRECONDITION', reason: 'HISTORY_OFF', domain: 'krusty.cache.v1'});
    t.regex(error.message, /watch-history/);
  }
  t.like(await client.getStats(), {watchers: 0n, watch: undefined});
});
