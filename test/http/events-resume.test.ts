/** `/-/watch` and its clients: who comes back, who reads slowly, who goes away. */
import type {ExecutionContext} from 'ava';
import type {WatchMessage, WatchNews} from '../../src/cache/index.js';
import {bookmark, PlayedWatches} from '../helpers/played-watches.js';
import {Random, withSeed} from '../helpers/random.js';
import {deleteOf, putOf} from '../helpers/requests.js';
import {eventsTest, type StartWatched} from './helpers/event-reader.js';

eventsTest('from the id of any event, exactly what follows it comes', async (t, start) => {
  await withSeed(t, async seed => {
    const random = new Random(seed);
    const {cache, openEvents} = await start();
    const reader = await openEvents('prefix=a');
    // In one turn, so that several come in one message.
    for (let change = 0; change < 40; change++) {
      const key = random.pick(['a1', 'a2', 'b']);
      if (random.oneIn(4)) cache.delete(deleteOf(key));
      else cache.put(putOf(key, `value ${change}`));
    }
    cache.put(putOf('a-last'));
    const seen = [(await reader.next())!];
    while (!seen.at(-1)!.data.includes('a-last')) seen.push((await reader.next())!);
    t.is(new Set(seen.map(({id}) => id)).size, seen.length);
    for (const at of [0, seen.length - 2, random.below(seen.length - 1), random.below(seen.length - 1)]) {
      const again = await openEvents('prefix=a', seen[at]!.id);
      const rest = seen.slice(at + 1);
      t.deepEqual(
        await again.take(rest.length),
        rest.map(({event, data}) => `${event} ${data}`),
      );
      again.leave();
    }
  });
});

eventsTest('`from` is for clients that cannot set the header, which counts more', async (t, start) => {
  const {cache, openEvents} = await start();
  const reader = await openEvents('prefix=&values=none');
  for (const key of ['a', 'b', 'c']) cache.put(putOf(key));
  const [a, b] = [(await reader.next())!, (await reader.next())!, (await reader.next())!];
  const keyOf = (event: {data: string} | undefined) => JSON.parse(event!.data).key;
  const byQuery = await openEvents(`prefix=&from=${a.id}`);
  t.is(keyOf(await byQuery.next()), 'b');
  const byHeader = await openEvents(`prefix=&from=${a.id}`, b.id);
  t.is(keyOf(await byHeader.next()), 'c');
  const byEmptyHeader = await openEvents(`prefix=&from=${b.id}`, '');
  t.is(keyOf(await byEmptyHeader.next()), 'c');
});

eventsTest('the id of a heartbeat goes on behind what it passed', async (t, start) => {
  const {cache, clock, openEvents} = await start();
  const reader = await openEvents('prefix=a');
  cache.put(putOf('a1'));
  await reader.next();
  clock.advance(15_000);
  cache.tick();
  await reader.until(() => reader.comments.includes('still here'));
  cache.put(putOf('a2', 'x'));
  const again = await openEvents('prefix=a', reader.lastId);
  t.is(JSON.parse((await again.next())!.data).key, 'a2');
});

const goneIds: Record<string, {id: string; reason: string}> = {
  'an id of an earlier life of the server': {id: '0.1', reason: 'restarted'},
  'an id that no server gave': {id: 'what is this?', reason: 'unknownId'},
  'an id of a revision that is still to come': {id: '', reason: 'unknownId'},
};

for (const [what, {id, reason}] of Object.entries(goneIds)) {
  eventsTest(`${what} is no error: a gap is told, and all that there is`, async (t, start) => {
    const {cache, openEvents} = await start();
    cache.put(putOf('a', 'x'));
    const current = await openEvents('prefix=');
    await current.until(() => current.lastId !== '');
    const given = id || `${current.lastId.split('.')[0]}.zzzzzzzzz9`;
    const reader = await openEvents('prefix=', given);
    t.deepEqual(await reader.take(1), [`gap {"reason":"${reason}"}`]);
    const [listed, end] = [(await reader.next())!, (await reader.next())!];
    t.deepEqual([listed.event, JSON.parse(listed.data).key, end.event], ['listed', 'a', 'snapshot-end']);
    cache.put(putOf('b'));
    t.is((await reader.next())!.event, 'put');
  });
}

eventsTest('an id that the history has passed is a gap too', async (t, start) => {
  const {cache, openEvents} = await start({historyBytes: 2 ** 16, namespaces: [{maxEntries: 3}]});
  const reader = await openEvents('prefix=');
  await reader.until(() => reader.lastId !== '');
  const {lastId} = reader;
  reader.leave();
  for (let change = 0; change < 2000; change++) cache.put(putOf('a', 'x'.repeat(100)));
  const again = await openEvents('prefix=', lastId);
  t.deepEqual(await again.take(1), ['gap {"reason":"trimmed"}']);
  t.is((await again.next())!.event, 'listed');
  t.is((await again.next())!.event, 'snapshot-end');
});

