/**
 * What the document says that requests are refused for, held against the server: each of
 * these is valid by its schema and accepted, or neither.
 */
import type {Operation, Parameter, Part} from '../../src/transcoding/index.js';
import {compileSchema} from '../helpers/json-schema.js';
import {type HttpParts, httpTest} from './helpers/http-parts.js';

type Document = {paths: Record<string, Record<string, Operation>>; components: Part};

const key = 'k'.repeat(1024);
const requests = (count: number) => ({requests: Array.from({length: count}, () => ({key: 'a'}))});
const targets = (count: number) => ({targets: Array.from({length: count}, () => ({key: 'a'}))});
const entry = '/v1/entries/{key}';

/** Method, path, body and whether it is right; `undefined` is no body. */
const bodies: [method: string, path: string, body: unknown, isRight: boolean][] = [
  ['put', entry, {}, true],
  ['put', entry, {value: 'aGk=', ttl: '1.5s', contentType: 'text/plain', namespace: 'default'}, true],
  ['put', entry, {ttl: '0s'}, true],
  ['put', entry, {ttl: '-1s'}, false],
  ['put', entry, {ttl: '1s500ms'}, false],
  ['put', entry, {ttl: '99999999999s'}, false],
  ['put', entry, {ttl: '5s', noExpiry: true}, false],
  ['put', entry, {ttl: '5s', noExpiry: false}, true],
  ['put', entry, {ttl: null, keepTtl: true}, true],
  ['put', entry, {keepTtl: true, noExpiry: true}, false],
  ['put', entry, {expireTime: '9999-12-31T23:59:59Z', ttl: '5s'}, false],
  ['put', entry, {ifAbsent: true, ifPresent: true}, false],
  ['put', entry, {ifRevision: 1, ifPresent: true}, false],
  ['put', entry, {ifRevision: 0}, false],
  ['put', entry, {ifRevision: '0'}, false],
  ['put', entry, {ifRevision: '1'}, true],
  ['put', entry, {ttlJitter: 1}, true],
  ['put', entry, {ttlJitter: '0.5'}, true],
  ['put', entry, {ttlJitter: 1.01}, false],
  ['put', entry, {ttlJitter: 'NaN'}, false],
  ['put', entry, {contentType: 'a'.repeat(255)}, true],
  ['put', entry, {contentType: 'a'.repeat(256)}, false],
  ['put', entry, {contentType: 'ä'}, false],
  ['put', entry, {namespace: 'No Such'}, false],
  ['put', entry, {value: 'x'.repeat(1_398_102)}, true],
  ['put', entry, {value: 'x'.repeat(1_398_108)}, false],
  ['post', `${entry}:touch`, {onlyExtend: true, onlyShorten: true}, false],
  ['post', `${entry}:touch`, {onlyExtend: true, ttl: '1s'}, true],
  ['post', `${entry}:increment`, {delta: '-5', initial: 7, noExpiry: true}, true],
  ['post', `${entry}:increment`, {ttl: '1s', noExpiry: true}, false],
  ['post', '/v1/entries:batchGet', undefined, false],
  ['post', '/v1/entries:batchGet', {requests: null}, false],
  ['post', '/v1/entries:batchGet', {}, false],
  ['post', '/v1/entries:batchGet', requests(0), false],
  ['post', '/v1/entries:batchGet', requests(1000), true],
  ['post', '/v1/entries:batchGet', requests(1001), false],
  ['post', '/v1/entries:batchGet', {...requests(1), maxResponseBytes: 0}, true],
  ['post', '/v1/entries:batchGet', {...requests(1), maxResponseBytes: 65_535}, false],
  ['post', '/v1/entries:batchGet', {...requests(1), maxResponseBytes: 65_536}, true],
  ['post', '/v1/entries:batchGet', {...requests(1), maxResponseBytes: '5'}, false],
  ['post', '/v1/entries:batchPut', requests(1001), false],
  ['post', '/v1/entries:batchDelete', requests(1001), false],
  ['post', '/v1/entries:batchTouch', requests(1001), false],
  ['post', '/v1/entries:purge', undefined, false],
  ['post', '/v1/entries:purge', {}, false],
  ['post', '/v1/entries:purge', {prefix: ''}, false],
  ['post', '/v1/entries:purge', {all: false}, false],
  ['post', '/v1/entries:purge', {prefix: 'a', all: true}, false],
  ['post', '/v1/entries:purge', {prefix: key}, true],
  ['post', '/v1/entries:purge', {prefix: `${key}k`}, false],
  ['post', '/v1/entries:purge', {all: true}, true],
  ['post', '/v1/entries:purge', {prefix: '', all: true}, true],
  ['post', '/v1/entries:purge', {prefix: 'a', all: false}, true],
  ['post', '/v1/entries:watch', undefined, false],
  ['post', '/v1/entries:watch', {}, false],
  ['post', '/v1/entries:watch', targets(0), false],
  ['post', '/v1/entries:watch', targets(1000), true],
  ['post', '/v1/entries:watch', targets(1001), false],
  ['post', '/v1/entries:watch', {targets: [{}]}, false],
  ['post', '/v1/entries:watch', {targets: [{prefix: ''}]}, true],
  ['post', '/v1/entries:watch', {targets: [{key: 'a', prefix: 'a'}]}, false],
  ['post', '/v1/entries:watch', {...targets(1), eventTypes: ['EVENT_TYPE_PUT']}, true],
  ['post', '/v1/entries:watch', {...targets(1), eventTypes: ['EVENT_TYPE_UNSPECIFIED']}, false],
  ['post', '/v1/entries:watch', {...targets(1), onGap: 2}, true],
  ['post', '/v1/entries:watch', {...targets(1), onGap: 3}, false],
  ['post', '/v1/entries:watch', {...targets(1), bookmarkInterval: '0.1s'}, true],
  ['post', '/v1/entries:watch', {...targets(1), bookmarkInterval: '0.05s'}, false],
  ['post', '/v1/entries:watch', {...targets(1), bookmarkInterval: '3700s'}, false],
];

