/**
 * Plain keys: the path is the key, the body is the value.
 *
 *     PUT, POST /key   store (201 new, 204 replaced)     GET, HEAD /key   fetch (200, 304)
 *     DELETE /key      remove (204)                      OPTIONS /key     what is allowed (204)
 *
 * A miss is 404, a lost condition 412. A GET is answered in the tick in which it came.
 */
import {CacheError, isUtf8} from '../base/index.js';
import type {Backend, Entry, GetAnswer, PutAnswer, PutRequest} from '../rpc/index.js';
import type {RequestHeaders, ResponseSink, TranscoderRequest} from '../transcoding/index.js';
import {holds, parseTags, type Tags, tagOf} from './entity-tags.js';
import {checkWholeBody, contentTypeOf, headerOf, maxAgeMsOf} from './headers.js';
import {writeAmong, writeConditionOf} from './raw-conditions.js';
import {parseRawQuery} from './raw-query.js';
import {answerOfRefusal, Refusal, sendFailure} from './refusal.js';
import type {HttpSink} from './types.js';

export interface RawKeysOptions {
  backend: Backend;
  maxValueBytes: number;
  /** Refuse values that are not UTF-8. */
  utf8Only: boolean;
  /** Answers a failure that came later. */
  fail: (sink: ResponseSink, failure: unknown) => void;
}

const allow = 'GET, HEAD, PUT, POST, DELETE, OPTIONS';

export class RawKeys {
  readonly #backend: Backend;
  readonly #maxValueBytes: number;
  readonly #utf8Only: boolean;
  readonly #fail: RawKeysOptions['fail'];

  constructor({backend, maxValueBytes, utf8Only, fail}: RawKeysOptions) {
    this.#backend = backend;
    this.#maxValueBytes = maxValueBytes;
    this.#utf8Only = utf8Only;
    this.#fail = fail;
  }

