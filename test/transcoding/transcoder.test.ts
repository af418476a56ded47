/** The transcoder as a whole: requests with their answers, refusals, raw bodies, and what methods throw. */
import {create, toBinary} from '@bufbuild/protobuf';
import test from 'ava';
import {Code, httpStatusOf, type ServedMethod, StatusError, type UnaryMethod} from '../../src/transcoding/index.js';
import {CollectingSink} from './helpers/collecting-sink.js';
import {featuresTranscoder, pathOf, registry, requestOf, type Sent, send} from './helpers/features.js';

const transcoder = featuresTranscoder();
const form = {'content-type': 'application/x-www-form-urlencoded'};

/** Request, what is sent with it, and the answer's body. */
const answers: [request: string, sent: Sent, json: unknown][] = [
  ['GET /v1/query?text=a&nested.number=5', {}, {text: 'a', nested: {number: 5}}],
  ['GET /v1/query', {headers: {accept: 'application/json'}}, {}],
  ['GET /v1/query', {headers: {accept: 'text/html, */*;q=0.1'}}, {}],
  ['GET /v1/query', {headers: {accept: 'application/*'}}, {}],
  ['GET /v1/query', {headers: {accept: 'APPLICATION/JSON; q=0.5'}}, {}],
  ['GET /v1/query', {headers: form}, {}],
  ['GET /v1/query?big=5', {}, {big: '5'}],
  ['GET /v1/query?blob=-_8', {}, {blob: '+/8='}],
  ['POST /v1/whole', {body: '{"text":"a","color":"COLOR_RED"}'}, {text: 'a', color: 'COLOR_RED'}],
  ['POST /v1/whole', {body: '{}', headers: {'content-type': 'application/json; charset=UTF-8'}}, {}],
  ['POST /v1/whole', {body: '{}', headers: {'content-type': 'Application/JSON;charset="utf-8"'}}, {}],
  ['POST /v1/whole', {body: '{}', headers: {'content-type': 'application/json', 'content-encoding': 'identity'}}, {}],
  ['POST /v1/whole', {headers: {}}, {}],
  ['POST /v1/whole', {headers: form, body: ''}, {}],
  ['PUT /v1/whole/a%2Fb', {body: '{"flag":true}'}, {text: 'a/b', flag: true}],
  ['PATCH /v1/part/a?text=b', {body: '{"number":1}'}, {text: 'b', nested: {text: 'a', number: 1}}],
  ['POST /v1/tags', {body: '["a","b"]'}, ['a', 'b']],
  ['POST /v1/tags', {}, []],
  ['POST /v1/labels', {body: '{"a":"b"}'}, {a: 'b'}],
  ['POST /v1/labels', {}, {}],
  ['POST /v1/text', {body: '"a"'}, 'a'],
  ['POST /v1/text', {}, ''],
  ['GET /v1/nested?nested.text=a', {}, {text: 'a'}],
  ['GET /v1/nested', {}, null],
  ['PURGE /v1/custom/a', {}, {text: 'a'}],
  ['LINK /v1/any/a', {}, {text: 'a'}],
  ['GET /v1/shelves/1/books/a%2Fb', {}, {name: 'shelves/1/books/a%2Fb'}],
  ['GET /v1/files/a/b', {}, {name: 'a/b'}],
  ['GET /v1/files', {}, {}],
  ['GET /v1/one/a%2Fb:show', {}, {name: 'a/b'}],
  ['GET /v1/one/a:touch', {}, {name: 'a:touch'}],
  ['POST /v1/one/a:touch', {}, {name: 'a'}],
];

for (const [request, sent, json] of answers) {
  test(`${request} ${JSON.stringify(sent)}`, async t => {
    const [method, target] = request.split(' ') as [string, string];
    const answer = await send(transcoder, method, target, sent);
    t.is(answer.status, 200, answer.text);
    t.deepEqual(answer.json, json);
    t.is(answer.headers['content-type'], 'application/json');
    t.is(answer.headers['content-length'], String(Buffer.byteLength(answer.text)));
  });
}

