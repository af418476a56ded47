/** `/-/watch`: what its events look like, over a real connection. */
import {once} from 'node:events';
import {type IncomingMessage, request} from 'node:http';
import test from 'ava';
import {deleteOf, putOf, touchOf} from '../helpers/requests.js';
import {bytes} from '../helpers/text.js';
import {openEvents, startWatched} from './helpers/event-reader.js';

test('each change is an event with its name, its data and an id', async t => {
  const {cache, clock, address} = await startWatched(t, {namespaces: [{maxEntries: 2, policy: 'lru'}]});
  const reader = await openEvents(t, address, 'prefix=');
  const {revision} = cache.put(putOf('a', 'one\ntwo', {contentType: 'text/plain', ttlMs: 5000})) as {revision: number};
  const put = (await reader.next())!;
  t.is(put.event, 'put');
  t.deepEqual(JSON.parse(put.data), {
    key: 'a',
    revision: String(revision),
    text: 'one\ntwo',
    contentType: 'text/plain',
    expireTime: new Date(clock.wallMs() + 5000).toISOString(),
  });
  t.regex(put.id, /^[0-9a-z]+\.[0-9a-z]+$/);

  cache.touch(touchOf('a', {ttlMs: 9000}));
  const expireTime = new Date(clock.wallMs() + 9000).toISOString();
  t.deepEqual(await reader.take(1), [
    `touch {"key":"a","revision":"${revision}","contentType":"text/plain","expireTime":"${expireTime}"}`,
  ]);

  clock.advance(10_000);
  cache.sweep(1000);
  const expire = (await reader.next())!;
  t.is(expire.event, 'expire');
  const {key, previous} = JSON.parse(expire.data);
  t.deepEqual([key, previous.text], ['a', 'one\ntwo']);

  for (const name of ['b', 'c', 'd']) cache.put(putOf(name));
  const names = [];
  for (let count = 0; count < 4; count++) names.push((await reader.next())!);
  const evict = names.find(({event}) => event === 'evict')!;
  t.is(JSON.parse(evict.data).evictionLimit, 'entries');

  cache.delete(deleteOf('d'));
  cache.purge({prefix: 'c', namespace: '', all: false});
  const [gone, purge] = [(await reader.next())!, (await reader.next())!];
  t.deepEqual([gone.event, JSON.parse(gone.data).key], ['delete', 'd']);
  t.deepEqual([purge.event, JSON.parse(purge.data).prefix], ['purge', 'c']);
});

test('a value that is no UTF-8 comes in base64, and any does where that is asked for', async t => {
  const {cache, address} = await startWatched(t);
  const [json, base64, none] = await Promise.all(
    ['json', 'base64', 'none'].map(values => openEvents(t, address, `prefix=&values=${values}`)),
  );
  cache.put(putOf('binary', '', {value: Uint8Array.of(0xff, 0x00)}));
  cache.put(putOf('text', 'é'));
  const data = async (reader: typeof json) => JSON.parse((await reader!.next())!.data);
  t.is((await data(json)).value, '/wA=');
  t.is((await data(json)).text, 'é');
  t.is((await data(base64)).value, '/wA=');
  t.is((await data(base64)).value, 'w6k=');
  t.deepEqual(Object.keys(await data(none)), ['key', 'revision']);
});

test('with values=text the data is the value alone, line for line', async t => {
  const {cache, address} = await startWatched(t);
  const reader = await openEvents(t, address, 'key=a&values=text');
  for (const value of ['hello', '', ' two\n\nlines\n', 'a\r\nb\rc', 'one\u2028line', 'id: 7\n\nevent: evil']) {
    cache.put(putOf('a', value));
    t.deepEqual(await reader.take(1), [`put ${value.replaceAll(/\r\n?/g, '\n')}`]);
  }
  cache.put(putOf('a', '', {value: Uint8Array.of(0xff)}));
  t.deepEqual(await reader.take(1), ['omitted ']);
  cache.delete(deleteOf('a'));
  t.deepEqual(await reader.take(1), ['delete ']);
});

test('with `initial` everything that there is comes first, and says that it was there', async t => {
  const {cache, address} = await startWatched(t);
  cache.put(putOf('user/1', 'a'));
  cache.put(putOf('other', 'b'));
  const reader = await openEvents(t, address, 'prefix=user%2F&key=single&initial');
  const listed = (await reader.next())!;
  t.deepEqual([listed.event, JSON.parse(listed.data).text], ['listed', 'a']);
  t.is((await reader.next())!.event, 'snapshot-end');
  cache.put(putOf('other', 'c'));
  cache.put(putOf('single', 'd'));
  t.is(JSON.parse((await reader.next())!.data).key, 'single');
});

