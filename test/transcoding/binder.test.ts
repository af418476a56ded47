/**
 * The binder: what path, query and body make of a message. The oracle is
 * @bufbuild/protobuf: a request is right if its message is that of the JSON beside it.
 */
import {fromBinary, type JsonValue, toJson} from '@bufbuild/protobuf';
import test from 'ava';
import {Binder, RequestError, Router, routesOf} from '../../src/transcoding/index.js';
import {canonical, ignoredQueryParameters, queries, refused, requests} from './helpers/cases.js';
import {everything, registry, service} from './helpers/features.js';

const router = new Router<Binder>();
for (const rpc of service.methods.filter(({input, methodKind}) => input === everything && methodKind === 'unary')) {
  for (const route of routesOf(rpc, registry)) {
    router.add(route.method, route.template, new Binder(route, {registry, ignoredQueryParameters}));
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

for (const [query, json] of Object.entries(queries)) {
  test(`the query ${query}`, t => t.deepEqual(bind(`GET /v1/query?${query}`), canonical(json)));
}

for (const [request, body, json] of requests) {
  test(`${request} with ${body || 'no body'}`, t => t.deepEqual(bind(request, body), canonical(json)));
}

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
