/**
 * The contract keeps its style, its promises to older clients, and its comments.
 *
 * baseline.binpb is the image of the last release: what a client out there was
 * built from. Before a release, once `npm test` has passed: `npm run build && cp
 * dist/image.binpb test/proto/baseline.binpb`. Between releases it stays, so that
 * what has not been released may still change.
 */
import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {createFileRegistry, fromBinary, getOption, hasOption, toBinary} from '@bufbuild/protobuf';
import {FieldDescriptorProto_Type, type FileDescriptorSet, FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import {uncommented} from '../helpers/proto-comments.js';
import {image} from '../helpers/test-server.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const builtImage = fileURLToPath(new URL('../../image.binpb', import.meta.url));
const baseline = 'test/proto/baseline.binpb';

/** What buf says, and how it exits. 100 is its word for findings. */
function buf(...args: string[]): Promise<{exitCode: number; output: string}> {
  return new Promise(resolve => {
    execFile(join(root, 'node_modules/.bin/buf'), args, {cwd: root}, (error, stdout, stderr) => {
      resolve({exitCode: error ? Number(error.code) : 0, output: stdout + stderr});
    });
  });
}

function readImage(): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, image);
}

const registry = createFileRegistry(readImage());
const ours = [...registry.files].filter(file => file.proto.package.startsWith('krusty.'));
const services = ours.flatMap(file => file.services);

test('buf lint finds nothing', async t => {
  t.deepEqual(await buf('lint'), {exitCode: 0, output: ''});
});

test('nothing that clients of the last release rely on has changed', async t => {
  t.deepEqual(await buf('breaking', builtImage, '--against', baseline), {exitCode: 0, output: ''});
});

/** Changes to the image that break somebody. */
const breaks: Record<string, {change: (image: FileDescriptorSet) => void; says: RegExp}> = {
  'a field of another type': {
    change: set => {
      fieldOf(set, 'PutRequest', 'value').type = FieldDescriptorProto_Type.STRING;
    },
    says: /changed type from "bytes" to "string"/,
  },
  'a field of another number': {
    change: set => {
      fieldOf(set, 'GetRequest', 'peek').number = 77;
    },
    says: /field "4" with name "peek" on message "GetRequest" was deleted|"peek"/,
  },
  'a field of another name': {
    change: set => {
      const field = fieldOf(set, 'GetRequest', 'peek');
      field.name = 'look';
      field.jsonName = 'look';
    },
    says: /"peek" to "look"/,
  },
};

for (const [name, {change, says}] of Object.entries(breaks)) {
  test(`buf breaking finds ${name}`, async t => {
    const set = readImage();
    change(set);
    const folder = mkdtempSync(join(tmpdir(), 'krusty-contract-'));
    t.teardown(() => rmSync(folder, {recursive: true}));
    const broken = join(folder, 'broken.binpb');
    writeFileSync(broken, toBinary(FileDescriptorSetSchema, set));
    const {exitCode, output} = await buf('breaking', broken, '--against', baseline);
    t.is(exitCode, 100, output);
    t.regex(output, says);
  });
}

function fieldOf(set: FileDescriptorSet, message: string, field: string) {
  const descriptor = set.file.flatMap(file => file.messageType).find(each => each.name === message)!;
  return descriptor.field.find(each => each.name === field)!;
}

test('the services are CacheService and AdminService, and CacheService opens with what everybody needs', t => {
  t.deepEqual(services.map(service => service.typeName).sort(), [
    'krusty.cache.v1.AdminService',
    'krusty.cache.v1.CacheService',
  ]);
  const cacheService = services.find(service => service.name === 'CacheService')!;
  t.deepEqual(
    cacheService.methods.slice(0, 5).map(method => method.name),
    ['Get', 'Put', 'Delete', 'BatchGet', 'Watch'],
  );
});

test('every RPC has its HTTP binding, and one more with the namespace where its request has one', t => {
  const http = registry.getExtension('google.api.http')!;
  for (const method of services.flatMap(service => service.methods)) {
    t.true(hasOption(method, http), method.name);
    const rule = getOption(method, http) as unknown as HttpRule;
    t.regex(String(rule.pattern.value), /^\/v1\//, method.name);
    if (method.input.fields.some(field => field.name === 'namespace')) {
      const bindings = rule.additionalBindings.map(each => String(each.pattern.value));
      t.true(
        bindings.some(path => path.includes('/namespaces/{namespace}/')),
        method.name,
      );
    }
  }
});

interface HttpRule {
  pattern: {case: string; value: string};
  additionalBindings: HttpRule[];
}

test('every service, RPC, message, field, enum and value has a comment', t => {
  const files = readImage().file.filter(file => file.package.startsWith('krusty.'));
  t.deepEqual(files.flatMap(uncommented), []);
});

test('the check for comments finds where one is missing', t => {
  const file = readImage().file.find(each => each.name.endsWith('entry.proto'))!;
  for (const location of file.sourceCodeInfo!.location) {
    if (location.path.join() === '4,0,2,0') location.leadingComments = '';
  }
  t.deepEqual(uncommented(file), ['krusty/cache/v1/entry.proto: Entry.key']);
});

test('every request has its key as field 1 and its namespace as field 2', t => {
  const requests = services.flatMap(service => service.methods.map(method => method.input));
  for (const request of requests) {
    const key = request.fields.find(field => field.name === 'key');
    const namespace = request.fields.find(field => field.name === 'namespace');
    if (key) t.is(key.number, 1, request.typeName);
    if (key) t.truthy(namespace, request.typeName);
    if (namespace) t.is(namespace.number, 2, request.typeName);
  }
});

test('the fields of the hot path have numbers that fit into one byte', t => {
  const hot = ['GetRequest', 'GetResponse', 'PutRequest', 'PutResponse', 'Entry'];
  for (const message of hot.map(name => registry.getMessage(`krusty.cache.v1.${name}`)!)) {
    for (const field of message.fields) t.true(field.number < 16, `${message.name}.${field.name}`);
  }
});

test('every RPC of the last release is still there', t => {
  // WIRE_JSON does not look at this.
  const now = rpcsOf(readImage());
  for (const rpc of rpcsOf(fromBinary(FileDescriptorSetSchema, readFileSync(join(root, baseline))))) {
    t.true(now.includes(rpc), rpc);
  }
});

function rpcsOf(set: FileDescriptorSet): string[] {
  return set.file.flatMap(file =>
    file.service.flatMap(service => service.method.map(method => `${file.package}.${service.name}/${method.name}`)),
  );
}

test('the baseline holds what buf breaking needs: the common protos too', t => {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(join(root, baseline)));
  const names = set.file.map(file => file.name);
  t.true(names.includes('krusty/cache/v1/cache_service.proto'));
  t.true(names.includes('google/api/annotations.proto'));
});
