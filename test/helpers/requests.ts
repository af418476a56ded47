/** Requests to the cache room with everything unset that a test does not name. */
import type {
  DeleteRequest,
  GetRequest,
  IncrementRequest,
  ListRequest,
  PutRequest,
  TouchRequest,
} from '../../src/cache/index.js';
import {bytes} from './text.js';

export function getOf(key: string, request: Partial<GetRequest> = {}): GetRequest {
  return {key, namespace: '', metadataOnly: false, peek: false, ...request};
}

export function putOf(key: string, value = '', request: Partial<PutRequest> = {}): PutRequest {
  return {
    key,
    namespace: '',
    value: bytes(value),
    ifAbsent: false,
    ifPresent: false,
    returnPrevious: false,
    contentType: '',
    ...request,
  };
}

export function deleteOf(key: string, request: Partial<DeleteRequest> = {}): DeleteRequest {
  return {key, namespace: '', returnPrevious: false, ...request};
}

export function touchOf(key: string, request: Partial<TouchRequest> = {}): TouchRequest {
  return {key, namespace: '', onlyExtend: false, onlyShorten: false, ...request};
}

export function incrementOf(key: string, request: Partial<IncrementRequest> = {}): IncrementRequest {
  return {key, namespace: '', delta: 1n, initial: 0n, ...request};
}

export function listOf(request: Partial<ListRequest> = {}): ListRequest {
  return {prefix: '', namespace: '', pageSize: 0, pageToken: '', maxResponseBytes: 0, metadataOnly: false, ...request};
}
