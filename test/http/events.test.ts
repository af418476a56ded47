/** `/-/watch`: what its events look like, over a real connection. */
import {deleteOf, putOf, touchOf} from '../helpers/requests.js';
import {bytes} from '../helpers/text.js';
import {eventsTest} from './helpers/event-reader.js';
import {statusBody} from './helpers/http-parts.js';

eventsTest('each change is an event with its name, its data and an id', async (t, start) => {
  const {cache, clock, openEvents} = await start({namespaces: [{maxEntries: 2, policy: 'lru'}]});
  const reader = await openEvents('prefix=');
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

eventsTest('a value that is no UTF-8 comes in base64, and any does where that is asked for', async (t, start) => {
  const {cache, openEvents} = await start();
  const [json, base64, none] = await Promise.all(
    ['json', 'base64', 'none'].map(values => openEvents(`prefix=&values=${values}`)),
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

eventsTest('with values=text the data is the value alone, line for line', async (t, start) => {
  const {cache, openEvents} = await start();
  const reader = await openEvents('key=a&values=text');
  for (const value of ['hello', '', ' two\n\nlines\n', 'a\r\nb\rc', 'one\u2028line', 'id: 7\n\nevent: evil']) {
    cache.put(putOf('a', value));
    t.deepEqual(await reader.take(1), [`put ${value.replaceAll(/\r\n?/g, '\n')}`]);
  }
  cache.put(putOf('a', '', {value: Uint8Array.of(0xff)}));
  t.deepEqual(await reader.take(1), ['omitted ']);
  cache.delete(deleteOf('a'));
  t.deepEqual(await reader.take(1), ['delete ']);
});

eventsTest('with `initial` everything that there is comes first, and says that it was there', async (t, start) => {
  const {cache, openEvents} = await start();
  cache.put(putOf('user/1', 'a'));
  cache.put(putOf('other', 'b'));
  const reader = await openEvents('prefix=user%2F&key=single&initial');
  const listed = (await reader.next())!;
  t.deepEqual([listed.event, JSON.parse(listed.data).text], ['listed', 'a']);
  t.is((await reader.next())!.event, 'snapshot-end');
  cache.put(putOf('other', 'c'));
  cache.put(putOf('single', 'd'));
  t.is(JSON.parse((await reader.next())!.data).key, 'single');
});

eventsTest('only the types that are asked for come, and what was before where that is', async (t, start) => {
  const {cache, openEvents} = await start();
  const reader = await openEvents('prefix=&events=delete,expire&events=purge&previous');
  cache.put(putOf('a', 'x'));
  cache.delete(deleteOf('a'));
  const {event, data} = (await reader.next())!;
  t.deepEqual([event, JSON.parse(data).previous.text], ['delete', 'x']);
});

eventsTest('what begins the stream and what keeps it alive tell nobody, but move the id on', async (t, start) => {
  const {cache, clock, openEvents} = await start({http: {random: () => 0.5}});
  const reader = await openEvents('prefix=b');
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

eventsTest('a server that goes away says so, and ends the stream as it should', async (t, start) => {
  const {cache, openEvents} = await start();
  const reader = await openEvents('prefix=');
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

eventsTest('what only a programmer can mend is refused before the stream begins', async (t, start) => {
  const {ask} = await start();
  for (const [what, [query, status, reason, field]] of Object.entries(refused)) {
    const answer = await ask('GET', `/-/watch?${query}`);
    t.is(answer.status, status, what);
    const told = statusBody(t, answer);
    t.is(told.reason, reason, what);
    t.deepEqual(told.fields, field === undefined ? [] : [field], what);
  }
});

eventsTest('where no history is kept, there is nothing to watch', async (t, start) => {
  const {ask} = await start({historyBytes: 0});
  const answer = await ask('GET', '/-/watch?prefix=');
  t.is(answer.status, 409);
  t.is(statusBody(t, answer).reason, 'HISTORY_OFF');
});

eventsTest('HEAD tells the type and begins no watch', async (t, start) => {
  const {cache, ask} = await start();
  const answer = await ask('HEAD', '/-/watch?prefix=');
  t.is(answer.headers['content-type'], 'text/event-stream');
  t.is(answer.body.toString(), '');
  t.is(cache.stats().watch?.watchers, 0);
});

eventsTest('HEAD is refused for what GET is refused for', async (t, start) => {
  const {open} = await start();
  const many = Array.from({length: 1001}, () => 'key=a').join('&');
  for (const query of ['', 'prefix=&namespace=nowhere', many, 'prefix=&from=made-up', `key=${'a'.repeat(1025)}`]) {
    const [get, head] = await Promise.all(['GET', 'HEAD'].map(method => open(method, `/-/watch?${query}`)));
    t.is(head!.status, get!.status, query.slice(0, 40));
    get!.body.destroy();
  }
});

eventsTest('a key in the query is any key', async (t, start) => {
  const {cache, openEvents} = await start();
  const key = 'a/b c+%41&=\n\u{1f980}';
  const reader = await openEvents(`key=${encodeURIComponent(key)}`);
  cache.put({...putOf(key), value: bytes('x')});
  t.is(JSON.parse((await reader.next())!.data).key, key);
});
