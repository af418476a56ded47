/** The JSON routes: the methods of the cache's services, transcoded as their annotations say. */
import {createFileRegistry, fromBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {CacheError, limits} from '../base/index.js';
import {type Call, errorDomain, type FaultLog, type Method, statusOf} from '../rpc/index.js';
import {type ServedMethod, type Call as TranscodedCall, Transcoder} from '../transcoding/index.js';

export interface JsonRoutesOptions {
  methods: readonly Method[];
  /** A serialised FileDescriptorSet of the services and of google.rpc's error details. */
  image: Uint8Array;
  maxValueBytes: number;
  logFault: FaultLog;
}

/** JSON writes three bytes as four characters. */
const base64Share = 4 / 3;

export function createJsonRoutes({methods, image, maxValueBytes, logFault}: JsonRoutesOptions): Transcoder {
  return new Transcoder({
    registry: createFileRegistry(fromBinary(FileDescriptorSetSchema, image)),
    methods: methods.filter(({path}) => path.startsWith('/krusty.')).flatMap(served),
    onFault: logFault,
    toStatus: failure => (failure instanceof CacheError ? statusOf(failure) : undefined),
    errorDomain,
    requestBytesMost: Math.ceil(maxValueBytes * base64Share) + limits.requestOverheadBytes,
    responseBytesMost: limits.responseBytesMost,
  });
}

/** A method as the transcoder serves it; none for what HTTP cannot carry. */
function served(method: Method): ServedMethod[] {
  switch (method.kind) {
    case 'unary':
      return [{...method, handle: (request: Uint8Array, call: TranscodedCall) => method.handle(request, callOf(call))}];
    case 'serverStream':
      return [{...method, handle: (request, out, call) => method.handle(request, out, callOf(call))}];
    case 'duplex':
      return [];
  }
}

/** There are no trailers here, and headers carry text. */
function callOf(call: TranscodedCall): Call {
  return {
    metadata: name => call.metadata(name),
    answerMetadata: (where, name, value) => {
      if (where === 'headers' && typeof value === 'string') call.sendMetadata(name, value);
    },
  };
}
