/** Entity tags: If-None-Match and If-Match, on reads and on writes. */
import test from 'ava';
import {parseTags} from '../../src/http/entity-tags.js';
import type {Backend} from '../../src/rpc/index.js';
import {type HttpParts, httpTest, statusBody} from './helpers/http-parts.js';

/** A server with an entry `k`, and its tag. */
async function withEntry({ask}: HttpParts): Promise<string> {
  return (await ask('PUT', '/k', {body: 'first'})).headers.etag!;
}

httpTest('If-None-Match with the tag of an entry is 304, whatever else is in the list', async (t, start) => {
  const parts = await start();
  const tag = await withEntry(parts);
  for (const list of [tag, `W/${tag}`, `"1", ${tag}`, `"other" ,, W/"x,y",${tag},`, '*']) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await parts.ask(method, '/k', {headers: {'if-none-match': list}});
      t.like(answer, {status: 304, body: Buffer.alloc(0)}, list);
      t.is(answer.headers.etag, tag);
      t.is(answer.headers['content-length'], undefined);
    }
  }
  for (const list of ['"1"', '"1", "2"', '"x"', '""']) {
    const answer = await parts.ask('GET', '/k', {headers: {'if-none-match': list}});
    t.is(answer.body.toString(), 'first', list);
  }
});

httpTest('a miss stays one, whatever the condition', async (t, start) => {
  const {ask} = await start();
  for (const headers of [{'if-none-match': '*'}, {'if-match': '*'}, {'if-match': '"1"'}]) {
    t.is((await ask('GET', '/k', {headers})).status, 404);
  }
});

httpTest('If-Match on a read is 412 where the entry is another', async (t, start) => {
  const parts = await start();
  const tag = await withEntry(parts);
  t.is((await parts.ask('GET', '/k', {headers: {'if-match': `"1", ${tag}`}})).status, 200);
  for (const list of ['"1"', `W/${tag}`]) {
    const lost = await parts.ask('GET', '/k', {headers: {'if-match': list}});
    t.is(lost.status, 412);
    t.like(statusBody(t, lost), {code: 9, reason: 'CONDITION_LOST'});
  }
});

httpTest('If-None-Match: * stores only what is new', async (t, start) => {
  const {ask, stored} = await start();
  const headers = {'if-none-match': '*'};
  t.is((await ask('PUT', '/k', {body: '1', headers})).status, 201);
  const lost = await ask('PUT', '/k', {body: '2', headers});
  t.is(lost.status, 412);
  t.is(statusBody(t, lost).reason, 'CONDITION_LOST');
  t.is(stored('k'), '1');
});

httpTest('If-Match: * stores only over what is there', async (t, start) => {
  const {ask, stored, entries} = await start();
  const headers = {'if-match': '*'};
  t.is((await ask('PUT', '/k', {body: '1', headers})).status, 412);
  t.is(entries(), 0);
  await ask('PUT', '/k', {body: '1'});
  t.is((await ask('PUT', '/k', {body: '2', headers})).status, 204);
  t.is(stored('k'), '2');
});

httpTest('If-Match with tags stores only over one of them', async (t, start) => {
  const parts = await start();
  const {ask, stored} = parts;
  const tag = await withEntry(parts);
  for (const list of ['"1"', `W/${tag}`, '"x"', '""', `"1", "${Number.MAX_SAFE_INTEGER}"`]) {
    t.is((await ask('PUT', '/k', {body: 'no', headers: {'if-match': list}})).status, 412, list);
    t.is(stored('k'), 'first');
  }
  const newer = `"${Number(tag.slice(1, -1)) + 1000}"`;
  const second = await ask('PUT', '/k', {body: 'second', headers: {'if-match': `"1", ${tag}, ${newer}`}});
  t.is(second.status, 204);
  t.is(stored('k'), 'second');
  t.is((await ask('PUT', '/k', {body: 'third', headers: {'if-match': tag}})).status, 412);
  t.is((await ask('PUT', '/none', {body: 'x', headers: {'if-match': tag}})).status, 412);
});

httpTest('If-Match guards a DELETE', async (t, start) => {
  const parts = await start();
  const {ask, stored} = parts;
  const tag = await withEntry(parts);
  t.is((await ask('DELETE', '/k', {headers: {'if-match': '"1"'}})).status, 412);
  t.is(stored('k'), 'first');
  t.is((await ask('DELETE', '/k', {headers: {'if-match': `"1", ${tag}`}})).status, 204);
  t.is((await ask('DELETE', '/k', {headers: {'if-match': tag}})).status, 404);
  await ask('PUT', '/k', {body: 'x'});
  t.is((await ask('DELETE', '/k', {headers: {'if-match': '*'}})).status, 204);
});

httpTest('of writers with the same tag one alone succeeds, however slow the backend', async (t, start) => {
  const slowly = <Q, A>(operation: (request: Q) => A) => {
    return async (request: Q) => {
      await new Promise(resolve => setImmediate(resolve));
      return operation(request);
    };
  };
  const parts = await start({
    backend: cache => {
      const backend: Backend = Object.create(cache);
      return Object.assign(backend, {
        get: slowly(cache.get.bind(cache)),
        put: slowly(cache.put.bind(cache)),
        delete: slowly(cache.delete.bind(cache)),
        watch: cache.watch.bind(cache),
        stats: cache.stats.bind(cache),
      });
    },
  });
  const tag = await withEntry(parts);
  const answers = await Promise.all(
    Array.from({length: 8}, (_, index) =>
      parts.ask(index % 4 === 3 ? 'DELETE' : 'PUT', '/k', {
        body: String(index),
        headers: {'if-match': `"7", ${tag}`},
      }),
    ),
  );
  const statuses = answers.map(({status}) => status);
  t.is(statuses.filter(status => status === 204).length, 1, statuses.join());
  t.true(statuses.every(status => [204, 404, 412].includes(status)));
});

const refused: [method: string, headers: Record<string, string>][] = [
  ['PUT', {'if-none-match': '"1"'}],
  ['PUT', {'if-none-match': '*', 'if-match': '*'}],
  ['DELETE', {'if-none-match': '*'}],
  ['PUT', {'if-match': 'abc'}],
  ['PUT', {'if-match': '"1" "2"'}],
  ['PUT', {'if-match': '"1'}],
  ['PUT', {'if-match': '*, "1"'}],
  ['GET', {'if-none-match': '1795403890504895'}],
  ['GET', {'if-match': 'w/"1"'}],
  ['PUT', {'if-match': Array.from({length: 101}, () => '"1"').join()}],
];

for (const [method, headers] of refused) {
  httpTest(`${method} with ${JSON.stringify(headers).slice(0, 60)} is 400, and nothing changes`, async (t, start) => {
    const parts = await start();
    await withEntry(parts);
    const answer = await parts.ask(method, '/k', {headers, body: method === 'PUT' ? 'x' : undefined});
    t.is(answer.status, 400);
    t.is(statusBody(t, answer).reason, 'INVALID_CONDITION');
    t.is(parts.stored('k'), 'first');
  });
}

test('a list of tags is read in one go, and may hold commas in tags', t => {
  t.is(parseTags('*', 'if-match', false), 'any');
  t.deepEqual(parseTags(' "12" , W/"13","a,\\", "9007199254740991"', 'x', false), [12, 9007199254740991]);
  t.deepEqual(parseTags('W/"13","012","1x",', 'x', true), [13]);
  t.deepEqual(parseTags('', 'x', true), []);
});
