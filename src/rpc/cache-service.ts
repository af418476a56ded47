/** CacheService: its messages to the operations of the backend and back. */
import type {BinaryWriter} from '@bufbuild/protobuf/wire';
import {CacheError} from '../base/index.js';
import type {
  Backend,
  BatchResult,
  DeleteAnswer,
  DeleteRequest,
  GetAnswer,
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
import {type Codec, type Method, unary} from './method.js';
import {statusOf} from './status.js';
import {watchMethod} from './watch-service.js';

const service = messages.CacheServiceService;

export function cacheService(backend: Backend): Method[] {
  return [
    unary(service.get.path, getRequestCodec, messages.GetResponse, request =>
      map(backend.get(getRequest(request)), answer => getResponse(answer, request.view)),
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
    unary(service.batchGet.path, messages.BatchGetRequest, batchGetResponseCodec, request =>
      map(backend.batchGet(readBatch(request, getRequest), request.maxResponseBytes), results => ({
        results,
        requests: request.requests,
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
  decodeCommon(bytes, decodeText) {
    const isKeyAlone = bytes[0] === keyTag && bytes[1] === bytes.length - 2 && bytes.length < 130;
    if (!isKeyAlone) return undefined;
    return {
      key: decodeText(bytes.subarray(2)),
      namespace: '',
      metadataOnly: false,
      peek: false,
      ifRevisionNot: undefined,
      touchTtl: undefined,
      view: EntryView.ENTRY_VIEW_UNSPECIFIED,
    };
  },
};
const keyTag = (1 << 3) | 2;

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

const getOutcomes: Record<GetAnswer['outcome'], messages.GetResponse_Outcome> = {
  hit: messages.GetResponse_Outcome.OUTCOME_HIT,
  miss: messages.GetResponse_Outcome.OUTCOME_MISS,
  notModified: messages.GetResponse_Outcome.OUTCOME_NOT_MODIFIED,
  overBudget: messages.GetResponse_Outcome.OUTCOME_OVER_BUDGET,
};

function getResponse({outcome, entry}: GetAnswer, view: EntryView): messages.GetResponse {
  return {outcome: getOutcomes[outcome], entry: entry && entryMessage(entry, view)};
}

function viewOf(request: messages.GetRequest | undefined): EntryView {
  return request?.view ?? EntryView.ENTRY_VIEW_UNSPECIFIED;
}

interface BatchGetAnswer {
  results: Iterable<BatchResult<GetAnswer>>;
  requests: messages.GetRequest[];
}

/** Results are made one after the other and encoded as they come, since each value is good only until the next. */
const batchGetResponseCodec = {
  encode({results, requests}: BatchGetAnswer, writer?: BinaryWriter): BinaryWriter {
    const {encode} = messages.BatchGetResponse;
    let failedCount = 0;
    let index = 0;
    let out = writer;
    for (const result of results) {
      const view = viewOf(requests[index++]);
      const one = resultMessage(result, answer => getResponse(answer, view));
      if (one.status) failedCount++;
      // Responses behind one another are a response with the results of all (Protobuf's merging of repeated fields).
      out = encode({results: [one], failedCount: 0}, out);
    }
    return encode({results: [], failedCount}, out);
  },
};

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
