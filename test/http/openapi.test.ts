/**
 * `/-/openapi.json`: the document as a whole, and each of its operations, whose example is
 * sent to a server and has to be answered as the document says.
 */
import {Validator} from '@seriousme/openapi-schema-validator';
import test, {type ExecutionContext} from 'ava';
import {limits} from '../../src/base/index.js';
import type {Operation, Parameter, Part} from '../../src/transcoding/index.js';
import {closed, compileSchema} from '../helpers/json-schema.js';
import {logOneThread, startServer} from '../helpers/test-server.js';
import {type AskOptions, type HttpParts, httpTest} from './helpers/http-parts.js';
import type {OpenAnswer} from './helpers/ways.js';

interface Document {
  openapi: string;
  info: {version: string};
  paths: Record<string, Record<string, Operation>>;
  components: {schemas: Record<string, Part>};
}

interface MediaType extends Part {
  schema: Part;
  example?: unknown;
}

const path = '/-/openapi.json';

/** The document of a server as users start it. */
async function fetchDocument(t: ExecutionContext): Promise<Document> {
  logOneThread(t, 'it reads the document, which each thread has alike');
  const {server} = await startServer(t, {threads: 1});
  const response = await fetch(`http://${server.address}${path}`);
  t.is(response.headers.get('content-type'), 'application/json');
  return (await response.json()) as Document;
}

test('the document is OpenAPI 3.1, and of this version', async t => {
  const document = await fetchDocument(t);
  const {valid, errors} = await new Validator().validate(structuredClone({...document}));
  t.true(valid, JSON.stringify(errors, undefined, 1));
  t.regex(document.openapi, /^3\.1\./);
  t.regex(document.info.version, /^\d+\.\d+\.\d+/);
});

httpTest('a browser asks whether it is still the same, and is told so', async (t, start) => {
  const {ask} = await start();
  const etag = (await ask('GET', path)).headers.etag!;
  t.regex(etag, /^"[\w-]+"$/);
  t.is((await ask('GET', path, {headers: {'if-none-match': etag}})).status, 304);
  t.is((await ask('GET', path, {headers: {'if-none-match': '"else"'}})).status, 200);
  t.is((await ask('HEAD', path)).body.length, 0);
  const post = await ask('POST', path);
  t.is(post.status, 405);
  t.is(post.headers.allow, 'GET, HEAD, OPTIONS');
});

test('every operation has a name of its own, words and failures', async t => {
  const document = await fetchDocument(t);
  const ids = new Set<string>();
  for (const {operation, name} of operationsOf(document)) {
    t.false(ids.has(operation.operationId), name);
    ids.add(operation.operationId);
    t.true(operation.summary.length > 5, name);
    t.truthy(operation.responses.default, name);
    const texts = (operation.parameters ?? []).map(({description}) => description);
    t.false(texts.includes(undefined), `${name}: each parameter is described`);
  }
  t.true(ids.size >= 40);
});

test('bounds are those in force', async t => {
  const document = await fetchDocument(t);
  const [key] = document.paths['/v1/entries/{key}']!.get!.parameters!;
  t.is(key!.schema.maxLength, limits.keyBytesDefault);
  const batch = document.components.schemas['krusty.cache.v1.BatchGetRequest']!.properties as Record<string, Part>;
  t.is(batch.requests!.maxItems, limits.batchMost);
  t.deepEqual(document.components.schemas['krusty.cache.v1.BatchGetRequest']!.required, ['requests']);
});

httpTest('the example of every operation is answered as the document says', async (t, start) => {
  const {ask, open} = await start({historyBytes: 2 ** 20});
  const strict = closed(JSON.parse((await ask('GET', path)).body.toString()) as Document);
  for (const documented of operationsOf(strict)) {
    const {name, method, operation} = documented;
    await fill(ask);
    const {target, options} = requestOf(t, strict, documented);
    const answer = await open(method.toUpperCase(), target, options);
    const response = operation.responses[answer.status] as {content?: Record<string, MediaType>} | undefined;
    t.true(answer.status < 300 && response !== undefined, `${name}: ${answer.status}`);
    await checkAnswer(t, strict, name, answer, response!.content);
  }
});

