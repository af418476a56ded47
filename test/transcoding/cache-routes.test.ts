/** The annotations of krusty.cache.v1: which method a request calls, with which message, and what the cache itself answers. */
import {readFileSync} from 'node:fs';
import {createFileRegistry, fromBinary, type JsonValue, toJson} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import test, {type ExecutionContext} from 'ava';
import {createJsonRoutes} from '../../src/http/json-routes.js';
import {createRpc} from '../../src/rpc/index.js';
import {type OutStream, type ServedMethod, Transcoder} from '../../src/transcoding/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {createTestCache} from '../helpers/test-server.js';
import {CollectingSink} from './helpers/collecting-sink.js';
import {requestOf, send} from './helpers/features.js';

const image = readFileSync(new URL('../../image.binpb', import.meta.url));
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
const rpcs = ['CacheService', 'AdminService'].flatMap(name => registry.getService(`krusty.cache.v1.${name}`)!.methods);

/** Methods that answer nothing and note that they were called. */
function noting(calls: {name: string; request: JsonValue}[]): ServedMethod[] {
  return rpcs.map(rpc => {
    const path = `/${rpc.parent.typeName}/${rpc.name}`;
    const note = (request: Uint8Array) => {
      calls.push({name: rpc.name, request: toJson(rpc.input, fromBinary(rpc.input, request), {registry})});
      return new Uint8Array();
    };
    if (rpc.methodKind === 'unary') return {kind: 'unary', path, handle: note};
    const handle = (request: Uint8Array, out: OutStream) => {
      out.write(note(request));
      out.end();
    };
    return {kind: 'serverStream', path, handle};
  });
}

const requests: [request: string, body: string | undefined, name: string, message: JsonValue][] = [
  ['GET /v1/entries/a', undefined, 'Get', {key: 'a'}],
  ['HEAD /v1/entries/a', undefined, 'Get', {key: 'a'}],
  ['GET /v1/entries/user%2F1%3A2%25', undefined, 'Get', {key: 'user/1:2%'}],
  ['GET /v1/entries/user:1', undefined, 'Get', {key: 'user:1'}],
  ['GET /v1/entries/user:touch', undefined, 'Get', {key: 'user:touch'}],
  ['GET /v1/entries/user%3Aexplain', undefined, 'Get', {key: 'user:explain'}],
  [
    'GET /v1/entries/a?namespace=n&metadata_only=true',
    undefined,
    'Get',
    {key: 'a', namespace: 'n', metadataOnly: true},
  ],
  ['GET /v1/entries/a?touchTtl=5s', undefined, 'Get', {key: 'a', touchTtl: '5s'}],
  ['GET /v1/namespaces/n/entries/a', undefined, 'Get', {key: 'a', namespace: 'n'}],
  ['PUT /v1/entries/a', '{"value":"aGk=","ttl":"5s"}', 'Put', {key: 'a', value: 'aGk=', ttl: '5s'}],
  ['PUT /v1/entries/a:touch', '{}', 'Put', {key: 'a:touch'}],
  ['PUT /v1/namespaces/n/entries/a', '{"value":""}', 'Put', {key: 'a', namespace: 'n'}],
  ['DELETE /v1/entries/a?returnPrevious=true', undefined, 'Delete', {key: 'a', returnPrevious: true}],
  ['POST /v1/entries/a:touch', '{"ttl":"5s"}', 'Touch', {key: 'a', ttl: '5s'}],
  ['POST /v1/entries/a:b:increment', '{"delta":"1"}', 'Increment', {key: 'a:b', delta: '1'}],
  ['POST /v1/entries:batchGet', '{"requests":[{"key":"a"}]}', 'BatchGet', {requests: [{key: 'a'}]}],
  ['POST /v1/namespaces/n/entries:batchPut', '{}', 'BatchPut', {namespace: 'n'}],
  ['POST /v1/entries:batchDelete', '{}', 'BatchDelete', {}],
  ['POST /v1/entries:batchTouch', '{}', 'BatchTouch', {}],
  ['POST /v1/entries:watch', '{"targets":[{"prefix":"a"}]}', 'Watch', {targets: [{prefix: 'a'}]}],
  ['GET /v1/entries?prefix=a&page_size=5', undefined, 'List', {prefix: 'a', pageSize: 5}],
  ['GET /v1/namespaces/n/entries', undefined, 'List', {namespace: 'n'}],
  ['POST /v1/entries:purge', '{"all":true}', 'Purge', {all: true}],
  ['GET /v1/entries/a:explain', undefined, 'Explain', {key: 'a'}],
  ['GET /v1/stats', undefined, 'GetStats', {}],
];

for (const [request, body, name, message] of requests) {
  test(`${request} calls ${name}`, async t => {
    const calls: {name: string; request: JsonValue}[] = [];
    const transcoder = new Transcoder({registry, methods: noting(calls), onFault: fault => t.log(fault)});
    const [method, target] = request.split(' ') as [string, string];
    const answer = await send(transcoder, method, target, body === undefined ? {} : {body});
    t.is(answer.status, 200, answer.text);
    t.deepEqual(calls, [{name, request: message}]);
  });
}

test('every annotated method of the services has its routes', t => {
  const transcoder = new Transcoder({registry, methods: noting([]), onFault: () => {}});
  const names = new Set(transcoder.routes.map(({rpc}) => rpc.name));
  t.deepEqual([...names].sort(), rpcs.map(({name}) => name).sort());
});

/** The cache's own methods behind a transcoder. */
function serveCache(t: ExecutionContext): Transcoder {
  const backend = createTestCache(new ManualClock(), {historyBytes: 2 ** 20});
  const {methods} = createRpc({backend, image, version: ''});
  const onFault = (fault: unknown) => t.fail(String(fault));
  return createJsonRoutes({methods, image, maxValueBytes: 2 ** 20, logFault: onFault});
}

test('the cache answers through the transcoder', async t => {
  const transcoder = serveCache(t);
  const stored = await send(transcoder, 'PUT', '/v1/entries/a%2Fb', {body: '{"value":"aGk="}'});
  t.is((stored.json as {outcome: string}).outcome, 'OUTCOME_STORED');
  const got = await send(transcoder, 'GET', '/v1/entries/a%2Fb');
  t.is((got.json as {entry: {value: string}}).entry.value, 'aGk=');
});

test('an error of the cache is a Status with its details', async t => {
  const transcoder = serveCache(t);
  const answer = await send(transcoder, 'GET', '/v1/namespaces/none/entries/a');
  t.is(answer.status, 404);
  const {code, details} = answer.json as {code: number; details: {'@type': string; reason?: string}[]};
  t.is(code, 5);
  t.deepEqual(details[0], {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: 'UNKNOWN_NAMESPACE',
    domain: 'krusty.cache.v1',
  });
});

test('a watch is refused with a status, and followed as events', async t => {
  const transcoder = serveCache(t);
  const refused = await send(transcoder, 'POST', '/v1/entries:watch', {body: '{"resumeToken":"?"}'});
  t.is(refused.status, 400, refused.text);

  const sink = new CollectingSink();
  const headers = {accept: 'text/event-stream', 'content-type': 'application/json'};
  transcoder.serve(requestOf('POST', '/v1/entries:watch', {headers, body: '{"targets":[{"prefix":"a"}]}'}), sink);
  t.is(sink.headers['content-type'], 'text/event-stream');
  t.regex(String(sink.chunks[0]), /^data: {.*"created":{}}\n\n$/);
  sink.leave();
});
