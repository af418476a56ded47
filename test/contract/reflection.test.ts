/** Reflection, v1 and v1alpha: enough for a client without any .proto file to call everything. */

import {create, createFileRegistry, type FileRegistry, fromBinary} from '@bufbuild/protobuf';
import {type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {credentials} from '@grpc/grpc-js';
import * as v1 from '../../src/gen/grpc/reflection/v1/reflection.js';
import * as v1alpha from '../../src/gen/grpc/reflection/v1alpha/reflection.js';
import {contractTest} from '../helpers/contract-test.js';
import {received} from '../helpers/streams.js';

type Question = NonNullable<v1.ServerReflectionRequest['messageRequest']>;
type Answer = v1.ServerReflectionResponse['messageResponse'];

const versions = {v1, v1alpha};

/** Asks, each question on the same stream, and ends it. */
async function ask(version: keyof typeof versions, address: string, ...questions: Question[]): Promise<Answer[]> {
  const client = new versions[version].ServerReflectionClient(address, credentials.createInsecure());
  try {
    const call = client.serverReflectionInfo();
    const messages = received<v1.ServerReflectionResponse>(call as never);
    const answers: Answer[] = [];
    for (const messageRequest of questions) {
      call.write({host: 'here', messageRequest});
      answers.push((await messages.next())?.messageResponse);
    }
    call.end();
    if ((await messages.next()) !== undefined) throw new Error('more answers than questions');
    return answers;
  } finally {
    client.close();
  }
}

/** What a client makes of the files of an answer. It fails where an import is missing. */
function registryOf(answer: Answer): FileRegistry {
  if (answer?.$case !== 'fileDescriptorResponse') throw new Error(`no files: ${JSON.stringify(answer)}`);
  const files = answer.value.fileDescriptorProto.map(bytes => fromBinary(FileDescriptorProtoSchema, bytes));
  const sorted = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto) => {
    for (const name of file.dependency) {
      const imported = files.find(each => each.name === name);
      if (!imported) throw new Error(`${file.name} imports ${name}, which did not come with it`);
      add(imported);
    }
    sorted.add(file);
  };
  for (const file of files) add(file);
  return createFileRegistry(create(FileDescriptorSetSchema, {file: [...sorted]}));
}

const symbol = (value: string): Question => ({$case: 'fileContainingSymbol', value});

for (const version of ['v1', 'v1alpha'] as const) {
  contractTest(`reflection ${version} lists every service`, async (t, start) => {
    const {client} = await start();
    const [answer] = await ask(version, client.address, {$case: 'listServices', value: '*'});
    t.is(answer?.$case, 'listServicesResponse');
    const names = answer?.$case === 'listServicesResponse' ? answer.value.service.map(each => each.name) : [];
    t.deepEqual(names.sort(), [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'krusty.cache.v1.AdminService',
      'krusty.cache.v1.CacheService',
    ]);
  });

  contractTest(`reflection ${version} gives each service with all that it imports`, async (t, start) => {
    const {client} = await start();
    const names = [
      'krusty.cache.v1.CacheService',
      'krusty.cache.v1.AdminService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ];
    const answers = await ask(version, client.address, ...names.map(symbol));
    for (const [index, name] of names.entries()) t.truthy(registryOf(answers[index]).getService(name), name);
    const registry = registryOf(answers[0]);
    t.truthy(registry.getMessage('google.protobuf.Timestamp'));
    t.truthy(registry.getMessage('google.rpc.Status'));
  });

  contractTest(`reflection ${version} finds the file of every kind of symbol`, async (t, start) => {
    const {client} = await start();
    const file = {
      'krusty.cache.v1.GetRequest': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.GetRequest.key': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.CacheService.Get': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.GetResponse.Outcome': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.GetResponse.OUTCOME_HIT': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.BatchGetResponse.Result': 'krusty/cache/v1/cache_service.proto',
      'krusty.cache.v1.EVENT_TYPE_PUT': 'krusty/cache/v1/entry.proto',
      'krusty.cache.v1.WatchResponse.message': 'krusty/cache/v1/watch.proto',
      'google.protobuf.Timestamp': 'google/protobuf/timestamp.proto',
      'google.rpc.ErrorInfo': 'google/rpc/error_details.proto',
      'google.rpc.BadRequest.FieldViolation': 'google/rpc/error_details.proto',
      'google.api.http': 'google/api/annotations.proto',
    };
    const answers = await ask(version, client.address, ...Object.keys(file).map(symbol));
    for (const [index, [name, path]] of Object.entries(file).entries()) {
      const answer = answers[index];
      const bytes = answer?.$case === 'fileDescriptorResponse' ? answer.value.fileDescriptorProto[0] : undefined;
      t.is(bytes && fromBinary(FileDescriptorProtoSchema, bytes).name, path, name);
    }
  });

  contractTest(`reflection ${version} gives a file by its name, comments included`, async (t, start) => {
    const {client} = await start();
    const name = 'krusty/cache/v1/entry.proto';
    const [answer] = await ask(version, client.address, {$case: 'fileByFilename', value: name});
    const [file] = [...registryOf(answer).files].filter(each => each.proto.name === name);
    t.true(file!.proto.sourceCodeInfo!.location.some(each => each.leadingComments.includes('What a cache holds')));
  });

  contractTest(`reflection ${version} finds extensions and their numbers`, async (t, start) => {
    const {client} = await start();
    const containingType = 'google.protobuf.MethodOptions';
    const [byNumber, numbers, none] = await ask(
      version,
      client.address,
      {$case: 'fileContainingExtension', value: {containingType, extensionNumber: 72_295_728}},
      {$case: 'allExtensionNumbersOfType', value: containingType},
      {$case: 'allExtensionNumbersOfType', value: 'krusty.cache.v1.Entry'},
    );
    t.truthy(registryOf(byNumber).getExtension('google.api.http'));
    t.deepEqual(numbers, {
      $case: 'allExtensionNumbersResponse',
      value: {baseTypeName: containingType, extensionNumber: [72_295_728]},
    });
    t.deepEqual(none, {
      $case: 'allExtensionNumbersResponse',
      value: {baseTypeName: 'krusty.cache.v1.Entry', extensionNumber: []},
    });
  });

  contractTest(`reflection ${version} answers NOT_FOUND for what there is not, and goes on`, async (t, start) => {
    const {client, faults} = await start();
    const answers = await ask(
      version,
      client.address,
      symbol('krusty.cache.v1.Nothing'),
      symbol(''),
      symbol('n'.repeat(100_000)),
      {$case: 'fileByFilename', value: 'nothing.proto'},
      {$case: 'fileContainingExtension', value: {containingType: 'google.protobuf.MethodOptions', extensionNumber: 1}},
      {$case: 'allExtensionNumbersOfType', value: 'krusty.cache.v1.Nothing'},
      {$case: 'listServices', value: ''},
    );
    for (const answer of answers.slice(0, -1)) {
      t.is(answer?.$case, 'errorResponse');
      if (answer?.$case !== 'errorResponse') continue;
      t.is(answer.value.errorCode, 5);
      t.true(answer.value.errorMessage.length < 300);
    }
    t.is(answers.at(-1)?.$case, 'listServicesResponse');
    t.deepEqual(faults, []);
  });
}