/** Request, what is sent with it, HTTP status, code of the Status, and what its message says. */
const refusals: [request: string, sent: Sent, status: number, code: number, message: RegExp][] = [
  ['GET /nowhere', {}, 404, Code.NOT_FOUND, /nothing is served at "\/nowhere"/],
  ['GET /v1/query/', {}, 404, Code.NOT_FOUND, /nothing is served/],
  ['OPTIONS /nowhere', {}, 404, Code.NOT_FOUND, /nothing is served/],
  ['GET v1/query', {}, 400, Code.INVALID_ARGUMENT, /begins with "\/"/],
  ['OPTIONS *', {}, 400, Code.INVALID_ARGUMENT, /begins with "\/"/],
  ['GET http://host/v1/query', {}, 400, Code.INVALID_ARGUMENT, /begins with "\/"/],
  ['GET /v1/query/ä', {}, 400, Code.INVALID_ARGUMENT, /character 11 .* percent-encoded/],
  ['GET /v1/query#a', {}, 400, Code.INVALID_ARGUMENT, /percent-encoded/],
  ['GET /v1/query/\u0000', {}, 400, Code.INVALID_ARGUMENT, /percent-encoded/],
  ['GET /v1/query/%FF', {}, 400, Code.INVALID_ARGUMENT, /percent-encoding of UTF-8/],
  ['GET /v1/query/%2e%2e', {}, 400, Code.INVALID_ARGUMENT, /"\.\."/],
  ['GET /v1/query?txet=a', {}, 400, Code.INVALID_ARGUMENT, /^txet: /],
  ['GET /v1/query', {headers: {accept: 'text/html'}}, 406, Code.INVALID_ARGUMENT, /can be application\/json/],
  ['GET /v1/query', {headers: {accept: 'application/json;q=0, */*'}}, 406, Code.INVALID_ARGUMENT, /can be/],
  ['GET /v1/query', {headers: {accept: 'text/event-stream'}}, 406, Code.INVALID_ARGUMENT, /can be/],
  ['GET /v1/watch', {headers: {accept: 'text/plain'}}, 406, Code.INVALID_ARGUMENT, /x-ndjson, text\/event-stream/],
  ['GET /v1/query', {headers: {'grpc-timeout': '5'}}, 400, Code.INVALID_ARGUMENT, /^grpc-timeout: "5" is no timeout/],
  ['GET /v1/query', {headers: {'x-server-timeout': '5s'}}, 400, Code.INVALID_ARGUMENT, /^x-server-timeout: /],
  ['GET /v1/query', {body: '{}'}, 400, Code.INVALID_ARGUMENT, /^body: this method takes none/],
  ['POST /v1/whole', {body: '{'}, 400, Code.INVALID_ARGUMENT, /^body: /],
  ['POST /v1/whole', {body: '{}', headers: {}}, 415, Code.INVALID_ARGUMENT, /without a Content-Type/],
  ['POST /v1/whole', {body: '{}', headers: form}, 415, Code.INVALID_ARGUMENT, /has to be application\/json/],
  ['POST /v1/whole', {body: '{}', headers: {'content-type': 'text/plain'}}, 415, Code.INVALID_ARGUMENT, /text\/plain/],
  [
    'POST /v1/whole',
    {body: '{}', headers: {'content-type': 'application/json; charset=latin1'}},
    415,
    Code.INVALID_ARGUMENT,
    /latin1/,
  ],
  [
    'POST /v1/whole',
    {body: '{}', headers: {'content-type': 'application/json', 'content-encoding': 'gzip'}},
    415,
    Code.INVALID_ARGUMENT,
    /Content-Encoding "gzip"/,
  ],
];

for (const [request, sent, status, code, message] of refusals) {
  test(`refused: ${JSON.stringify(request)} ${JSON.stringify(sent)}`, async t => {
    const [method, target] = request.split(' ') as [string, string];
    const answer = await send(transcoder, method, target, sent);
    const body = answer.json as {code: number; message: string; details: {'@type': string}[]};
    t.is(answer.status, status, answer.text);
    t.is(body.code, code);
    t.regex(body.message, message);
    t.is(body.details[0]!['@type'], 'type.googleapis.com/google.rpc.ErrorInfo');
    t.is(answer.headers['content-type'], 'application/json');
  });
}