httpTest('bodies are right or wrong by document and server alike', async (t, start) => {
  const {ask, open} = await start({historyBytes: 2 ** 20});
  const document = await documentOf(ask);
  for (const [method, path, body, isRight] of bodies) {
    const name = `${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}`;
    const {content, required} = document.paths[path]![method]!.requestBody as {
      content: Record<string, {schema: Part}>;
      required?: boolean;
    };
    const isValid =
      body === undefined
        ? required !== true
        : compileSchema(document, content['application/json']!.schema)(body) === undefined;
    t.is(isValid, isRight, `${name}: the document`);
    const answer = await open(method.toUpperCase(), path.replace('{key}', 'a'), {
      headers: {'content-type': 'application/json'},
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    t.is(answer.status < 300, isRight, `${name}: ${answer.status}`);
    // A watch does not end by itself.
    answer.body.destroy();
    await ask('DELETE', '/a');
  }
});

/** Method, path, a parameter and its value, and whether it is right. */
const parameters: [method: string, path: string, name: string, value: string, isRight: boolean][] = [
  ['get', entry, 'key', key, true],
  ['get', entry, 'key', `${key}k`, false],
  ['get', entry, 'namespace', '', true],
  ['get', entry, 'namespace', '-a', false],
  ['get', entry, 'touchTtl', '0.5s', true],
  ['get', entry, 'touchTtl', '0s', false],
  ['get', entry, 'view', 'ENTRY_VIEW_FULL', true],
  ['get', entry, 'view', 'FULL', false],
  ['get', '/v1/entries', 'prefix', `${key}k`, false],
  ['put', '/{key}', 'ttl', '1h', true],
  ['put', '/{key}', 'ttl', '1h30m', true],
  ['put', '/{key}', 'ttl', '2d0.5h1m5.25s10ms', true],
  ['put', '/{key}', 'ttl', '90', true],
  ['put', '/{key}', 'ttl', '987106h', false],
  ['put', '/{key}', 'ttl', '', false],
  ['put', '/{key}', 'ttl', '1m1h', false],
  ['put', '/{key}', 'ttl', '1y', false],
  ['put', '/{key}', 'key', `${key}k`, false],
  ['put', '/{key}', 'If-Match', 'a', false],
  ['put', '/{key}', 'If-None-Match', '"1"', false],
  ['get', '/{key}', 'If-None-Match', '"1", W/"2" ,, "x"', true],
  ['get', '/{key}', 'If-None-Match', Array.from({length: 100}, () => '"1"').join(), true],
  ['get', '/{key}', 'If-None-Match', Array.from({length: 101}, () => '"1"').join(), false],
  ['head', '/-/watch', 'key', key, true],
  ['head', '/-/watch', 'key', `${key}k`, false],
  ['head', '/-/watch', 'values', 'json', true],
  ['head', '/-/watch', 'values', 'xml', false],
  ['head', '/-/watch', 'initial', '', true],
  ['head', '/-/watch', 'initial', 'yes', false],
  ['head', '/-/watch', 'events', 'put', true],
  ['head', '/-/watch', 'events', 'puts', false],
  ['head', '/-/watch', 'from', 'x'.repeat(1000), true],
];

httpTest('parameters are right or wrong by document and server alike', async (t, start) => {
  const {ask} = await start({historyBytes: 2 ** 20});
  const document = await documentOf(ask);
  await ask('PUT', '/a', {body: 'x'});
  for (const [method, path, name, value, isRight] of parameters) {
    const title = `${method} ${path} ${name}=${value.slice(0, 50)}`;
    const parameter = (document.paths[path]![method]!.parameters as Parameter[]).find(each => each.name === name)!;
    const given = parameter.schema.type === 'array' ? [value] : value;
    t.is(compileSchema(document, parameter.schema)(given) === undefined, isRight, `${title}: the document`);
    const target = path.replace('{key}', name === 'key' ? value : 'a');
    const query = new URLSearchParams(parameter.in === 'query' ? {[name]: value} : {});
    if (path === '/-/watch' && name !== 'key') query.set('prefix', '');
    const headers: Record<string, string> = parameter.in === 'header' ? {[name]: value} : {};
    const {status, body} = await ask(method.toUpperCase(), `${target}?${query}`, {headers});
    // Of a key or a namespace that is right there may be none.
    const isRefused = status >= 300 && !(isRight && status === 404);
    t.is(!isRefused, isRight, `${title}: ${status} ${body}`);
  }
});

async function documentOf(ask: HttpParts['ask']): Promise<Document> {
  return JSON.parse((await ask('GET', '/-/openapi.json')).body.toString());
}
