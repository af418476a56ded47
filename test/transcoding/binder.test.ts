/**
 * The binder: what path, query and body make of a message. The oracle is
 * @bufbuild/protobuf: a request is right if its message is that of the JSON beside it.
 */
import {fromBinary, fromJson, type JsonValue, toBinary, toJson} from '@bufbuild/protobuf';
import test from 'ava';
import {Binder, type RefusalReason, RequestError, Router, routesOf} from '../../src/transcoding/index.js';
import {everything, registry, service} from './helpers/features.js';

const router = new Router<Binder>();
for (const rpc of service.methods.filter(({input, methodKind}) => input === everything && methodKind === 'unary')) {
  for (const route of routesOf(rpc, registry)) {
    router.add(route.method, route.template, new Binder(route, {registry, ignoredQueryParameters: ['trace']}));
  }
}

/** The message that a request makes, as JSON. */
function bind(request: string, body = ''): JsonValue {
  const [method, target] = request.split(' ') as [string, string];
  const [path, query] = target.split(/\?(.*)/) as [string, string?];
  const match = router.match(method, path);
  if (match.kind !== 'found') throw new Error(`no route for ${request}`);
  const bytes = match.route.bind({
    bindings: match.bindings,
    query: query ?? '',
    body: Buffer.from(body),
    contentType: '',
  });
  return toJson(everything, fromBinary(everything, bytes), {registry});
}

/** JSON as it is read and written again: with canonical names and values. */
function canonical(json: JsonValue): JsonValue {
  const bytes = toBinary(everything, fromJson(everything, json, {registry}));
  return toJson(everything, fromBinary(everything, bytes), {registry});
}

