/**
 * Server reflection (grpc.reflection.v1 and v1alpha, which differ in name alone): it
 * lets grpcurl and its like list, describe and call everything without a .proto file.
 *
 * It answers from the image that buf builds, byte for byte, comments included, so
 * that imports such as Timestamp resolve.
 */
import {
  createFileRegistry,
  type DescEnum,
  type DescExtension,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import {FileDescriptorProtoSchema, FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionService as V1,
} from '../gen/grpc/reflection/v1/reflection.js';
import {ServerReflectionService as V1Alpha} from '../gen/grpc/reflection/v1alpha/reflection.js';
import {encodeMessage} from './encode.js';
import {decodeMessage, type Method} from './method.js';
import {grpcCodes} from './status.js';

type MessageResponse = NonNullable<ServerReflectionResponse['messageResponse']>;

export const reflectionPaths = [V1.serverReflectionInfo.path, V1Alpha.serverReflectionInfo.path];

/** `image` is a serialised FileDescriptorSet; `services` the full names that a client may list. */
export function reflection(image: Uint8Array, services: readonly string[]): Method[] {
  // Most servers are never asked, so the image is read when one is.
  let index: SymbolIndex | undefined;
  const answer = (request: ServerReflectionRequest): ServerReflectionResponse => {
    index ??= indexSymbols(createFileRegistry(fromBinary(FileDescriptorSetSchema, image)));
    return {validHost: request.host, originalRequest: request, messageResponse: respond(request, index, services)};
  };
  return reflectionPaths.map(path => ({
    kind: 'duplex',
    path,
    handle: out => ({
      message: bytes => {
        const request = decodeMessage(ServerReflectionRequest, bytes);
        out.write(encodeMessage(ServerReflectionResponse, answer(request)));
      },
      end: () => out.end(),
    }),
  }));
}

function respond(
  {messageRequest}: ServerReflectionRequest,
  index: SymbolIndex,
  services: readonly string[],
): MessageResponse {
  switch (messageRequest?.$case) {
    case 'listServices':
      return {$case: 'listServicesResponse', value: {service: services.map(name => ({name}))}};
    case 'fileByFilename':
      return filesResponse(index.registry.getFile(messageRequest.value), messageRequest.value);
    case 'fileContainingSymbol':
      return filesResponse(index.fileOfSymbol.get(messageRequest.value), messageRequest.value);
    case 'fileContainingExtension': {
      const {containingType, extensionNumber} = messageRequest.value;
      const extension = index.extensions.find(
        each => each.extendee.typeName === containingType && each.number === extensionNumber,
      );
      return filesResponse(extension?.file, `${containingType} extension ${extensionNumber}`);
    }
    case 'allExtensionNumbersOfType': {
      const baseTypeName = messageRequest.value;
      if (!index.registry.getMessage(baseTypeName)) return notFound(baseTypeName);
      const extensionNumber = index.extensions
        .filter(each => each.extendee.typeName === baseTypeName)
        .map(each => each.number);
      return {$case: 'allExtensionNumbersResponse', value: {baseTypeName, extensionNumber}};
    }
    default:
      return errorResponse(grpcCodes.invalidArgument, 'the request names nothing to look up');
  }
}

/** A file, and all that it imports, so that a client needs to ask only once. */
function filesResponse(file: DescFile | undefined, asked: string): MessageResponse {
  if (!file) return notFound(asked);
  const files = new Set<DescFile>();
  addWithImports(file, files);
  const fileDescriptorProto = [...files].map(each => toBinary(FileDescriptorProtoSchema, each.proto));
  return {$case: 'fileDescriptorResponse', value: {fileDescriptorProto}};
}

function addWithImports(file: DescFile, files: Set<DescFile>): void {
  if (files.has(file)) return;
  files.add(file);
  for (const dependency of file.dependencies) addWithImports(dependency, files);
}

function notFound(asked: string): MessageResponse {
  return errorResponse(grpcCodes.notFound, `not found: ${asked.slice(0, 200)}`);
}

function errorResponse(errorCode: number, errorMessage: string): MessageResponse {
  return {$case: 'errorResponse', value: {errorCode, errorMessage}};
}

interface SymbolIndex {
  registry: FileRegistry;
  /** By full name: messages, fields, enums, enum values, services, methods, extensions. */
  fileOfSymbol: ReadonlyMap<string, DescFile>;
  extensions: readonly DescExtension[];
}

function indexSymbols(registry: FileRegistry): SymbolIndex {
  const fileOfSymbol = new Map<string, DescFile>();
  const extensions: DescExtension[] = [];
  for (const type of registry) {
    fileOfSymbol.set(type.typeName, type.file);
    if (type.kind === 'extension') extensions.push(type);
    for (const member of membersOf(type)) fileOfSymbol.set(member, type.file);
  }
  return {registry, fileOfSymbol, extensions};
}

function membersOf(type: FileRegistry extends Iterable<infer T> ? T : never): string[] {
  switch (type.kind) {
    case 'message':
      return [...type.fields, ...type.oneofs].map(member => `${type.typeName}.${member.name}`);
    case 'service':
      return type.methods.map(method => `${type.typeName}.${method.name}`);
    case 'enum':
      // In Protobuf, an enum's values are named beside the enum, not inside it.
      return type.values.map(value => `${scopeOf(type)}${value.name}`);
    default:
      return [];
  }
}

function scopeOf(type: DescEnum | DescMessage): string {
  const dot = type.typeName.lastIndexOf('.');
  return dot < 0 ? '' : type.typeName.slice(0, dot + 1);
}
