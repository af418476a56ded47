/** The OpenAPI description of the test service: its operations, with their parameters, bodies, answers, words and examples. */
import {clone, create, createFileRegistry} from '@bufbuild/protobuf';
import {FileDescriptorProtoSchema, FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {Validator} from '@seriousme/openapi-schema-validator';
import test from 'ava';
import {
  openApi,
  type Parameter,
  type Part,
  parseTemplate,
  type Route,
  type Schema,
} from '../../src/transcoding/index.js';
import {descriptors, everything, featuresTranscoder, send} from './helpers/features.js';
import {description, document, transcoder} from './helpers/openapi.js';

const {paths} = description;

function operation(method: string, path: string) {
  return paths[path]![method]!;
}

test('the whole is an OpenAPI 3.1 document', async t => {
  const {valid, errors} = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  t.true(valid, JSON.stringify(errors, undefined, 1));
});

test('a path has a parameter for each segment that varies', t => {
  const names = (method: string, path: string) =>
    operation(method, path)
      .parameters!.filter(each => each.in === 'path')
      .map(each => each.name);
  t.deepEqual(names('get', '/v1/query/{nested.text}/{nested.number}'), ['nested.text', 'nested.number']);
  t.deepEqual(names('get', '/v1/shelves/{name.1}/books/{name.2}'), ['name.1', 'name.2']);
  t.deepEqual(names('get', '/v1/files/{name}'), ['name']);
  t.true(operation('get', '/v1/files/{name}').parameters![0]!['x-multi-segment']);
  t.deepEqual(names('get', '/v1/one/{name}:show'), ['name']);
  const typed = operation('get', '/v1/typed/{color}/{big}/{flag}/{time}/{maybe_count}').parameters!;
  t.deepEqual(
    typed.slice(0, 5).map(each => [each.name, each.schema.type]),
    [
      ['color', undefined],
      ['big', 'integer'],
      ['flag', 'boolean'],
      ['time', 'string'],
      ['maybe_count', 'integer'],
    ],
  );
  t.deepEqual((typed[0]!.schema.anyOf as Schema[])[0], {$ref: '#/components/schemas/test.transcoding.v1.Color'});
});

test('a query may give what path and body do not, nested fields by their names', t => {
  const query = (method: string, path: string) =>
    operation(method, path)
      .parameters?.filter(each => each.in === 'query')
      .map(each => each.name) ?? [];
  const all = query('get', '/v1/query');
  for (const name of [
    'text',
    'big',
    'maybeCount',
    'tags',
    'times',
    'nested.text',
    'nested.displayName',
    'middle.wait',
  ]) {
    t.true(all.includes(name), name);
  }
  for (const name of ['items', 'labels', 'details', 'any', 'nested', 'nested.deeper', 'nested.deeper.text']) {
    t.false(all.includes(name), name);
  }
  t.false(query('get', '/v1/query/{text}').includes('text'));
  t.false(query('patch', '/v1/part/{nested.text}').some(name => name.startsWith('nested.')));
  t.deepEqual(query('post', '/v1/whole'), []);
  const displayName = operation('get', '/v1/query').parameters!.find(each => each.name === 'nested.displayName')!;
  t.is(displayName['x-proto-name'], 'nested.display_name');
  const repeated = operation('get', '/v1/query').parameters!.find(each => each.name === 'numbers')!;
  t.is(repeated.schema.type, 'array');
});

function contentOf(part: unknown): Record<string, {schema: Schema} & Part> {
  return (part as {content: Record<string, {schema: Schema} & Part>}).content;
}

test('bodies and answers: whole, a field, bytes, and streams', t => {
  const body = (method: string, path: string) => contentOf(operation(method, path).requestBody);
  const answer = (method: string, path: string) => contentOf(operation(method, path).responses[200]);
  t.is(
    body('post', '/v1/whole')['application/json']!.schema.$ref,
    '#/components/schemas/test.transcoding.v1.Everything.Input',
  );
  const bound = body('put', '/v1/whole/{text}')['application/json']!.schema.properties as Part;
  t.false('text' in bound);
  t.true('flag' in bound);
  t.is(body('post', '/v1/tags')['application/json']!.schema.items !== undefined, true);
  t.is(answer('post', '/v1/tags')['application/json']!.schema.type, 'array');
  t.is(answer('post', '/v1/text')['application/json']!.schema.type, 'string');
  t.deepEqual(Object.keys(body('post', '/v1/raw')), ['*/*']);
  t.deepEqual(Object.keys(answer('post', '/v1/uploads/{name}')), ['*/*']);
  t.deepEqual(Object.keys(answer('get', '/v1/watch')), [
    'application/x-ndjson',
    'text/event-stream',
    'application/json',
  ]);
  t.is(operation('get', '/v1/query').requestBody, undefined);
  t.is(operation('get', '/v1/query').responses[415], undefined);
  t.truthy(operation('post', '/v1/whole').responses[415]);
  t.truthy(operation('get', '/v1/query').responses.default);
});

test('a segment of a variable has its part of the example, and paths of the same form one spelling', t => {
  const examples = (route: Route) =>
    route.rpc.name === 'GetFile' ? {request: {name: 'shelves/a%2Fb/books/c'}, response: {}} : undefined;
  const {paths: shown} = openApi({routes: transcoder.routes, examples});
  t.deepEqual(
    shown['/v1/shelves/{name.1}/books/{name.2}']!.get!.parameters!.map(({name, example}) => [name, example]),
    [
      ['name.1', 'a/b'],
      ['name.2', 'c'],
    ],
  );
  const [first, second] = ['GET', 'POST'].map(method => ({
    ...transcoder.routes.find(({template}) => template.text === '/v1/query/{text}')!,
    method,
    template: parseTemplate(method === 'GET' ? '/v1/{text}' : '/v1/{maybe}'),
  }));
  const {paths: merged} = openApi({routes: [first!, second!]});
  t.deepEqual(Object.keys(merged), ['/v1/{text}']);
  t.deepEqual(Object.keys(merged['/v1/{text}']!), ['get', 'post']);
});

test('a method that OpenAPI does not know stands beside those that it knows', t => {
  t.deepEqual(Object.keys(paths['/v1/custom/{text}']!), ['x-methods']);
  t.is(
    (paths['/v1/custom/{text}']!['x-methods'] as unknown as Record<string, Part>).PURGE!.operationId,
    'Features_Custom',
  );
  t.deepEqual(Object.keys(paths['/v1/head/{text}']!), ['head']);
});

test('comments become summaries and descriptions', t => {
  t.is(operation('post', '/v1/uploads/{name}').summary, "Answers the file's bytes as they came");
  t.is(operation('get', '/v1/query').summary, 'Query');
  t.is(
    description.tags[0]!.description,
    'The methods that answer an Everything answer their request; those of others say what they do.',
  );
});

test('an example is given where the route takes it from', t => {
  const request = {text: 'a', nested: {text: 'b', number: 5}, tags: ['c']};
  const examples = (route: Route) => (route.rpc.input === everything ? {request, response: {text: 'a'}} : undefined);
  const {paths: shown} = openApi({routes: transcoder.routes, examples});
  const parameters = (path: string, method: string) =>
    Object.fromEntries(
      (shown[path]![method]!.parameters ?? [])
        .filter(each => each.example !== undefined)
        .map(each => [each.name, each.example]),
    );
  t.deepEqual(parameters('/v1/query/{text}', 'get'), {
    text: 'a',
    tags: ['c'],
    'nested.text': 'b',
    'nested.number': 5,
  });
  t.deepEqual(parameters('/v1/part/{nested.text}', 'patch'), {'nested.text': 'b', text: 'a', tags: ['c']});
  t.deepEqual(contentOf(shown['/v1/part/{nested.text}']!.patch!.requestBody)['application/json']!.example, {
    text: 'b',
    number: 5,
  });
  const put = contentOf(shown['/v1/whole/{text}']!.put!.requestBody)['application/json']!;
  t.deepEqual(put.example, {nested: {text: 'b', number: 5}, tags: ['c']});
  const stream = contentOf(shown['/v1/watch']!.get!.responses[200]);
  t.is(stream['application/x-ndjson']!.example, '{"result":{"text":"a"}}\n');
  t.is(stream['text/event-stream']!.example, 'data: {"text":"a"}\n\n');
  t.deepEqual(stream['application/json']!.example, [{result: {text: 'a'}}]);
});

const samples: Record<string, string> = {
  color: '2',
  big: '-5',
  flag: 'true',
  time: '2026-11-21T09:04:15Z',
  maybe_count: '7',
  'nested.number': '3',
};

for (const [path, item] of Object.entries(paths)) {
  for (const [method, {parameters}] of Object.entries(withCustom(item))) {
    test(`${method} ${path} leads where the document says`, async t => {
      const inPath = (parameters ?? []).filter(each => each.in === 'path').map(each => each.name);
      t.deepEqual(
        [...path.matchAll(/\{([^}]+)\}/g)].map(match => match[1]),
        inPath,
      );
      const target = path.replaceAll(/\{([^}]+)\}/g, (_, name) => samples[name] ?? 'a%2Fb');
      const answer = await send(transcoder, method.toUpperCase(), target);
      t.is(answer.status, 200, answer.text);
    });
  }
}

function withCustom(item: Record<string, unknown>): Record<string, {parameters?: Parameter[]}> {
  const {'x-methods': custom, ...known} = item as Record<string, Record<string, never>>;
  return {...known, ...custom} as Record<string, {parameters?: Parameter[]}>;
}

test('a descriptor set without source information gives a document without comments', t => {
  const bare = descriptors.file.map(each => {
    const file = clone(FileDescriptorProtoSchema, each);
    file.sourceCodeInfo = undefined;
    return file;
  });
  const bareRegistry = createFileRegistry(create(FileDescriptorSetSchema, {file: bare}));
  const {routes} = featuresTranscoder({registry: bareRegistry});
  const upload = openApi({routes}).paths['/v1/uploads/{name}']!.post!;
  t.is(upload.summary, 'Upload');
});