const queries: Record<string, JsonValue> = {
  '': {},
  '&': {},
  'text=a': {text: 'a'},
  'text=': {},
  text: {},
  'text=a=b': {text: 'a=b'},
  'text=a+b': {text: 'a b'},
  'text=a%2Bb': {text: 'a+b'},
  'text=a%20b': {text: 'a b'},
  'text=a%26b%3Dc': {text: 'a&b=c'},
  'text=%C3%A4': {text: 'ä'},
  'text=a;b': {text: 'a;b'},
  'text=%2525': {text: '%25'},
  'text=a?b': {text: 'a?b'},
  'te%78t=a': {text: 'a'},
  'text=a&&flag=true': {text: 'a', flag: true},
  'trace=1': {},
  'text=a&trace=1&trace=2': {text: 'a'},

  'flag=true': {flag: true},
  'flag=false': {flag: false},
  'int_32=-5': {int32: -5},
  'int32=2147483647': {int32: 2147483647},
  'int32=1e3': {int32: 1000},
  'uint_32=4294967295': {uint32: 4294967295},
  'sint_32=-1': {sint32: -1},
  'fixed_32=7': {fixed32: 7},
  'sfixed_32=-7': {sfixed32: -7},
  'big=-9223372036854775808': {big: '-9223372036854775808'},
  'big=9007199254740993': {big: '9007199254740993'},
  'huge=18446744073709551615': {huge: '18446744073709551615'},
  'sint_64=-2': {sint64: '-2'},
  'fixed_64=2': {fixed64: '2'},
  'sfixed_64=-2': {sfixed64: '-2'},
  'ratio=1.5': {ratio: 1.5},
  'exact=-1e-300': {exact: -1e-300},
  'exact=NaN': {exact: 'NaN'},
  'exact=-Infinity': {exact: '-Infinity'},
  'maybe=': {maybe: ''},
  'maybe=x': {maybe: 'x'},
  'oddly=x': {oddly: 'x'},
  'odd_name=x': {oddly: 'x'},

  'blob=aGk=': {blob: 'aGk='},
  'blob=aGk': {blob: 'aGk='},
  'blob=%2B%2F8=': {blob: '+/8='},
  'blob=+/8=': {blob: '+/8='},
  'blob=-_8': {blob: '+/8='},
  'blob=': {},
  'blobs=aGk&blobs=-_8': {blobs: ['aGk=', '+/8=']},

  'color=COLOR_RED': {color: 'COLOR_RED'},
  'color=2': {color: 'COLOR_GREEN'},
  'color=77': {color: 77},
  'color=-1': {color: -1},
  'colors=COLOR_RED&colors=2': {colors: ['COLOR_RED', 'COLOR_GREEN']},

  'tags=a': {tags: ['a']},
  'tags=a&tags=b&tags=a': {tags: ['a', 'b', 'a']},
  'tags=': {tags: ['']},
  'tags=a,b': {tags: ['a,b']},
  'numbers=1&text=x&numbers=2': {numbers: [1, 2], text: 'x'},
  'flags=true&flags=false': {flags: [true, false]},
  'times=2024-01-01T00:00:00Z&times=2024-01-02T00:00:00Z': {times: ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z']},

  'time=2024-02-29T12:30:00.5Z': {time: '2024-02-29T12:30:00.5Z'},
  'time=2024-02-29T12:30:00%2B02:00': {time: '2024-02-29T10:30:00Z'},
  'wait=1.5s': {wait: '1.5s'},
  'wait=-0.000000001s': {wait: '-0.000000001s'},
  'wait=0s': {wait: '0s'},
  'mask=text,nested.displayName': {mask: 'text,nested.displayName'},
  'mask=': {mask: ''},
  'maybe_flag=false': {maybeFlag: false},
  'maybeFlag=true': {maybeFlag: true},
  'maybe_text=': {maybeText: ''},
  'maybe_big=9007199254740993': {maybeBig: '9007199254740993'},
  'maybe_count=0': {maybeCount: 0},
  'maybe_exact=0.5': {maybeExact: 0.5},
  'maybe_blob=-_8': {maybeBlob: '+/8='},

  'nested.text=a': {nested: {text: 'a'}},
  'nested.text=a&nested.number=5': {nested: {text: 'a', number: 5}},
  'nested.tags=a&nested.tags=b': {nested: {tags: ['a', 'b']}},
  'nested.display_name=a': {nested: {displayName: 'a'}},
  'nested.displayName=a': {nested: {displayName: 'a'}},
  'nested.deeper.deeper.text=a&nested.deeper.wait=2s': {nested: {deeper: {deeper: {text: 'a'}, wait: '2s'}}},
  'nested.text=': {nested: {}},
  'left=a': {left: 'a'},
  'left=': {left: ''},
  'right=0': {right: 0},
  'middle.text=a&middle.number=1': {middle: {text: 'a', number: 1}},
};

for (const [query, json] of Object.entries(queries)) {
  test(`the query ${query}`, t => t.deepEqual(bind(`GET /v1/query?${query}`), canonical(json)));
}

const requests: [request: string, body: string, json: JsonValue][] = [
  ['GET /v1/query/a%2Fb', '', {text: 'a/b'}],
  ['GET /v1/query/a?flag=true', '', {text: 'a', flag: true}],
  ['GET /v1/query/a/5', '', {nested: {text: 'a', number: 5}}],
  ['GET /v1/query/a/5?nested.tags=x&text=y', '', {nested: {text: 'a', number: 5, tags: ['x']}, text: 'y'}],
  [
    'GET /v1/typed/COLOR_RED/-5/true/2024-01-01T00:00:00Z/7',
    '',
    {color: 1, big: '-5', flag: true, time: '2024-01-01T00:00:00Z', maybeCount: 7},
  ],
  ['GET /v1/typed/2/0/false/2024-01-01T00:00:00Z/0', '', {color: 2, time: '2024-01-01T00:00:00Z', maybeCount: 0}],

  ['POST /v1/whole', '', {}],
  ['POST /v1/whole', '{}', {}],
  ['POST /v1/whole', ' {"text" : "a"}\n', {text: 'a'}],
  [
    'POST /v1/whole',
    '{"odd_name":"a","int32":"5","nested":{"display_name":"b"}}',
    {oddly: 'a', int32: 5, nested: {displayName: 'b'}},
  ],
  ['POST /v1/whole', '{"text":null,"maybeText":null,"tags":null}', {}],
  ['POST /v1/whole', '{"labels":{"__proto__":"a","b":"c"}}', {labels: JSON.parse('{"__proto__":"a","b":"c"}')}],
  ['POST /v1/whole', '{"details":{"a":[1,{"b":null}]},"value":[true]}', {details: {a: [1, {b: null}]}, value: [true]}],
  [
    'POST /v1/whole',
    '{"any":{"@type":"type.googleapis.com/test.transcoding.v1.Part","text":"a"}}',
    {any: {'@type': 'type.googleapis.com/test.transcoding.v1.Part', text: 'a'}},
  ],
  ['POST /v1/whole?trace=1', '{"text":"a"}', {text: 'a'}],
  ['PUT /v1/whole/a', '', {text: 'a'}],
  ['PUT /v1/whole/a', '{"flag":true}', {text: 'a', flag: true}],
  ['PUT /v1/whole/a', '{"text":"a"}', {text: 'a'}],
  ['PUT /v1/whole/a', '{"text":"","flag":true}', {text: 'a', flag: true}],
  ['PUT /v1/whole/a', '{"text":null}', {text: 'a'}],
  [
    'PATCH /v1/whole/a/5',
    '{"nested":{"number":7},"flag":true}',
    {nested: {text: 'a', number: 7}, big: '5', flag: true},
  ],
  ['PATCH /v1/whole/a/5', '{"nested":{"text":"a","tags":["x"]},"big":5}', {nested: {text: 'a', tags: ['x']}, big: '5'}],
  ['PUT /v1/either/a', '{"left":"a"}', {left: 'a'}],

  ['PATCH /v1/part/a', '', {nested: {text: 'a'}}],
  ['PATCH /v1/part/a', 'null', {nested: {text: 'a'}}],
  ['PATCH /v1/part/a', '{"number":5}', {nested: {text: 'a', number: 5}}],
  ['PATCH /v1/part/a?text=b&middle.text=c', '{"text":"a"}', {nested: {text: 'a'}, text: 'b', middle: {text: 'c'}}],
  ['POST /v1/tags', '["a","b"]', {tags: ['a', 'b']}],
  ['POST /v1/tags?text=a', '[]', {text: 'a'}],
  ['POST /v1/labels', '{"a":"b"}', {labels: {a: 'b'}}],
  ['POST /v1/text', '"a\\u00e4"', {text: 'aä'}],
];

for (const [request, body, json] of requests) {
  test(`${request} with ${body || 'no body'}`, t => t.deepEqual(bind(request, body), canonical(json)));
}

/** Request, body, and what the error says; the field at fault is its beginning. */
const refused: [request: string, body: string, reason: RefusalReason, message: RegExp][] = [
  // Parameters that are none: named, with what is allowed.
  [
    'GET /v1/query?txet=a',
    '',
    'UNKNOWN_PARAMETER',
    /^txet: there is no such field; allowed: text, flag, .*nested\.\*, .*trace$/,
  ],
  ['GET /v1/query?Text=a', '', 'UNKNOWN_PARAMETER', /^Text: there is no such field/],
  ['GET /v1/query?=a', '', 'UNKNOWN_PARAMETER', /^: there is no such field/],
  ['GET /v1/query?nested.txet=a', '', 'UNKNOWN_PARAMETER', /^nested\.txet: there is no such field in nested/],
  ['GET /v1/query?nested.=a', '', 'UNKNOWN_PARAMETER', /^nested\.: there is no such field in nested/],
  ['GET /v1/query?.text=a', '', 'UNKNOWN_PARAMETER', /^\.text: there is no such field/],
  ['GET /v1/query?text.text=a', '', 'UNKNOWN_PARAMETER', /^text\.text: there is no such field in text/],
  ['GET /v1/query?time.seconds=1', '', 'UNKNOWN_PARAMETER', /^time\.seconds: there is no such field in time/],
  ['GET /v1/query?maybe_text.value=1', '', 'UNKNOWN_PARAMETER', /^maybe_text\.value: there is no such field/],
  ['GET /v1/query?nested=a', '', 'UNKNOWN_PARAMETER', /^nested: a message is given by its fields, as in nested\.text/],
  ['GET /v1/query?items.text=a', '', 'UNKNOWN_PARAMETER', /^items\.text: there is no such field in items/],
  ['GET /v1/query?items=a', '', 'UNKNOWN_PARAMETER', /^items: a value of its type cannot be a query parameter/],
  ['GET /v1/query?labels=a', '', 'UNKNOWN_PARAMETER', /^labels: a value of its type/],
  ['GET /v1/query?labels.a=b', '', 'UNKNOWN_PARAMETER', /^labels\.a: there is no such field in labels/],
  ['GET /v1/query?details=%7B%7D', '', 'UNKNOWN_PARAMETER', /^details: a value of its type/],
  ['GET /v1/query?any=a', '', 'UNKNOWN_PARAMETER', /^any: a value of its type/],
  ['GET /v1/query?empty=a', '', 'UNKNOWN_PARAMETER', /^empty: a value of its type/],
  ['GET /v1/query?__proto__=a', '', 'UNKNOWN_PARAMETER', /^__proto__: there is no such field/],
  ['GET /v1/query?constructor.name=a', '', 'UNKNOWN_PARAMETER', /^constructor\.name: there is no such field/],

  // What another part of the request binds.
  ['GET /v1/query/a?text=b', '', 'UNKNOWN_PARAMETER', /^text: "text" is given in the path/],
  ['GET /v1/query/a?text=a', '', 'UNKNOWN_PARAMETER', /^text: "text" is given in the path/],
  [
    'GET /v1/query/a/5?nested.number=6',
    '',
    'UNKNOWN_PARAMETER',
    /^nested\.number: "nested\.number" is given in the path/,
  ],
  [
    'GET /v1/typed/1/1/true/2024-01-01T00:00:00Z/1?maybeCount=2',
    '',
    'UNKNOWN_PARAMETER',
    /^maybeCount: "maybe_count" is given in the path/,
  ],
  ['POST /v1/whole?text=a', '{}', 'UNKNOWN_PARAMETER', /^text: there are no query parameters/],
  ['POST /v1/whole?text=a', '', 'UNKNOWN_PARAMETER', /^text: there are no query parameters/],
  [
    'PATCH /v1/part/a?nested.number=1',
    '',
    'UNKNOWN_PARAMETER',
    /^nested\.number: "nested\.number" is given in the body/,
  ],
  ['POST /v1/tags?tags=a', '["b"]', 'UNKNOWN_PARAMETER', /^tags: "tags" is given in the body/],
  ['PUT /v1/whole/a', '{"text":"b"}', 'INVALID_BODY', /^body: "text" is bound by the path.* another value/],
  ['PATCH /v1/whole/a/5', '{"nested":{"text":"b"}}', 'INVALID_BODY', /^body: "nested\.text" is bound by the path/],
  ['PATCH /v1/whole/a/5', '{"big":"6"}', 'INVALID_BODY', /^body: "big" is bound by the path/],
  ['PATCH /v1/part/a', '{"text":"b"}', 'INVALID_BODY', /^body: "nested\.text" is bound by the path/],
  ['PUT /v1/either/a', '{"right":5}', 'INVALID_BODY', /^body: "left" is bound by the path.* oneof is given as "right"/],
  ['PUT /v1/either/a', '{"left":"b"}', 'INVALID_BODY', /^body: "left" is bound by the path/],

  // Values.
  ['GET /v1/query?flag=yes', '', 'INVALID_PARAMETER', /^flag: .*bool/],
  ['GET /v1/query?flag=', '', 'INVALID_PARAMETER', /^flag: /],
  ['GET /v1/query?flag=1', '', 'INVALID_PARAMETER', /^flag: /],
  ['GET /v1/query?flag=TRUE', '', 'INVALID_PARAMETER', /^flag: /],
  ['GET /v1/query?int_32=x', '', 'INVALID_PARAMETER', /^int_32: .*int32/],
  ['GET /v1/query?int_32=2147483648', '', 'INVALID_PARAMETER', /^int_32: .*out of range/],
  ['GET /v1/query?int_32=1.5', '', 'INVALID_PARAMETER', /^int_32: /],
  ['GET /v1/query?int_32=', '', 'INVALID_PARAMETER', /^int_32: /],
  ['GET /v1/query?uint_32=-1', '', 'INVALID_PARAMETER', /^uint_32: /],
  ['GET /v1/query?big=9223372036854775808', '', 'INVALID_PARAMETER', /^big: /],
  ['GET /v1/query?big=1.5', '', 'INVALID_PARAMETER', /^big: /],
  ['GET /v1/query?huge=-1', '', 'INVALID_PARAMETER', /^huge: /],
  ['GET /v1/query?ratio=x', '', 'INVALID_PARAMETER', /^ratio: /],
  ['GET /v1/query?blob=*', '', 'INVALID_PARAMETER', /^blob: .*base64/],
  ['GET /v1/query?color=RED', '', 'INVALID_PARAMETER', /^color: .*allowed: COLOR_UNSPECIFIED, COLOR_RED, COLOR_GREEN/],
  ['GET /v1/query?color=', '', 'INVALID_PARAMETER', /^color: /],
  ['GET /v1/query?colors=1&colors=RED', '', 'INVALID_PARAMETER', /^colors: .*COLOR_RED/],
  ['GET /v1/query?time=yesterday', '', 'INVALID_PARAMETER', /^time: /],
  ['GET /v1/query?time=2024-01-01', '', 'INVALID_PARAMETER', /^time: /],
  ['GET /v1/query?time=2024-01-01T00:00:00+02:00', '', 'INVALID_PARAMETER', /^time: /],
  ['GET /v1/query?wait=5', '', 'INVALID_PARAMETER', /^wait: /],
  ['GET /v1/query?wait=5m', '', 'INVALID_PARAMETER', /^wait: /],
  ['GET /v1/query?wait=0.1234567890s', '', 'INVALID_PARAMETER', /^wait: /],
  ['GET /v1/query?mask=display_name', '', 'INVALID_PARAMETER', /^mask: .*lowerCamelCase/],
  ['GET /v1/query?maybe_flag=maybe', '', 'INVALID_PARAMETER', /^maybe_flag: /],
  ['GET /v1/query?nested.number=x', '', 'INVALID_PARAMETER', /^nested\.number: /],
  ['GET /v1/query?text=a&text=b', '', 'INVALID_PARAMETER', /^text: given more than once/],
  ['GET /v1/query?text=a&text=a', '', 'INVALID_PARAMETER', /^text: given more than once/],
  ['GET /v1/query?odd_name=a&oddly=b', '', 'INVALID_PARAMETER', /^oddly: given more than once/],
  ['GET /v1/query?nested.text=a&nested.text=b', '', 'INVALID_PARAMETER', /^nested\.text: given more than once/],
  ['GET /v1/query?left=a&right=1', '', 'INVALID_PARAMETER', /oneof set multiple times/],
  ['GET /v1/query/a/x', '', 'INVALID_PARAMETER', /^nested\.number: /],
  ['GET /v1/typed/RED/1/true/2024-01-01T00:00:00Z/1', '', 'INVALID_PARAMETER', /^color: .*allowed: /],
  ['GET /v1/typed/1/1/true/now/1', '', 'INVALID_PARAMETER', /^time: /],

  // Escapes in the query.
  ['GET /v1/query?text=%', '', 'MALFORMED_TARGET', /percent-encoding/],
  ['GET /v1/query?text=%FF', '', 'MALFORMED_TARGET', /percent-encoding/],
  ['GET /v1/query?%zz=a', '', 'MALFORMED_TARGET', /percent-encoding/],
  ['GET /v1/query?trace=%ED%A0%80', '', 'MALFORMED_TARGET', /percent-encoding/],

  // Bodies.
  ['GET /v1/query', '{}', 'INVALID_BODY', /^body: this method takes none/],
  ['POST /v1/whole', '{', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/whole', ' ', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/whole', 'text=a', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/whole', '{} {}', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/whole', '\ufeff{}', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/whole', '[]', 'INVALID_BODY', /^body: /],
  ['POST /v1/whole', 'null', 'INVALID_BODY', /^body: /],
  ['POST /v1/whole', '"a"', 'INVALID_BODY', /^body: /],
  ['POST /v1/whole', '{"txet":"a"}', 'INVALID_BODY', /^body: .*"txet" is unknown/],
  ['POST /v1/whole', '{"nested":{"txet":"a"}}', 'INVALID_BODY', /^body: .*Part.*"txet" is unknown/],
  ['POST /v1/whole', '{"text":"a","text":"b"}', 'INVALID_BODY', /^body: .*duplicate.*"text"/],
  ['POST /v1/whole', '{"odd_name":"a","oddly":"b"}', 'INVALID_BODY', /^body: .*multiple times/],
  ['POST /v1/whole', '{"left":"a","right":1}', 'INVALID_BODY', /^body: .*oneof set multiple times/],
  ['POST /v1/whole', '{"text":5}', 'INVALID_BODY', /^body: .*text.*expected string/],
  ['POST /v1/whole', '{"text":"\\ud800"}', 'INVALID_BODY', /^body: .*UTF8/],
  ['POST /v1/whole', '{"int_32":2147483648}', 'INVALID_BODY', /^body: .*out of range/],
  ['POST /v1/whole', '{"any":{"@type":"type.googleapis.com/no.Such"}}', 'INVALID_BODY', /^body: .*no\.Such/],
  ['POST /v1/whole', `{"value":${'['.repeat(200)}${']'.repeat(200)}}`, 'INVALID_BODY', /^body: .*depth/],
  ['POST /v1/tags', '{"tags":["a"]}', 'INVALID_BODY', /^body: /],
  ['POST /v1/tags', '[1]', 'INVALID_BODY', /^body: /],
  ['POST /v1/tags', '["a"],"text":"b"', 'INVALID_BODY', /^body: .*JSON/],
  ['POST /v1/text', '"a","flag":true', 'INVALID_BODY', /^body: .*JSON/],
  ['PATCH /v1/part/a', '{"txet":1}', 'INVALID_BODY', /^body: .*"txet" is unknown/],
];

for (const [request, body, reason, message] of refused) {
  test(`refused: ${request} with ${body || 'no body'}`, t => {
    const error = t.throws(() => bind(request, body), {instanceOf: RequestError, message});
    t.is(error.reason, reason);
    t.is(error.httpStatus, 400);
  });
}

test('a body that is not UTF-8 is refused', t => {
  const match = router.match('POST', '/v1/whole');
  if (match.kind !== 'found') return t.fail();
  const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  const error = t.throws(() => match.route.bind({bindings: [], query: '', body, contentType: ''}), {
    instanceOf: RequestError,
  });
  t.is(error.reason, 'INVALID_BODY');
});
