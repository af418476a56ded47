/** Annotations: those of the image become routes, and a bad one stops the start with the method and the template in the error. */
import {clone, create, createFileRegistry, fromJson, type JsonValue, setExtension} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema, MethodOptionsSchema} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import {AnnotationError, type Route, routesOf, type ServedMethod, Transcoder} from '../../src/transcoding/index.js';
import {descriptors, featuresTranscoder, methods, pathOf, registry, service} from './helpers/features.js';

const annotation = registry.getExtension('google.api.http')!;
const httpRule = registry.getMessage('google.api.HttpRule')!;

/** The test service with other rules for some methods. */
function annotated(rules: Record<string, JsonValue>) {
  const set = clone(FileDescriptorSetSchema, descriptors);
  const file = set.file.find(({name}) => name === 'features.proto')!;
  for (const method of file.service[0]!.method) {
    if (!(method.name in rules)) continue;
    method.options = create(MethodOptionsSchema);
    setExtension(method.options, annotation, fromJson(httpRule, rules[method.name]!));
  }
  return createFileRegistry(set);
}

function describe({rpc, method, template, variables, body, responseBody}: Route): string {
  const names = variables.map(({name}) => name);
  const parts = [body && `body ${body === '*' ? '*' : body.name}`, responseBody && `answers ${responseBody.name}`];
  return [`${rpc.name} ${method} ${template.text}`, ...names, ...parts.filter(Boolean)].join(', ');
}

test('each rule and each additional binding is a route', t => {
  const routes = service.methods.flatMap(rpc => routesOf(rpc, registry)).map(describe);
  t.is(routes.length, 27);
  for (const expected of [
    'Query GET /v1/query/{nested.text}/{nested.number}, nested.text, nested.number',
    'Whole PUT /v1/whole/{text}, text, body *',
    'Part PATCH /v1/part/{nested.text}, nested.text, body nested',
    'Tags POST /v1/tags, body tags, answers tags',
    'Custom PURGE /v1/custom/{text}, text',
    'Custom * /v1/any/{text}, text',
    'GetFile GET /v1/{name=shelves/*/books/*}, name',
    'Upload POST /v1/uploads/{name}, name, body file, answers file',
    'Watch GET /v1/watch',
  ]) {
    t.true(routes.includes(expected), expected);
  }
});

test('a method without an annotation has no route', t => {
  t.deepEqual(routesOf(service.methods.find(({name}) => name === 'Plain')!, registry), []);
});

/** Rule of the method Plain, or of another, and what the error says. */
const bad: [string, JsonValue, RegExp, string?][] = [
  ['no pattern', {}, /Plain: the rule has no pattern/],
  ['no pattern besides', {get: '/a', additionalBindings: [{body: '*'}]}, /Plain: the rule has no pattern/],
  ['a bad template', {get: '/a/{'}, /Plain, "\/a\/{": template "\/a\/{", column 5: a field name/],
  ['an empty template', {get: ''}, /Plain, "": template "", column 1: /],
  [
    'an unknown variable',
    {get: '/a/{txet}'},
    /Plain, "\/a\/{txet}": variable "txet" of test\.\S+Everything: there is no such/,
  ],
  ['an unknown nested variable', {get: '/{nested.txet}'}, /variable "nested\.txet" .*no such field in nested/],
  ['a variable through a scalar', {get: '/{text.a}'}, /no such field in text/],
  ['a variable through a list', {get: '/{items.text}'}, /no such field in items/],
  ['a variable through a timestamp', {get: '/{time.seconds}'}, /no such field in time/],
  ['a variable by its JSON name', {get: '/{oddName}'}, /no such field/],
  ['a variable by a JSON name that is one', {get: '/{oddly}'}, /the field is called "odd_name"/],
  ['a repeated variable', {get: '/{tags}'}, /a path cannot hold a repeated field/],
  ['a map as variable', {get: '/{labels}'}, /a path cannot hold a map/],
  ['a message as variable', {get: '/{nested}'}, /a path cannot hold a test\.transcoding\.v1\.Part/],
  ['a struct as variable', {get: '/{details}'}, /a path cannot hold a google\.protobuf\.Struct/],
  ['the body of a GET', {get: '/a', body: '*'}, /GET has no body/],
  ['the body of a DELETE', {delete: '/a', body: 'nested'}, /DELETE has no body/],
  ['an unknown body', {post: '/a', body: 'txet'}, /body "txet": test\.\S+Everything has no such field/],
  ['a nested body', {post: '/a', body: 'nested.text'}, /body "nested\.text": .* no such field/],
  ['an unknown response_body', {get: '/a', responseBody: 'txet'}, /response_body "txet": .* no such field/],
  ['a field of path and body', {post: '/a/{text}', body: 'text'}, /"text" is bound by path and body/],
  [
    'nested bindings',
    {get: '/a', additionalBindings: [{get: '/b', additionalBindings: [{get: '/c'}]}]},
    /cannot be nested/,
  ],
  ['a custom method without a name', {custom: {kind: '', path: '/a'}}, /"" is no HTTP method/],
  ['a custom method that is none', {custom: {kind: 'get it', path: '/a'}}, /"get it" is no HTTP method/],
  [
    'a duplicate of another method',
    {get: '/v1/query'},
    /Plain, "\/v1\/query": .* GET "\/v1\/query" serves the same paths/,
  ],
  ['the same paths otherwise spelled', {get: '/v1/query/*'}, /"\/v1\/query\/{text}" serves the same paths/],
  [
    'a duplicate of itself',
    {get: '/a/{text}', additionalBindings: [{get: '/a/{maybe}'}]},
    /Plain, "\/a\/{maybe}": .*"\/a\/{text}"/,
  ],
  ['a stream of requests', {post: '/collect', body: '*'}, /Collect, "\/collect": a stream of requests/, 'Collect'],
];

for (const [what, rule, message, name = 'Plain'] of bad) {
  test(`the start is stopped by ${what}`, t => {
    const error = t.throws(() => featuresTranscoder({registry: annotated({[name]: rule})}), {
      instanceOf: AnnotationError,
      message,
    });
    t.true(error.message.startsWith(`test.transcoding.v1.Features.${name}`), error.message);
  });
}

function start(served: readonly ServedMethod[], from = registry): Transcoder {
  return new Transcoder({registry: from, methods: served, onFault: () => {}});
}

test('the start is stopped by a method that is missing', t => {
  const some = methods.filter(({path}) => path !== pathOf('Watch'));
  t.throws(() => start(some), {instanceOf: AnnotationError, message: /Features\.Watch, .*no method to serve it/});
});

test('the start is stopped by a method of the wrong kind', t => {
  const others = methods.filter(({path}) => path !== pathOf('Watch'));
  const unary: ServedMethod = {kind: 'unary', path: pathOf('Watch'), handle: request => request};
  t.throws(() => start([...others, unary]), {instanceOf: AnnotationError, message: /Features\.Watch, .*kind "unary"/});
});

test('the start is stopped by a method that no descriptor has', t => {
  const stray: ServedMethod = {kind: 'unary', path: '/no.Such/Thing', handle: request => request};
  t.throws(() => start([...methods, stray]), {message: /no descriptor for the method \/no\.Such\/Thing/});
});

test('the start is stopped where nothing is annotated', t => {
  const plain = createFileRegistry({
    ...descriptors,
    file: descriptors.file.filter(({name}) => name.startsWith('google/protobuf/')),
  });
  t.throws(() => start([], plain), {message: /no method has a google\.api\.http annotation/});
});
