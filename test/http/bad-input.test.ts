/**
 * What is wrong with a request is told by the documented status, with a
 * google.rpc.Status that says why; it is never a 500, and nothing is stored.
 */
import type {ExecutionContext} from 'ava';
import {type AskOptions, httpTest, type StartHttp, statusBody} from './helpers/http-parts.js';
import type {HttpVersion} from './helpers/ways.js';

interface Case extends AskOptions {
  method?: string;
  target?: string;
  status: number;
  reason: string;
  /** The field that the answer names. */
  field?: string;
  /** The version in which a request can be that. */
  only?: HttpVersion;
}

const json = {'content-type': 'application/json'};

const cases: Record<string, Case> = {
  'a malformed percent escape': {target: '/a%2', status: 400, reason: 'MALFORMED_TARGET'},
  'a malformed percent escape in the query': {target: '/a?ttl=%', status: 400, reason: 'MALFORMED_TARGET'},
  'invalid UTF-8 in the path': {target: '/a%FF', status: 400, reason: 'MALFORMED_TARGET'},
  'invalid UTF-8 in the query': {target: '/a?namespace=%FF', status: 400, reason: 'MALFORMED_TARGET'},
  'an unknown query parameter': {target: '/a?tll=5m', status: 400, reason: 'UNKNOWN_PARAMETER', field: 'tll'},
  'a parameter of another case': {target: '/a?TTL=5m', status: 400, reason: 'UNKNOWN_PARAMETER', field: 'TTL'},
  'a TTL where nothing is stored': {
    method: 'GET',
    target: '/a?ttl=5m',
    status: 400,
    reason: 'UNKNOWN_PARAMETER',
    field: 'ttl',
  },
  'a repeated query parameter': {
    target: '/a?ttl=5m&ttl=6m',
    status: 400,
    reason: 'INVALID_PARAMETER',
    field: 'ttl',
  },
  'a parameter repeated with escapes': {
    target: '/a?namespace=&n%61mespace=x',
    status: 400,
    reason: 'INVALID_PARAMETER',
    field: 'namespace',
  },
  'a TTL that is no duration': {target: '/a?ttl=soon', status: 400, reason: 'INVALID_TTL', field: 'ttl'},
  'an empty TTL': {target: '/a?ttl', status: 400, reason: 'INVALID_TTL', field: 'ttl'},
  'a TTL below zero': {target: '/a?ttl=-5m', status: 400, reason: 'INVALID_TTL', field: 'ttl'},
  'a TTL of two centuries': {target: '/a?ttl=73050d', status: 400, reason: 'INVALID_TTL', field: 'ttl'},
  'a max-age that is no number': {
    headers: {'cache-control': 'max-age=5m'},
    status: 400,
    reason: 'INVALID_TTL',
    field: 'Cache-Control',
  },
  'two max-ages': {
    headers: {'cache-control': 'max-age=5, max-age=6'},
    status: 400,
    reason: 'INVALID_TTL',
    field: 'Cache-Control',
  },
  'an unknown namespace': {target: '/a?namespace=none', status: 404, reason: 'UNKNOWN_NAMESPACE', field: 'namespace'},
  'a key that is too long': {target: `/${'k'.repeat(1025)}`, status: 400, reason: 'KEY_TOO_LONG', field: 'key'},
  'a value that is too large': {body: 'v'.repeat(2 ** 20 + 1), status: 413, reason: 'VALUE_TOO_LARGE', field: 'value'},
  'a value that can never fit': {
    target: '/a?namespace=small',
    body: 'v'.repeat(2 ** 20),
    status: 413,
    reason: 'VALUE_TOO_LARGE',
    field: 'value',
  },
  'a Content-Type that no header can carry back': {
    headers: {'content-type': 'text/\xe4'},
    status: 400,
    reason: 'INVALID_CONTENT_TYPE',
    field: 'content_type',
  },
  'a compressed body': {
    headers: {'content-encoding': 'gzip'},
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
    field: 'Content-Encoding',
  },
  'a part of a value': {
    headers: {'content-range': 'bytes 0-1/2'},
    status: 400,
    reason: 'INVALID_PARAMETER',
    field: 'Content-Range',
  },
  'a method that keys do not have': {method: 'PATCH', status: 405, reason: 'METHOD_NOT_ALLOWED'},
  'a write to the front page': {target: '/', status: 405, reason: 'METHOD_NOT_ALLOWED'},
  "a write to one of the server's own paths": {target: '/-/healthy', status: 405, reason: 'METHOD_NOT_ALLOWED'},
  'an own path that there is not': {target: '/-/nothing', status: 404, reason: 'NO_ROUTE'},
  'the empty own path': {method: 'GET', target: '/-', status: 404, reason: 'NO_ROUTE'},
  'a dot segment': {target: '/a/../b', status: 400, reason: 'MALFORMED_TARGET'},
  'a dot segment in escapes': {target: '/a/%2e%2E/b', status: 400, reason: 'MALFORMED_TARGET'},
  'a dot segment with an escaped slash': {target: '/a%2f..%2fb', status: 400, reason: 'MALFORMED_TARGET'},
  'a reserved path in escapes': {target: '/%2d/raw/x', status: 400, reason: 'MALFORMED_TARGET'},
  'a JSON route in escapes': {target: '/%76%31/entries/a', status: 400, reason: 'MALFORMED_TARGET'},
  'a gRPC path in escapes': {target: '/krusty%2ecache.v1.X/Y', status: 400, reason: 'MALFORMED_TARGET'},
  'a version that there is not': {target: '/v2/entries/a', headers: json, status: 404, reason: 'NO_ROUTE'},
  'a JSON route that there is not': {target: '/v1/entry/a', headers: json, status: 404, reason: 'NO_ROUTE'},
  'a method that a JSON route does not have': {
    method: 'PATCH',
    target: '/v1/entries/a',
    headers: json,
    status: 405,
    reason: 'METHOD_NOT_ALLOWED',
  },
  'a body that is not JSON': {
    target: '/v1/entries/a',
    headers: json,
    body: 'hello',
    status: 400,
    reason: 'INVALID_BODY',
    field: 'body',
  },
  'a JSON field that there is not': {
    target: '/v1/entries/a',
    headers: json,
    body: '{"valeu": "aGVsbG8="}',
    status: 400,
    reason: 'INVALID_BODY',
  },
  'JSON under another type': {
    target: '/v1/entries/a',
    headers: {'content-type': 'text/plain'},
    body: '{}',
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  },
  'an unknown parameter of a JSON route': {
    method: 'GET',
    target: '/v1/entries/a?pekk=true',
    status: 400,
    reason: 'UNKNOWN_PARAMETER',
    field: 'pekk',
  },
  'a JSON body that is too large': {
    target: '/v1/entries/a',
    headers: json,
    body: `{"value": "${'A'.repeat(2_500_000)}"}`,
    status: 413,
    reason: 'BODY_TOO_LARGE',
  },
  'a gRPC request': {
    headers: {'content-type': 'application/grpc+proto'},
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
    only: 'HTTP/1.1',
  },
  'a gRPC-Web request': {
    method: 'POST',
    headers: {'content-type': 'application/grpc-web-text'},
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  },
  'a Connect stream': {
    method: 'POST',
    headers: {'content-type': 'application/connect+proto'},
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  },
  'a Connect request, which is plain JSON': {
    method: 'POST',
    target: '/other.Service/Method',
    headers: {...json, 'connect-protocol-version': '1'},
    body: '{}',
    status: 415,
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  },
  'a Connect request by its path': {
    method: 'POST',
    target: '/krusty.cache.v1.CacheService/Put',
    headers: json,
    body: '{"key": "a", "value": "aGVsbG8="}',
    status: 404,
    reason: 'NO_ROUTE',
  },
  'a Connect request by GET': {
    method: 'GET',
    target: '/krusty.cache.v1.CacheService/Get?connect=v1&encoding=json&message=%7B%7D',
    status: 404,
    reason: 'NO_ROUTE',
  },
  'a form of another site': {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    },
    status: 403,
    reason: 'CROSS_SITE_WRITE',
    field: 'Origin',
  },
  'a foreign Host': {headers: {host: 'evil.example'}, status: 403, reason: 'FOREIGN_HOST', field: 'Host'},
  'a foreign Host of a read': {
    method: 'GET',
    headers: {host: 'evil.example:80'},
    status: 403,
    reason: 'FOREIGN_HOST',
    field: 'Host',
  },
  'no Host': {headers: {host: undefined}, status: 400, reason: 'MALFORMED_HTTP', only: 'HTTP/1.1'},
  'headers that are too large': {headers: {'x-a': 'a'.repeat(20_000)}, status: 431, reason: 'HEADERS_TOO_LARGE'},
  'a target that is too large': {target: `/${'a'.repeat(20_000)}`, status: 431, reason: 'HEADERS_TOO_LARGE'},
  'an Expect that nobody knows': {headers: {expect: '200-ok'}, status: 417, reason: 'EXPECTATION_FAILED'},
};