test('only the types that are asked for come, and what was before where that is', async t => {
  const {cache, address} = await startWatched(t);
  const reader = await openEvents(t, address, 'prefix=&events=delete,expire&events=purge&previous');
  cache.put(putOf('a', 'x'));
  cache.delete(deleteOf('a'));
  const {event, data} = (await reader.next())!;
  t.deepEqual([event, JSON.parse(data).previous.text], ['delete', 'x']);
});

test('what begins the stream and what keeps it alive tell nobody, but move the id on', async t => {
  const {cache, clock, address} = await startWatched(t, {http: {random: () => 0.5}});
  const reader = await openEvents(t, address, 'prefix=b');
  await reader.until(() => reader.lastId !== '');
  t.is(reader.retryMs, 2000);
  const first = reader.lastId;
  cache.put(putOf('a'));
  await new Promise(resolve => setImmediate(resolve));
  clock.advance(14_999);
  cache.tick();
  clock.advance(1);
  cache.tick();
  await reader.until(() => reader.comments.length === 2);
  await reader.until(() => reader.lastId !== first);
  t.deepEqual(reader.comments, ['watching', 'still here']);
  t.not(reader.lastId, first);
});

test('a server that goes away says so, and ends the stream as it should', async t => {
  const {cache, address} = await startWatched(t);
  const reader = await openEvents(t, address, 'prefix=');
  cache.stopWatches();
  t.deepEqual(await reader.take(2), ['draining {}', 'the end']);
  t.true(await reader.ended);
});

const refused: Record<string, [query: string, status: number, reason: string, field?: string]> = {
  'no target': ['', 400, 'INVALID_PARAMETER', 'prefix'],
  'an empty key': ['key=', 400, 'KEY_EMPTY', 'targets[0].key'],
  'an unknown parameter': ['prefix=&valeus=text', 400, 'UNKNOWN_PARAMETER', 'valeus'],
  'a parameter twice': ['prefix=&namespace=a&namespace=b', 400, 'INVALID_PARAMETER', 'namespace'],
  'an unknown type of change': ['prefix=&events=put,put!', 400, 'INVALID_PARAMETER', 'events'],
  'an unknown form': ['prefix=&values=xml', 400, 'INVALID_PARAMETER', 'values'],
  'text of a prefix': ['prefix=a&values=text', 400, 'INVALID_PARAMETER', 'values'],
  'text of two keys': ['key=a&key=b&values=text', 400, 'INVALID_PARAMETER', 'values'],
  'a flag that is none': ['prefix=&initial=yes', 400, 'INVALID_PARAMETER', 'initial'],
  'a bad escape': ['prefix=%f', 400, 'MALFORMED_TARGET'],
  'bytes that are no UTF-8': ['prefix=%ff', 400, 'MALFORMED_TARGET'],
  'an unknown namespace': ['prefix=&namespace=nowhere', 404, 'UNKNOWN_NAMESPACE', 'namespace'],
};

test('what only a programmer can mend is refused before the stream begins', async t => {
  const {address} = await startWatched(t);
  for (const [what, [query, status, reason, field]] of Object.entries(refused)) {
    const response = await ask(`http://${address}/-/watch?${query}`);
    t.is(response.statusCode, status, what);
    const {details} = JSON.parse(await textOf(response));
    t.is(details[0].reason, reason, what);
    t.is(details[1]?.fieldViolations[0].field, field, what);
  }
});

test('where no history is kept, there is nothing to watch', async t => {
  const {address} = await startWatched(t, {historyBytes: 0});
  const response = await ask(`http://${address}/-/watch?prefix=`);
  t.is(response.statusCode, 409);
  t.regex(await textOf(response), /HISTORY_OFF/);
});

test('HEAD tells the type and begins no watch', async t => {
  const {cache, address} = await startWatched(t);
  const response = await ask(`http://${address}/-/watch?prefix=`, 'HEAD');
  t.is(response.headers['content-type'], 'text/event-stream');
  t.is(await textOf(response), '');
  t.is(cache.stats().watch?.watchers, 0);
});

test('HEAD is refused for what GET is refused for', async t => {
  const {address} = await startWatched(t);
  const many = Array.from({length: 1001}, () => 'key=a').join('&');
  for (const query of ['', 'prefix=&namespace=nowhere', many, 'prefix=&from=made-up', `key=${'a'.repeat(1025)}`]) {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map(method => ask(`http://${address}/-/watch?${query}`, method)),
    );
    t.is(head!.statusCode, get!.statusCode, query.slice(0, 40));
    get!.destroy();
  }
});

test('a key in the query is any key', async t => {
  const {cache, address} = await startWatched(t);
  const key = 'a/b c+%41&=\n\u{1f980}';
  const reader = await openEvents(t, address, `key=${encodeURIComponent(key)}`);
  cache.put({...putOf(key), value: bytes('x')});
  t.is(JSON.parse((await reader.next())!.data).key, key);
});

async function ask(url: string, method = 'GET'): Promise<IncomingMessage> {
  const asked = request(url, {agent: false, method}).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}
