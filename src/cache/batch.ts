/**
 * Batches: each request in order, exactly one result for each, a failed one in its
 * place without harm to the others.
 */
import {CacheError} from '../base/index.js';
import type {Batch, BatchResult, Entry, GetAnswer, GetRequest} from './backend.js';
import {checkBatchSize, checkResponseBytes} from './validate.js';

/** Does all of a batch. */
export function doBatch<R, A>(requests: Batch<R>, operation: (request: R) => A): BatchResult<A>[] {
  checkBatchSize(requests.length);
  return requests.map((request, index) => doOne(request, index, operation));
}

/**
 * Gets as much of a batch as fits into the answer; from the first that does not,
 * the rest is over budget. The first is always answered, if need be without its
 * value, so that asking again for the rest comes to an end.
 */
export function getBatch(
  requests: Batch<GetRequest>,
  maxResponseBytes: number,
  get: (request: GetRequest) => GetAnswer,
): BatchResult<GetAnswer>[] {
  checkBatchSize(requests.length);
  const budgetBytes = checkResponseBytes(maxResponseBytes) - requests.length * resultBytesLeast;
  let usedBytes = 0;
  let overBudget = false;
  return requests.map((request, index) => {
    if (overBudget) return {outcome: 'overBudget'};
    const result = doOne(request, index, get);
    const kept = keepResult(result, budgetBytes);
    usedBytes += sizeOfResult(kept);
    overBudget = index > 0 && usedBytes > budgetBytes;
    return overBudget ? {outcome: 'overBudget'} : kept;
  });
}

/** What an entry takes in an answer at most, in bytes: its texts and values, and room for everything of fixed size. */
export function sizeOfEntry(entry: Entry): number {
  return 160 + Buffer.byteLength(entry.key) + entry.namespace.length + entry.contentType.length + entry.value.length;
}

/** A result of a batch with nothing in it but an outcome. */
const resultBytesLeast = 8;
/** An error in a batch, with its details, at most. */
const errorBytesMost = 2048;

function doOne<R, A>(request: R | CacheError, index: number, operation: (request: R) => A): BatchResult<A> {
  try {
    if (request instanceof CacheError) throw request;
    return operation(request);
  } catch (error) {
    if (error instanceof CacheError) return error.within(`requests[${index}]`);
    throw error;
  }
}

/** The result with its value copied out of the store's memory, or without it where it alone is too large. */
function keepResult(result: BatchResult<GetAnswer>, budgetBytes: number): BatchResult<GetAnswer> {
  if (result instanceof CacheError || !result.entry) return result;
  const {entry} = result;
  if (sizeOfEntry(entry) > budgetBytes) return {...result, entry: withoutValue(entry)};
  return {...result, entry: {...entry, value: entry.value.slice()}};
}

export function withoutValue(entry: Entry): Entry {
  return {...entry, value: new Uint8Array(0), valueOmitted: true};
}

function sizeOfResult(result: BatchResult<GetAnswer>): number {
  if (result instanceof CacheError) return errorBytesMost;
  return result.entry ? sizeOfEntry(result.entry) : 0;
}