  /** Throws what is wrong with the request; what fails later goes to `fail`. */
  serve(request: TranscoderRequest, sink: HttpSink, key: string, query: string): void {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        this.#get(request, sink, key, query);
        return;
      case 'PUT':
      case 'POST':
        this.#finish(this.#put(request, sink, key, query), sink);
        return;
      case 'DELETE':
        this.#finish(this.#delete(request, sink, key, query), sink);
        return;
      case 'OPTIONS':
        send(sink, 204, {allow});
        return;
      default:
        throw new Refusal('METHOD_NOT_ALLOWED', `allowed here: ${allow}`, {headers: {allow}});
    }
  }

  #finish(promise: Promise<void>, sink: ResponseSink): void {
    promise.catch(failure => this.#fail(sink, failure));
  }

  #get({method, headers}: TranscoderRequest, sink: HttpSink, key: string, query: string): void {
    const {namespace} = parseRawQuery(query, false);
    const ifMatch = tagsOf(headers, 'if-match', false);
    const ifNoneMatch = tagsOf(headers, 'if-none-match', true);
    const answer = this.#backend.get({
      key,
      namespace,
      metadataOnly: false,
      peek: false,
      ifRevisionNot: ifMatch === undefined ? onlyRevision(ifNoneMatch) : undefined,
    });
    const respond = ({entry}: GetAnswer) => {
      if (entry === undefined) sendFailure(sink, noEntry);
      else if (ifMatch !== undefined && !holds(ifMatch, entry.revision)) sendFailure(sink, conditionLost);
      else if (ifNoneMatch !== undefined && holds(ifNoneMatch, entry.revision)) sendNotModified(sink, entry);
      else sendEntry(sink, entry, method === 'HEAD');
    };
    if (answer instanceof Promise) this.#finish(answer.then(respond), sink);
    else respond(answer);
  }

  async #put(request: TranscoderRequest, sink: ResponseSink, key: string, query: string): Promise<void> {
    const {headers} = request;
    const {namespace, ttlMs = maxAgeMsOf(headers)} = parseRawQuery(query, true);
    const condition = writeConditionOf(headers);
    const contentType = contentTypeOf(headers);
    checkWholeBody(headers);
    const value = await this.#readValue(request);
    const put = async (ifRevision?: number): Promise<PutAnswer> => {
      const putRequest: PutRequest = {
        key,
        namespace,
        value,
        ttlMs,
        contentType,
        ifAbsent: condition === 'ifAbsent',
        ifPresent: condition === 'ifPresent',
        ifRevision,
        returnPrevious: false,
      };
      return this.#backend.put(putRequest);
    };
    const {outcome, existed, revision} =
      typeof condition === 'object'
        ? await writeAmong(condition.among, put, answer => answer.outcome === 'stored')
        : await put();
    if (outcome === 'notStored') sendFailure(sink, conditionLost);
    else if (existed) send(sink, 204, {etag: tagOf(revision)});
    else send(sink, 201, {etag: tagOf(revision), 'content-length': '0'});
  }

  async #delete({headers}: TranscoderRequest, sink: ResponseSink, key: string, query: string): Promise<void> {
    const {namespace} = parseRawQuery(query, false);
    const condition = writeConditionOf(headers);
    if (condition === 'ifAbsent') throw new Refusal('INVALID_CONDITION', 'what there is not cannot be removed');
    const remove = async (ifRevision?: number) =>
      this.#backend.delete({key, namespace, ifRevision, returnPrevious: false});
    const {outcome} =
      typeof condition === 'object'
        ? await writeAmong(condition.among, remove, answer => answer.outcome !== 'notDeleted')
        : await remove();
    if (outcome === 'deleted') send(sink, 204, {});
    else sendFailure(sink, outcome === 'notFound' ? noEntry : conditionLost);
  }

  /** The body, refused as soon as it is known to be too large. */
  async #readValue({headers, body}: TranscoderRequest): Promise<Uint8Array> {
    this.#checkSize(Number(headerOf(headers, 'content-length') ?? 0));
    let value: Uint8Array = noBytes;
    if (body instanceof Uint8Array) value = body;
    else if (body !== undefined) value = await this.#readWhole(body);
    this.#checkSize(value.length);
    if (this.#utf8Only && !isUtf8(value)) {
      throw new Refusal('VALUE_NOT_UTF8', 'the value is not valid UTF-8, which this server wants of plain keys');
    }
    return value;
  }

  async #readWhole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      this.#checkSize(length);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxValueBytes) return;
    throw CacheError.ofField('VALUE_TOO_LARGE', 'value', `is too large; allowed: at most ${this.#maxValueBytes} bytes`);
  }
}

const noBytes = new Uint8Array();

/** Answers that are often given are made once. */
const noEntry = answerOfRefusal(new Refusal('NO_ENTRY', 'there is no such entry'));
const conditionLost = answerOfRefusal(
  new Refusal('CONDITION_LOST', 'the entry is not as If-Match or If-None-Match demands'),
);

function tagsOf(headers: RequestHeaders, name: string, weakToo: boolean): Tags | undefined {
  const header = headerOf(headers, name);
  return header === undefined ? undefined : parseTags(header, name, weakToo);
}

/** What a cache sends that has the entry: then the value, if it is still the same, is not even read. */
function onlyRevision(tags: Tags | undefined): number | undefined {
  return tags !== undefined && tags !== 'any' && tags.length === 1 ? tags[0] : undefined;
}

/**
 * A value may be anything, and shares its origin with the server's own pages: no
 * browser may guess its type, run it or let it load anything.
 */
function sendEntry(sink: HttpSink, {value, contentType, revision}: Entry, isHead: boolean): void {
  sink.start(200, {
    'content-type': contentType === '' ? 'application/octet-stream' : contentType,
    'content-length': String(value.length),
    etag: tagOf(revision),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  });
  if (isHead) sink.end();
  else sink.endBriefly(value);
}

function sendNotModified(sink: ResponseSink, {revision}: Entry): void {
  send(sink, 304, {etag: tagOf(revision), 'cache-control': 'no-cache'});
}

/** An answer without a body. */
function send(sink: ResponseSink, status: number, headers: Readonly<Record<string, string>>): void {
  sink.start(status, headers);
  sink.end();
}