test('a refusal says its reason, its domain and the field at fault', async t => {
  const answer = await send(featuresTranscoder({errorDomain: 'test.domain'}), 'GET', '/v1/query?flag=x');
  t.deepEqual((answer.json as {details: unknown}).details, [
    {'@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'INVALID_PARAMETER', domain: 'test.domain'},
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [
        {
          field: 'flag',
          description: (answer.json as {message: string}).message.replace('flag: ', ''),
          reason: 'INVALID_PARAMETER',
        },
      ],
    },
  ]);
});

test('the wrong method is 405 with those that are right, also for OPTIONS', async t => {
  const wrong = await send(transcoder, 'DELETE', '/v1/query');
  t.is(wrong.status, 405);
  t.is(wrong.headers.allow, 'GET, HEAD, OPTIONS');
  t.is((wrong.json as {code: number}).code, Code.UNIMPLEMENTED);
  const options = await send(transcoder, 'OPTIONS', '/v1/whole/a');
  t.deepEqual([options.status, options.headers.allow, options.text], [204, 'OPTIONS, PUT', '']);
});

test('what would be accepted is told with 415', async t => {
  const wrongType = await send(transcoder, 'POST', '/v1/whole', {body: '{}', headers: form});
  t.is(wrongType.headers.accept, 'application/json');
  const headers = {'content-type': 'application/json', 'content-encoding': 'br'};
  const wrongEncoding = await send(transcoder, 'POST', '/v1/whole', {body: '{}', headers});
  t.is(wrongEncoding.headers['accept-encoding'], 'identity');
});

test('HEAD is answered as GET is, without the body', async t => {
  const got = await send(transcoder, 'GET', '/v1/query?text=a');
  const headed = await send(transcoder, 'HEAD', '/v1/query?text=a');
  t.deepEqual([headed.status, headed.headers, headed.text], [200, got.headers, '']);
  t.is((await send(transcoder, 'HEAD', '/v1/head/a')).status, 200);
  const refused = await send(transcoder, 'HEAD', '/v1/query?txet=a');
  t.deepEqual([refused.status, refused.text], [400, '']);
});

test('default values are written if asked for', async t => {
  const answer = await send(featuresTranscoder({emitDefaults: true}), 'GET', '/v1/nested?nested.text=a');
  t.deepEqual(answer.json, {text: 'a', number: 0, tags: [], displayName: '', blob: ''});
});

test('ignored query parameters are passed over', async t => {
  const answer = await send(featuresTranscoder({ignoredQueryParameters: ['utm']}), 'GET', '/v1/query?text=a&utm=b');
  t.deepEqual(answer.json, {text: 'a'});
});

// HttpBody

test('an HttpBody takes and answers bytes as they are, with their type', async t => {
  const body = Buffer.from([0, 255, 10, 13, 123]);
  for (const target of ['/v1/raw', '/v1/uploads/a?note=b']) {
    const sink = new CollectingSink();
    transcoder.serve(requestOf('POST', target, {body, headers: {'content-type': 'image/png; x=y'}}), sink);
    const answer = await sink.closed;
    t.is(answer.status, 200, answer.text);
    t.is(answer.headers['content-type'], 'image/png; x=y');
    t.is(answer.headers['content-length'], '5');
    t.deepEqual(Buffer.concat(sink.chunks), body);
  }
});

test('an HttpBody can be empty, of no type, and asked for with any Accept', async t => {
  const answer = await send(transcoder, 'POST', '/v1/raw', {headers: {accept: 'image/*'}});
  t.deepEqual([answer.status, answer.text], [200, '']);
  t.is(answer.headers['content-type'], 'application/octet-stream');
});

test('the type of an HttpBody that no header can carry is not told', async t => {
  const headers = {'content-type': 'text/plain\r\nset-cookie: a'};
  const answer = await send(transcoder, 'POST', '/v1/raw', {body: 'a', headers});
  t.is(answer.headers['content-type'], 'application/octet-stream');
});

