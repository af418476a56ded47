/** CacheService: its messages to the operations of the backend and back. */
import {CacheError} from '../base/index.js';
import type {
  Backend,
  BatchResult,
  DeleteAnswer,
  DeleteRequest,
  GetRequest,
  IncrementRequest,
  PutAnswer,
  PutRequest,
  TouchAnswer,
  TouchRequest,
} from '../cache/index.js';
import type {Status} from '../gen/google/rpc/status.js';
import * as messages from '../gen/krusty/cache/v1/cache_service.js';
import {EntryView} from '../gen/krusty/cache/v1/entry.js';
import {map} from './answer.js';
import {durationFromWire, revisionFromWire, timestampFromWire, timestampToWire} from './convert.js';
import {entryMessage} from './entries.js';
import {batchGetResponseWriting, getResponseWriting} from './get-response.js';
import {type Codec, type Method, type TextDecoding, unary} from './method.js';
import {statusOf} from './status.js';
import {watchMethod} from './watch-service.js';

const service = messages.CacheServiceService;

export function cacheService(backend: Backend): Method[] {
  return [
    unary(service.get.path, getRequestCodec, getResponseWriting, request =>
      map(backend.get(getRequest(request)), answer => ({answer, view: request.view})),
    ),
    unary(service.put.path, messages.PutRequest, messages.PutResponse, request =>
      map(backend.put(putRequest(request)), putResponse),
    ),
    unary(service.delete.path, messages.DeleteRequest, messages.DeleteResponse, request =>
      map(backend.delete(deleteRequest(request)), deleteResponse),
    ),
    unary(service.touch.path, messages.TouchRequest, messages.TouchResponse, request =>
      map(backend.touch(touchRequest(request)), touchResponse),
    ),
    unary(service.increment.path, messages.IncrementRequest, messages.IncrementResponse, request =>
      map(backend.increment(incrementRequest(request)), ({value, revision, expireTimeMs}) => ({
        value,
        revision: BigInt(revision),
        expireTime: timestampToWire(expireTimeMs),
      })),
    ),
    unary(service.batchGet.path, batchGetRequestCodec, batchGetResponseWriting, request =>
      map(backend.batchGet(readBatch(request, getRequest), request.maxResponseBytes), results => ({
        results,
        viewOf: index => request.requests[index]!.view,
      })),
    ),
    unary(service.batchPut.path, messages.BatchPutRequest, messages.BatchPutResponse, request =>
      map(backend.batchPut(readBatch(request, putRequest)), results => batchResponse(results, putResponse)),
    ),
    unary(service.batchDelete.path, messages.BatchDeleteRequest, messages.BatchDeleteResponse, request =>
      map(backend.batchDelete(readBatch(request, deleteRequest)), results => batchResponse(results, deleteResponse)),
    ),
    unary(service.batchTouch.path, messages.BatchTouchRequest, messages.BatchTouchResponse, request =>
      map(backend.batchTouch(readBatch(request, touchRequest)), results => batchResponse(results, touchResponse)),
    ),
    watchMethod(service.watch.path, backend),
  ];
}

/** Most Gets are a key of less than 128 bytes and nothing else: its tag, its length, itself. */
const getRequestCodec: Codec<messages.GetRequest> = {
  ...messages.GetRequest,
  decodeCommon: (bytes, decodeText) => keyAlone(bytes, 0, bytes.length, decodeText),
};

/** And most batches are such Gets, each with a tag and its length before it. */
const batchGetRequestCodec: Codec<messages.BatchGetRequest> = {
  ...messages.BatchGetRequest,
  decodeCommon(bytes, decodeText) {
    const requests: messages.GetRequest[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = bytes[at + 1]!;
      const end = at + 2 + length;
      if (bytes[at] !== requestsTag || length >= 128 || end > bytes.length) return undefined;
      const request = keyAlone(bytes, at + 2, end, decodeText);
      if (!request) return undefined;
      requests.push(request);
      at = end;
    }
    return {requests, namespace: '', maxResponseBytes: 0};
  },
};
const keyTag = (1 << 3) | 2;
const requestsTag = (1 << 3) | 2;

function keyAlone(
  bytes: Uint8Array,
  start: number,
  end: number,
  decodeText: TextDecoding,
): messages.GetRequest | undefined {
  const length = bytes[start + 1]!;
  if (bytes[start] !== keyTag || length !== end - start - 2 || length >= 128) return undefined;
  return {
    key: decodeText(bytes, start + 2, end),
    namespace: '',
    metadataOnly: false,
    peek: false,
    ifRevisionNot: undefined,
    touchTtl: undefined,
    view: EntryView.ENTRY_VIEW_UNSPECIFIED,
  };
}

function getRequest(request: messages.GetRequest): GetRequest {
  return {
    key: request.key,
    namespace: request.namespace,
    metadataOnly: request.metadataOnly,
    peek: request.peek,
    ifRevisionNot: revisionFromWire(request.ifRevisionNot),
    touchTtlMs: durationFromWire(request.touchTtl, 'touch_ttl'),
  };
}

