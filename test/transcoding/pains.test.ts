/** What users of other transcoders complain of, each a test of its own: it does not happen here. */
import test from 'ava';
import {Code, type ServedMethod, StatusError, Transcoder} from '../../src/transcoding/index.js';
import {encodeText, featuresTranscoder, methods, pathOf, registry, send} from './helpers/features.js';

const transcoder = featuresTranscoder();

test('an encoded slash, colon or percent sign is text of its segment, decoded once', async t => {
  const texts: Record<string, string> = {
    'a%2Fb': 'a/b',
    'a%2fb': 'a/b',
    'a%252Fb': 'a%2Fb',
    'a%3Ab': 'a:b',
    'a:b': 'a:b',
    '%25': '%',
    '%2525': '%25',
    '%23': '#',
    '%2523': '%23',
    '%3F%26%3D': '?&=',
    'a+b%20c': 'a+b c',
  };
  for (const [spelled, text] of Object.entries(texts)) {
    const answer = await send(transcoder, 'GET', `/v1/query/${spelled}`);
    t.deepEqual(answer.json, {text}, spelled);
  }
});

test('an encoded slash stays encoded where a variable has several segments, and separates none', async t => {
  t.deepEqual((await send(transcoder, 'GET', '/v1/shelves/a%2Fb/books/c%25')).json, {name: 'shelves/a%2Fb/books/c%'});
  t.is((await send(transcoder, 'GET', '/v1/shelves%2Fa/books/b')).status, 404);
});

test('a colon is no slash, and a verb only where one is declared', async t => {
  t.deepEqual((await send(transcoder, 'GET', '/v1/one/a:b:c')).json, {name: 'a:b:c'});
  t.deepEqual((await send(transcoder, 'GET', '/v1/one/a:b:show')).json, {name: 'a:b'});
  t.deepEqual((await send(transcoder, 'GET', '/v1/one/a%3Ashow')).json, {name: 'a:show'});
});

test('the order of methods does not decide which route is taken', async t => {
  const turned = new Transcoder({registry, methods: [...methods].reverse(), onFault: () => {}});
  for (const target of ['/v1/query/a', '/v1/query/a/5', '/v1/shelves/1/books/2', '/v1/one/a:show']) {
    t.deepEqual((await send(turned, 'GET', target)).json, (await send(transcoder, 'GET', target)).json);
  }
});

test('a stream is framed as its type says, and its failure is in it', async t => {
  const failing: ServedMethod = {
    kind: 'serverStream',
    path: pathOf('Watch'),
    handle(_, out) {
      out.write(encodeText('a'));
      out.end(new StatusError(Code.UNAVAILABLE, 'gone'));
    },
  };
  const served = featuresTranscoder({}, [failing]);
  const lines = await send(served, 'GET', '/v1/watch');
  t.is(lines.headers['content-type'], 'application/x-ndjson');
  t.deepEqual(
    lines.text
      .trimEnd()
      .split('\n')
      .map(line => Object.keys(JSON.parse(line))),
    [['result'], ['error']],
  );
  const events = await send(served, 'GET', '/v1/watch', {headers: {accept: 'text/event-stream'}});
  t.regex(events.text, /^data: .*\n\nevent: error\ndata: .*"gone".*\n\n$/);
  t.true(Array.isArray((await send(served, 'GET', '/v1/watch', {headers: {accept: 'application/json'}})).json));
});

test('the status says what is wrong: 404, 405 with Allow, 415, 400', async t => {
  const statuses = [
    await send(transcoder, 'GET', '/v1/nowhere'),
    await send(transcoder, 'POST', '/v1/query'),
    await send(transcoder, 'POST', '/v1/whole', {body: 'text=a', headers: {'content-type': 'text/plain'}}),
    await send(transcoder, 'POST', '/v1/whole', {body: 'text=a'}),
    await send(transcoder, 'GET', '/v1/query?nothing=a'),
  ];
  t.deepEqual(
    statuses.map(({status}) => status),
    [404, 405, 415, 400, 400],
  );
  t.is(statuses[1]!.headers.allow, 'GET, HEAD, OPTIONS');
  for (const {json} of statuses) t.is(typeof (json as {message: string}).message, 'string');
});