const unprintable = (text: string) => JSON.stringify(text.slice(0, 40));

for (const [what, {method = 'PUT', target = '/a', headers = {}, body, status, reason, field, only}] of Object.entries(
  cases,
)) {
  const title = `${what} is ${status} ${reason}: ${method} ${unprintable(target)}`;
  const run = async (t: ExecutionContext, start: StartHttp) => {
    const {ask, entries, faults} = await start({
      namespaces: [{}, {name: 'small', maxMemoryBytes: 2 ** 20, maxEntries: 10}],
    });
    const answer = await ask(method, target, {headers, body: body ?? (method === 'GET' ? undefined : 'v')});
    const told = statusBody(t, answer);
    t.is(answer.status, status);
    t.is(told.reason, reason);
    if (field !== undefined) t.deepEqual(told.fields, [field]);
    if (status === 405) t.regex(answer.headers.allow ?? '', /GET/);
    t.is(entries(), 0);
    t.deepEqual(faults, []);
  };
  httpTest(title, run, only);
}

httpTest(
  'bytes in the path that are not escaped are 400, whether Node finds them (from 20.20 on) or we do',
  async (t, start) => {
    const {ask, entries, faults} = await start();
    const answer = await ask('PUT', '/\xc3\xa4', {body: 'v'});
    t.is(answer.status, 400);
    t.regex(statusBody(t, answer).reason, /^MALFORMED_(HTTP|TARGET)$/);
    t.is(entries(), 0);
    t.deepEqual(faults, []);
  },
);
