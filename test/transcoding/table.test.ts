/**
 * The transcoder as a whole, case by case: the table of the binder, each request sent and
 * its answer read, and what has to do with paths, bodies as they are, parts of answers
 * and streams.
 */
import type {JsonObject, JsonValue} from '@bufbuild/protobuf';
import test from 'ava';
import {canonical, ignoredQueryParameters, queries, refused, requests} from './helpers/cases.js';
import {featuresTranscoder, type Sent, send} from './helpers/features.js';

const transcoder = featuresTranscoder({ignoredQueryParameters});

function ask(request: string, sent: Sent) {
  const space = request.indexOf(' ');
  return send(transcoder, request.slice(0, space), request.slice(space + 1), sent);
}

/** What is answered of a message: all of it, or where a rule says so one field, or what stands for it. */
function answered(request: string, message: JsonValue): JsonValue | undefined {
  const [, name] = /^POST \/v1\/(tags|labels|text)\b/.exec(request) ?? [];
  if (name === undefined) return message;
  return (message as JsonObject)[name] ?? {tags: [], labels: {}, text: ''}[name];
}

const all: [request: string, body: string, json: JsonValue][] = [
  ...Object.entries(queries).map(([query, json]): [string, string, JsonValue] => [`GET /v1/query?${query}`, '', json]),
  ...requests,
];

for (const [request, body, json] of all) {
  test(`${request} ${body}`, async t => {
    const answer = await ask(request, body === '' ? {} : {body});
    t.is(answer.status, 200, answer.text);
    t.is(answer.headers['content-type'], 'application/json');
    t.deepEqual(answer.json, answered(request, canonical(json)));
  });
}

for (const [request, body, reason, message] of refused) {
  test(`refused: ${request} ${body}`, async t => {
    const answer = await ask(request, body === '' ? {} : {body});
    const status = answer.json as {code: number; message: string; details: {reason?: string}[]};
    t.is(answer.status, 400);
    t.is(status.code, 3);
    t.regex(status.message, message);
    t.is(status.details[0]!.reason, reason);
  });
}

const bytes = (contentType: string, body: string | Uint8Array): Sent => ({
  headers: {'content-type': contentType},
  body,
});
const lines = 'application/x-ndjson';
const events = 'text/event-stream';
const accept = (type: string): Sent => ({headers: {accept: type}});

/** Request, what is sent with it, and the type and text of the answer. */
const others: [request: string, sent: Sent, contentType: string, text: string][] = [
  // Bytes as they are, in and out.
  ['POST /v1/raw', bytes('image/png', '\u0000'), 'image/png', '\u0000'],
  ['POST /v1/raw', bytes('text/plain', ''), 'text/plain', ''],
  ['POST /v1/raw', bytes('application/json', '{"a": 1}'), 'application/json', '{"a": 1}'],
  ['POST /v1/uploads/a%2Fb', bytes('text/html', '<p>'), 'text/html', '<p>'],
  ['POST /v1/uploads/a?note=b', bytes('text/csv', 'a,b'), 'text/csv', 'a,b'],
  // Parts of answers.
  ['GET /v1/nested?nested.deeper.number=5', {}, 'application/json', '{"deeper":{"number":5}}'],
  ['GET /v1/nested?text=a', {}, 'application/json', 'null'],
  // Segments, and the same method at several paths.
  ['GET /v1/shelves/a%2Fb/books/c', {}, 'application/json', '{"name":"shelves/a%2Fb/books/c"}'],
  ['GET /v1/files/a/b/c:show', {}, 'application/json', '{"name":"a/b/c:show"}'],
  ['GET /v1/one/a:b:show', {}, 'application/json', '{"name":"a:b"}'],
  ['GET /v1/one/a%3Ashow', {}, 'application/json', '{"name":"a:show"}'],
  ['POST /v1/one/a%252F:touch', {}, 'application/json', '{"name":"a%2F"}'],
  ['PURGE /v1/custom/a', {}, 'application/json', '{"text":"a"}'],
  ['ANY /v1/any/a', {}, 'application/json', '{"text":"a"}'],
  ['HEAD /v1/query', {}, 'application/json', ''],
  ['HEAD /v1/head/a', {}, 'application/json', ''],
  // Streams.
  ['GET /v1/watch?tags=a', {}, lines, '{"result":{"text":"a"}}\n'],
  ['GET /v1/watch?tags=a&tags=b', accept(lines), lines, '{"result":{"text":"a"}}\n{"result":{"text":"b"}}\n'],
  ['GET /v1/watch', {}, lines, ''],
  ['GET /v1/watch?tags=a', accept(events), events, 'data: {"text":"a"}\n\n'],
  ['GET /v1/watch?tags=a', accept('text/*'), events, 'data: {"text":"a"}\n\n'],
  ['GET /v1/watch?tags=a', accept('application/json'), 'application/json', '[{"result":{"text":"a"}}]'],
  ['GET /v1/watch', accept('application/json'), 'application/json', '[]'],
  ['POST /v1/watch', {body: '{"tags":["a"]}'}, lines, '{"result":{"text":"a"}}\n'],
  ['GET /v1/watchText?tags=a', {}, lines, '{"result":"a"}\n'],
  ['GET /v1/watchText?tags=a', accept(events), events, 'data: "a"\n\n'],
  ['GET /v1/download?tags=a&tags=b', {}, 'text/part-0', 'ab'],
];

for (const [request, sent, contentType, text] of others) {
  test(`${request} ${JSON.stringify(sent)}`, async t => {
    const answer = await ask(request, sent);
    t.is(answer.status, 200, answer.text);
    t.is(answer.headers['content-type'], contentType);
    t.is(answer.text, text);
  });
}

test('the table is long enough', t => {
  t.true(all.length + refused.length + others.length >= 200);
});