test('the routes can be listed with all that a document needs', t => {
  const upload = transcoder.routes.find(({rpc}) => rpc.name === 'Upload')!;
  t.is(`${upload.method} ${upload.template.text}`, 'POST /v1/uploads/{name}');
  t.deepEqual(
    upload.variables.map(({fields}) => fields.map(field => String(field))),
    [['field test.transcoding.v1.UploadRequest.name']],
  );
  t.is(String(upload.body), 'field test.transcoding.v1.UploadRequest.file');
  t.is(String(upload.responseBody), 'field test.transcoding.v1.UploadResponse.file');
});

test('raw bytes go in and out as they are, in a stream too', async t => {
  const raw = await send(transcoder, 'POST', '/v1/uploads/a', {body: 'a\r\n\0b', headers: {'content-type': 'text/x'}});
  t.deepEqual([raw.text, raw.headers['content-type']], ['a\r\n\0b', 'text/x']);
  t.is((await send(transcoder, 'GET', '/v1/download?tags=a&tags=b')).text, 'ab');
});

test('zero values can be had, and 64-bit integers lose nothing', async t => {
  const served = featuresTranscoder({emitDefaults: true});
  const {json} = await send(served, 'GET', '/v1/query?big=9007199254740993');
  const {flag, int32, big, tags} = json as Record<string, unknown>;
  t.deepEqual({flag, int32, big, tags}, {flag: false, int32: 0, big: '9007199254740993', tags: []});
});

test('a misspelt parameter is refused by name, with what is allowed', async t => {
  const {status, json} = await send(transcoder, 'GET', '/v1/query?txet=a');
  t.is(status, 400);
  t.regex((json as {message: string}).message, /^txet: there is no such field; allowed: text, flag, int_32/);
});

test('headers are metadata under their own names, with or without a prefix', async t => {
  const asking: ServedMethod = {
    kind: 'unary',
    path: pathOf('Query'),
    handle(_, call) {
      call.sendMetadata('x-answer', 'c');
      return encodeText(`${call.metadata('x-tenant')} ${call.metadata('x-user')}`);
    },
  };
  const headers = {'x-tenant': 'a', 'grpc-metadata-x-user': 'b'};
  const answer = await send(featuresTranscoder({}, [asking]), 'GET', '/v1/query', {headers});
  t.deepEqual([answer.json, answer.headers['x-answer']], [{text: 'a b'}, 'c']);
});

test('durations and timestamps are parameters', async t => {
  const {json} = await send(transcoder, 'GET', '/v1/query?wait=1.5s&time=2024-01-01T00:00:00Z&nested.wait=3s');
  t.deepEqual(json, {wait: '1.500s', time: '2024-01-01T00:00:00Z', nested: {wait: '3s'}});
});

test('neither query nor body overwrites what the path binds', async t => {
  for (const [method, target, body] of [
    ['GET', '/v1/query/mine?text=yours'],
    ['GET', '/v1/query/mine/1?nested.text=yours'],
    ['PUT', '/v1/whole/mine', '{"text":"yours"}'],
    ['PATCH', '/v1/part/mine', '{"text":"yours"}'],
    ['PATCH', '/v1/part/mine?nested.text=yours', '{}'],
  ] as const) {
    const answer = await send(transcoder, method, target, body === undefined ? {} : {body});
    t.is(answer.status, 400, `${target} ${answer.text}`);
  }
});

test('the method cannot be overridden by a header', async t => {
  const headers = {'x-http-method-override': 'GET', 'content-type': 'application/x-www-form-urlencoded'};
  t.is((await send(transcoder, 'POST', '/v1/query', {headers, body: 'text=a'})).status, 405);
});

test('an error says nothing in WWW-Authenticate', async t => {
  const refusing: ServedMethod = {
    kind: 'unary',
    path: pathOf('Query'),
    handle() {
      throw new StatusError(Code.UNAUTHENTICATED, 'the token of alice has expired');
    },
  };
  const answer = await send(featuresTranscoder({}, [refusing]), 'GET', '/v1/query');
  t.deepEqual([answer.status, answer.headers['www-authenticate']], [401, undefined]);
});
