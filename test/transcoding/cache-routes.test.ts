/** The annotations of krusty.cache.v1: which method a request calls, and with which message. */
import {readFileSync} from 'node:fs';
import {createFileRegistry, fromBinary, type JsonValue, toJson} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import {type OutStream, type ServedMethod, Transcoder} from '../../src/transcoding/index.js';
import {send} from './helpers/features.js';

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
