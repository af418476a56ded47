/**
 * Batches: each request in order, exactly one result for each, a failed one in its
 * place without harm to the others.
 */
import {CacheError, encodeUtf8Briefly, limits} from '../base/index.js';
import type {Store} from '../store/index.js';
import type {Answer, Batch, BatchResult, Entry, GetAnswer, GetRequest} from './backend.js';
import type {Namespaces} from './namespaces.js';
import {checkBatchSize, checkResponseBytes} from './validate.js';

const noBytes = new Uint8Array(0);

/** Does all of a batch; at once, unless one of its operations takes longer. */
export function doBatch<R, A extends BatchedAnswer>(
  requests: Batch<R>,
  operation: (request: R) => Answer<A>,
): Answer<BatchResult<A>[]> {
  checkBatchSize(requests.length);
  return continueBatch({requests, operation, results: [], previousBytesLeft: limits.responseBytesDefault});
}

/** What an answer of a batch may carry that is the store's own memory. */
interface BatchedAnswer {
  outcome: string;
  previous?: Entry;
}

interface BatchUnderWay<R, A> {
  requests: Batch<R>;
  operation: (request: R) => Answer<A>;
  results: BatchResult<A>[];
  /** What values that were there before may still add to the answer: what was done cannot be asked for again. */
  previousBytesLeft: number;
}

function continueBatch<R, A extends BatchedAnswer>(batch: BatchUnderWay<R, A>): Answer<BatchResult<A>[]> {
  const {requests, operation, results} = batch;
  while (results.length < requests.length) {
    const index = results.length;
    const answer = doOne(requests[index] as R | CacheError, index, operation);
    if (answer instanceof Promise) {
      return answer.then(late => {
        results.push(keepPrevious(late, batch));
        return continueBatch(batch);
      });
    }
    results.push(answer instanceof CacheError ? answer : keepPrevious(answer, batch));
  }
  return results;
}

/** The answer with its entry copied out of the store's memory, as far as the answer has room for it. */
function keepPrevious<A extends BatchedAnswer>(answer: A, batch: {previousBytesLeft: number}): A {
  const {previous} = answer;
  if (!previous) return answer;
  batch.previousBytesLeft -= sizeOfEntry(previous);
  const kept = batch.previousBytesLeft < 0 ? withoutValue(previous) : {...previous, value: previous.value.slice()};
  return {...answer, previous: kept};
}

/**
 * Gets as much of a batch as fits into the answer; from the first that does not,
 * the rest is over budget. The first is always answered, if need be without its
 * value, so that asking again for the rest comes to an end.
 *
 * Each is got when it is asked for, and stays the store's own memory: copies of large
 * values would have the engine collect garbage, which takes longer than the batch.
 */
export function getBatch(
  requests: Batch<GetRequest>,
  maxResponseBytes: number,
  {hashesOf, get}: Reads,
): Iterable<BatchResult<GetAnswer>> {
  checkBatchSize(requests.length);
  const budgetBytes = checkResponseBytes(maxResponseBytes) - requests.length * resultBytesLeast;
  const hashes = hashesOf();
  return new Gets(requests, budgetBytes, (request, index) => get(request, hashes?.[index]));
}

interface Reads {
  /** The hashes of the keys, if the store was told of them. */
  hashesOf(): Int32Array | undefined;
  get(request: GetRequest, hash: number | undefined): GetAnswer;
}

/** `index` is that of the request in its batch. */
type GetOne = (request: GetRequest, index: number) => GetAnswer;

/** An iterator by hand, since the engine cannot inline a generator. */
class Gets implements IterableIterator<BatchResult<GetAnswer>> {
  readonly #requests: Batch<GetRequest>;
  readonly #budgetBytes: number;
  readonly #get: GetOne;
  #index = 0;
  #usedBytes = 0;
  #isOver = false;

  constructor(requests: Batch<GetRequest>, budgetBytes: number, get: GetOne) {
    this.#requests = requests;
    this.#budgetBytes = budgetBytes;
    this.#get = get;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<BatchResult<GetAnswer>> {
    const index = this.#index++;
    const request = this.#requests[index];
    return request ? {done: false, value: this.#result(request, index)} : {done: true, value: undefined};
  }

  #result(request: GetRequest | CacheError, index: number): BatchResult<GetAnswer> {
    if (this.#isOver) return overBudget;
    const result = doOne(request, index, this.#get);
    this.#usedBytes += takeInto(result, this.#budgetBytes);
    this.#isOver = index > 0 && this.#usedBytes > this.#budgetBytes;
    return this.#isOver ? overBudget : result;
  }
}

const overBudget: GetAnswer = {outcome: 'overBudget'};

/**
 * Tells the store of a batch's keys beforehand, and answers their hashes. Undefined where
 * that does not pay, where the batch is for several namespaces or an unknown one, or has
 * a request that could not be read. A key that has no bytes has no hash either: it is
 * refused when it is its turn, and its place is left at 0.
 */
export function hashesAhead(requests: Batch<GetRequest>, namespaces: Namespaces, store: Store): Int32Array | undefined {
  const [first] = requests;
  if (!first || first instanceof CacheError) return undefined;
  const id = namespaces.known(first.namespace)?.id;
  if (id === undefined || requests.length < store.lookAheadLeast(id)) return undefined;
  const hashes = new Int32Array(requests.length);
  for (let index = 0; index < requests.length; index++) {
    const request = requests[index] as GetRequest | CacheError;
    if (request instanceof CacheError || request.namespace !== first.namespace) return undefined;
    const key = encodeUtf8Briefly(request.key);
    if (key) hashes[index] = store.hashOf(id, key);
  }
  store.lookAhead(id, hashes);
  return hashes;
}

/** What an entry takes in an answer at most, in bytes: its texts and values, and room for everything of fixed size. */
export function sizeOfEntry(entry: Entry): number {
  return 160 + Buffer.byteLength(entry.key) + entry.namespace.length + entry.contentType.length + entry.value.length;
}

/** A result of a batch with nothing in it but an outcome. */
const resultBytesLeast = 8;
/** An error in a batch, with its details, at most. */
const errorBytesMost = 2048;

function doOne<R, A>(
  request: R | CacheError,
  index: number,
  operation: (request: R, index: number) => A,
): A | CacheError {
  try {
    if (request instanceof CacheError) throw request;
    return operation(request, index);
  } catch (error) {
    if (error instanceof CacheError) return error.within(`requests[${index}]`);
    throw error;
  }
}

/**
 * Leaves a result's value out where it alone is too large; answers what the result
 * takes. The result is the batch's own, and changed as it stands, since Node 20 takes
 * a microsecond for an object made by spreading.
 */
function takeInto(result: BatchResult<GetAnswer>, budgetBytes: number): number {
  if (result instanceof CacheError) return errorBytesMost;
  const {entry} = result;
  if (!entry) return 0;
  const sizeBytes = sizeOfEntry(entry);
  if (sizeBytes <= budgetBytes) return sizeBytes;
  const valueBytes = entry.value.length;
  entry.value = noBytes;
  entry.valueOmitted = true;
  return sizeBytes - valueBytes;
}

export function withoutValue(entry: Entry): Entry {
  return {...entry, value: noBytes, valueOmitted: true};
}