function putRequest(request: messages.PutRequest): PutRequest {
  return {
    key: request.key,
    namespace: request.namespace,
    value: request.value,
    ttlMs: durationFromWire(request.ttl, 'ttl'),
    expireTimeMs: timestampFromWire(request.expireTime, 'expire_time'),
    keepTtl: request.keepTtl,
    noExpiry: request.noExpiry,
    ttlJitter: request.ttlJitter,
    ifAbsent: request.ifAbsent,
    ifPresent: request.ifPresent,
    ifRevision: revisionFromWire(request.ifRevision),
    returnPrevious: request.returnPrevious,
    contentType: request.contentType,
  };
}

const putOutcomes: Record<PutAnswer['outcome'], messages.PutResponse_Outcome> = {
  stored: messages.PutResponse_Outcome.OUTCOME_STORED,
  notStored: messages.PutResponse_Outcome.OUTCOME_NOT_STORED,
};

function putResponse({outcome, revision, previous, expireTimeMs}: PutAnswer): messages.PutResponse {
  return {
    outcome: putOutcomes[outcome],
    revision: BigInt(revision),
    previous: previous && entryMessage(previous, EntryView.ENTRY_VIEW_BASIC),
    expireTime: timestampToWire(expireTimeMs),
  };
}

function deleteRequest(request: messages.DeleteRequest): DeleteRequest {
  return {
    key: request.key,
    namespace: request.namespace,
    ifRevision: revisionFromWire(request.ifRevision),
    returnPrevious: request.returnPrevious,
  };
}

const deleteOutcomes: Record<DeleteAnswer['outcome'], messages.DeleteResponse_Outcome> = {
  deleted: messages.DeleteResponse_Outcome.OUTCOME_DELETED,
  notFound: messages.DeleteResponse_Outcome.OUTCOME_NOT_FOUND,
  notDeleted: messages.DeleteResponse_Outcome.OUTCOME_NOT_DELETED,
};

function deleteResponse({outcome, revision, previous}: DeleteAnswer): messages.DeleteResponse {
  return {
    outcome: deleteOutcomes[outcome],
    revision: BigInt(revision),
    previous: previous && entryMessage(previous, EntryView.ENTRY_VIEW_BASIC),
  };
}

function touchRequest(request: messages.TouchRequest): TouchRequest {
  return {
    key: request.key,
    namespace: request.namespace,
    ttlMs: durationFromWire(request.ttl, 'ttl'),
    expireTimeMs: timestampFromWire(request.expireTime, 'expire_time'),
    noExpiry: request.noExpiry,
    onlyExtend: request.onlyExtend,
    onlyShorten: request.onlyShorten,
  };
}

const touchOutcomes: Record<TouchAnswer['outcome'], messages.TouchResponse_Outcome> = {
  touched: messages.TouchResponse_Outcome.OUTCOME_TOUCHED,
  notFound: messages.TouchResponse_Outcome.OUTCOME_NOT_FOUND,
  notTouched: messages.TouchResponse_Outcome.OUTCOME_NOT_TOUCHED,
};

function touchResponse({outcome, expireTimeMs}: TouchAnswer): messages.TouchResponse {
  return {outcome: touchOutcomes[outcome], expireTime: timestampToWire(expireTimeMs)};
}

function incrementRequest(request: messages.IncrementRequest): IncrementRequest {
  return {
    key: request.key,
    namespace: request.namespace,
    delta: request.delta ?? 1n,
    initial: request.initial,
    ttlMs: durationFromWire(request.ttl, 'ttl'),
    expireTimeMs: timestampFromWire(request.expireTime, 'expire_time'),
    noExpiry: request.noExpiry,
  };
}

/** The requests of a batch, each in the batch's namespace if it names none; in place of one that cannot be read, why. */
function readBatch<M extends {namespace: string}, R>(
  batch: {requests: M[]; namespace: string},
  read: (request: M) => R,
): (R | CacheError)[] {
  return batch.requests.map(request => {
    try {
      if (request.namespace === '') request.namespace = batch.namespace;
      return read(request);
    } catch (error) {
      if (error instanceof CacheError) return error;
      throw error;
    }
  });
}

interface ResultMessage<R> {
  response: R | undefined;
  status: Status | undefined;
}

interface BatchResponse<R> {
  results: ResultMessage<R>[];
  failedCount: number;
}

function batchResponse<A extends object, R>(results: BatchResult<A>[], response: (answer: A) => R): BatchResponse<R> {
  const answers = results.map(result => resultMessage(result, response));
  return {results: answers, failedCount: answers.filter(({status}) => status).length};
}

function resultMessage<A extends object, R>(result: BatchResult<A>, response: (answer: A) => R): ResultMessage<R> {
  if (result instanceof CacheError) return {response: undefined, status: statusOf(result)};
  return {response: response(result), status: undefined};
}
