/** The JSON routes: the methods of the cache's services, transcoded as their annotations say. */
import {createFileRegistry, fromBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import {CacheError, limits} from '../base/index.js';
import {errorDomain, type FaultLog, type Method, statusOf} from '../rpc/index.js';
import {Transcoder} from '../transcoding/index.js';

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
    methods: methods.filter(method => method.kind !== 'duplex').filter(({path}) => path.startsWith('/krusty.')),
    onFault: logFault,
    toStatus: failure => (failure instanceof CacheError ? statusOf(failure) : undefined),
    errorDomain,
    requestBytesMost: Math.ceil(maxValueBytes * base64Share) + limits.requestOverheadBytes,
    responseBytesMost: limits.responseBytesMost,
  });
}