test('the examples of answers are what their schemas say', async t => {
  const document = await fetchDocument(t);
  const strict = closed(document);
  for (const {name, operation} of operationsOf(strict)) {
    for (const response of Object.values(operation.responses) as {content?: Record<string, MediaType>}[]) {
      for (const {schema, example} of Object.values(response.content ?? {})) {
        if (schema.$ref !== '#/components/schemas/google.rpc.Status') t.not(example, undefined, name);
        t.is(compileSchema(strict, schema)(example), undefined, name);
      }
    }
  }
});

interface Documented {
  name: string;
  method: string;
  path: string;
  operation: Operation;
}

function operationsOf({paths}: Document): Documented[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({name: `${method} ${path}`, method, path, operation})),
  );
}

/** What the examples speak of. */
async function fill(ask: HttpParts['ask']): Promise<void> {
  await ask('PUT', '/greeting', {body: 'hello', headers: {'content-type': 'text/plain'}});
  await ask('PUT', '/visits', {body: '41', headers: {'content-type': 'text/plain'}});
}

/** The request that the examples of an operation make; each of them has to be valid. */
function requestOf(
  t: ExecutionContext,
  document: Document,
  {path, operation: {parameters = [], requestBody}}: Documented,
): {target: string; options: AskOptions} {
  let target = path;
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  for (const {name, example, schema, ...parameter} of parameters as (Parameter & {example?: unknown})[]) {
    if (example === undefined) {
      t.false(parameter.required === true, `${path}: ${name} is required, and has no example`);
      continue;
    }
    t.is(compileSchema(document, schema)(example), undefined, `${path}: ${name}`);
    if (parameter.in === 'path') target = target.replace(`{${name}}`, encodeURIComponent(String(example)));
    if (parameter.in === 'header') headers[name] = String(example);
    if (parameter.in === 'query') for (const each of [example].flat()) query.append(name, String(each));
  }
  const [type, media] = Object.entries((requestBody?.content ?? {}) as Record<string, MediaType>)[0] ?? [];
  let body: string | undefined;
  if (type !== undefined && media !== undefined) {
    t.is(compileSchema(document, media.schema)(media.example), undefined, path);
    headers['content-type'] = type;
    body = typeof media.example === 'string' ? media.example : JSON.stringify(media.example);
  }
  const search = query.size === 0 ? '' : `?${query}`;
  return {target: `${target}${search}`, options: {headers, body}};
}

async function checkAnswer(
  t: ExecutionContext,
  document: Document,
  name: string,
  answer: OpenAnswer,
  content: Record<string, MediaType> | undefined,
): Promise<void> {
  if (!content) {
    t.is(await textOf(answer), '', name);
    return;
  }
  const type = answer.headers['content-type']!.split(';')[0]!;
  const media = content[type] ?? content['*/*'];
  if (!media) {
    t.fail(`${name}: ${type} is not documented`);
    return;
  }
  const item = media['x-item-schema'] as Part | undefined;
  if (type === 'application/json' || item) {
    const json = item ? await firstLine(answer) : await textOf(answer);
    t.is(compileSchema(document, item ?? media.schema)(JSON.parse(json)), undefined, `${name}: ${json}`);
  } else if (type === 'text/event-stream') {
    t.regex(await firstLine(answer), /^retry: \d+$/, name);
  } else {
    t.true((await textOf(answer)).length > 0, name);
  }
}

/** The stream goes on; it is left. */
async function firstLine({body}: OpenAnswer): Promise<string> {
  let text = '';
  for await (const piece of body) {
    text += piece;
    if (text.includes('\n')) break;
  }
  return text.split('\n')[0]!;
}

async function textOf({body}: OpenAnswer): Promise<string> {
  let text = '';
  for await (const piece of body) text += piece;
  return text;
}