test('fields beside an HttpBody come from path and query alone', async t => {
  const answer = await send(transcoder, 'POST', '/v1/uploads/a?file.content_type=b', {body: 'x', headers: {}});
  t.is(answer.status, 400);
  t.regex(answer.text, /\\"file\.content_type\\" is given in the body/);
});

// What methods throw

function failing(failure: unknown): UnaryMethod {
  return {
    kind: 'unary',
    path: pathOf('Query'),
    handle() {
      throw failure;
    },
  };
}

test('each code has its HTTP status', async t => {
  const statuses = Object.values(Code).map(httpStatusOf);
  t.deepEqual(statuses, [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]);
  t.is(httpStatusOf(17), 500);
  for (const code of Object.values(Code).filter(each => each !== Code.OK)) {
    const answer = await send(featuresTranscoder({}, [failing(new StatusError(code, 'so it is'))]), 'GET', '/v1/query');
    t.is(answer.status, statuses[code]!);
    t.deepEqual(answer.json, {code, message: 'so it is'});
  }
});

test('details are written as JSON, and as base64 where their type is unknown', async t => {
  const part = registry.getMessage('test.transcoding.v1.Part')!;
  const failure = new StatusError(Code.ABORTED, 'no', [
    {
      typeUrl: 'type.googleapis.com/test.transcoding.v1.Part',
      value: toBinary(part, Object.assign(create(part), {displayName: 'a'})),
    },
    {typeUrl: 'type.googleapis.com/google.protobuf.Duration', value: Uint8Array.of(8, 5)},
    {typeUrl: 'type.googleapis.com/no.Such', value: Uint8Array.of(255, 254)},
    {typeUrl: 'type.googleapis.com/test.transcoding.v1.Part', value: Uint8Array.of(255)},
  ]);
  const answer = await send(featuresTranscoder({}, [failing(failure)]), 'GET', '/v1/query');
  t.deepEqual((answer.json as {details: unknown}).details, [
    {'@type': 'type.googleapis.com/test.transcoding.v1.Part', displayName: 'a'},
    {'@type': 'type.googleapis.com/google.protobuf.Duration', value: '5s'},
    {'@type': 'type.googleapis.com/no.Such', value: '//4='},
    {'@type': 'type.googleapis.com/test.transcoding.v1.Part', value: '/w=='},
  ]);
});

test('other errors become statuses by toStatus', async t => {
  const toStatus = (failure: unknown) =>
    failure instanceof RangeError ? {code: Code.NOT_FOUND, message: failure.message} : undefined;
  const answer = await send(featuresTranscoder({toStatus}, [failing(new RangeError('gone'))]), 'GET', '/v1/query');
  t.deepEqual([answer.status, answer.json], [404, {code: 5, message: 'gone'}]);
});

test('a fault is reported, and its caller learns only that there was one', async t => {
  const broken: ServedMethod = {kind: 'unary', path: pathOf('Text'), handle: () => Uint8Array.of(255)};
  const rejecting: ServedMethod = {
    kind: 'unary',
    path: pathOf('Nested'),
    handle: () => Promise.reject(new Error('secret')),
  };
  const faults: unknown[] = [];
  const served = featuresTranscoder({onFault: fault => faults.push(fault)}, [
    failing(new Error('secret')),
    broken,
    rejecting,
  ]);
  for (const [method, target] of [
    ['GET', '/v1/query'],
    ['POST', '/v1/text'],
    ['GET', '/v1/nested'],
  ] as const) {
    const answer = await send(served, method, target);
    t.deepEqual([answer.status, answer.json], [500, {code: 13, message: 'internal error'}]);
  }
  t.is(faults.length, 3);
});

test('a message that no JSON can carry whole is made well-formed', async t => {
  const answer = await send(featuresTranscoder({}, [failing(new StatusError(3, 'a\ud800'))]), 'GET', '/v1/query');
  t.deepEqual(answer.json, {code: 3, message: 'a\ufffd'});
});

test('what an error quotes is cut', async t => {
  const answer = await send(transcoder, 'GET', `/v1/query?${'x'.repeat(5000)}=1`);
  t.is(answer.status, 400);
  t.true(answer.text.length < 5000);
});