eventsTest('a watch ends when its client goes away', async (t, start) => {
  const watches = new PlayedWatches();
  const {openEvents} = await start(watches.options);
  const opening = openEvents('prefix=');
  const watch = await watches.next();
  watch.sink.write(created);
  (await opening).leave();
  await watch.over;
  t.is(watch.closes, 1);
});

eventsTest('a client that does not read is not written to, until it does', async (t, start) => {
  const watches = new PlayedWatches();
  const {openEvents} = await start(watches.options);
  const opening = openEvents('prefix=');
  const watch = await watches.next();
  watch.sink.write(created);
  const reader = await opening;
  reader.answer.body.pause();
  const drained = new Promise<void>(resolve => {
    watch.onDrained = resolve;
  });
  let written = 0;
  while (watch.sink.write(bigMessage(written + 1))) {
    written++;
    // What the system takes has no end if the loop leaves it no time to say that it is full.
    await new Promise(resolve => setImmediate(resolve));
    if (written > 1000) return t.fail('nobody asked for a pause');
  }
  reader.answer.body.resume();
  await drained;
  await reader.until(() => reader.lastId === `1.${written + 1}`);
  t.is(reader.lastId, `1.${written + 1}`);
});

eventsTest('who gets the same message in the same form gets bytes that were made once', async (t, start) => {
  const watches = new PlayedWatches();
  const {openEvents} = await start(watches.options);
  const begin = async (query: string) => {
    const opening = openEvents(query);
    const watch = await watches.next();
    watch.sink.write(created);
    return {reader: await opening, watch};
  };
  const all = [await begin('prefix='), await begin('prefix='), await begin('prefix=&values=base64')];
  let looks = 0;
  const message: WatchMessage = {
    resumeToken: '1.2',
    get news(): WatchNews {
      looks++;
      return {kind: 'events', events: [{type: 'delete', key: 'a', revision: 2, listed: false}]};
    },
  };
  for (const {watch} of all) watch.sink.write(message);
  for (const {reader} of all) t.is((await reader.next())!.event, 'delete');
  t.is(looks, 2);
});

const connectionsOfHttp1: Record<string, {request: string; first: string; isChunked: boolean}> = {
  'behind another request': {
    request: 'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\nGET /-/watch?key=a HTTP/1.1\r\nHost: localhost\r\n\r\n',
    first: 'ok\n',
    isChunked: true,
  },
  'by HTTP/1.0, which has no chunks': {request: 'GET /-/watch?key=a HTTP/1.0\r\n\r\n', first: '', isChunked: false},
};

for (const [how, {request, first, isChunked}] of Object.entries(connectionsOfHttp1)) {
  const run = async (t: ExecutionContext, start: StartWatched) => {
    const {cache, openEvents, connect} = await start();
    const connection = connect().send(request);
    if (first !== '') t.is((await connection.answer()).body.toString(), first);
    const current = await openEvents('key=a');
    while (cache.stats().watch!.watchers < 2) await new Promise(resolve => setImmediate(resolve));
    for (const value of ['one', 'two', 'three']) {
      cache.put(putOf('a', value));
      await current.next();
    }
    cache.stopWatches();
    const whole = await connection.answer();
    t.is(whole.headers['transfer-encoding'], isChunked ? 'chunked' : undefined);
    const names = [...whole.body.toString().matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    t.deepEqual(names, ['put', 'put', 'put', 'draining']);
  };
  eventsTest(`a watch that is asked for ${how} gets what all get`, run, 'HTTP/1.1');
}

eventsTest('a fault breaks the stream off, so that its client comes back', async (t, start) => {
  const watches = new PlayedWatches();
  const {faults, openEvents} = await start(watches.options);
  const opening = openEvents('prefix=');
  const watch = await watches.next();
  watch.sink.write(created);
  const reader = await opening;
  const fault = new Error('planted');
  watch.sink.end(fault);
  t.false(await reader.ended);
  t.deepEqual(faults, [fault]);
});

const created: WatchMessage = {resumeToken: '1.1', news: {kind: 'created', revision: 1}};

function bigMessage(revision: number): WatchMessage {
  const value = new Uint8Array(60_000);
  const entry = {key: 'a', namespace: 'default', value, valueOmitted: false, revision, contentType: '', sizeBytes: 0};
  const event = {type: 'put' as const, key: 'a', revision, entry, listed: false};
  return {...bookmark(revision), news: {kind: 'events', events: [event]}};
}
