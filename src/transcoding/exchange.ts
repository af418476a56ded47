/**
 * One request under way, and its answer: whole, as a stream or as a failure, but one
 * alone, whoever is first: the method, the deadline or the client that goes away.
 */
import type {Registry} from '@bufbuild/protobuf';
import type {Schedule} from './deadline.js';
import {isTransports, type MetadataName, readMetadata, readTimeoutMs} from './headers.js';
import {jsonType} from './media-types.js';
import {Code, httpStatusOf, RequestError, type Status, StatusError, statusToJson} from './status.js';
import type {Call, ResponseSink, TranscoderRequest} from './types.js';

/** What all exchanges of a transcoder share. */
export interface ExchangeContext {
  registry: Registry;
  errorDomain: string;
  metadataName: MetadataName;
  schedule: Schedule;
  toStatus: ((failure: unknown) => Status | undefined) | undefined;
  onFault: (fault: unknown) => void;
}

type Headers = Readonly<Record<string, string>>;

export class Exchange implements Call {
  readonly #request: TranscoderRequest;
  readonly #sink: ResponseSink;
  readonly #context: ExchangeContext;
  readonly #closeListeners: (() => void)[] = [];
  #sentMetadata: Record<string, string> | undefined;
  #metadata: ReadonlyMap<string, string> | undefined;
  #timeoutMs: number | undefined;
  #callOff: (() => void) | undefined;
  #controller: AbortController | undefined;
  #lastChunk: ((statusJson: string) => string) | undefined;
  #hasStarted = false;
  #isOver = false;

  constructor(request: TranscoderRequest, sink: ResponseSink, context: ExchangeContext) {
    this.#request = request;
    this.#sink = sink;
    this.#context = context;
  }

  metadata(name: string): string | undefined {
    this.#metadata ??= readMetadata(this.#request.headers, this.#context.metadataName);
    return this.#metadata.get(name);
  }

  sendMetadata(name: string, value: string): void {
    const header = name.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(header) || !/^[\x20-\x7e]*$/.test(value)) {
      throw new TypeError(`metadata "${name}" or its value cannot be sent as a header`);
    }
    if (isTransports(header)) return;
    this.#sentMetadata ??= {};
    this.#sentMetadata[header] = value;
  }

  get timeoutMs(): number | undefined {
    return this.#timeoutMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort();
    return this.#controller.signal;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Begins to count the time that the caller grants. */
  startDeadline(): void {
    this.#timeoutMs = readTimeoutMs(this.#request.headers);
    if (this.#timeoutMs === undefined) return;
    const failure = new RequestError('DEADLINE_EXCEEDED', `no answer was complete after ${this.#timeoutMs} ms`);
    this.#callOff = this.#context.schedule(this.#timeoutMs, () => this.fail(failure));
  }

  /** From now on the call ends when the client goes away; for what is not answered at once. */
  endWithClient(): void {
    this.#sink.onClose(() => this.#finish());
  }

  onDrain(listener: () => void): void {
    this.#sink.onDrain(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#closeListeners.push(listener);
  }

  /** Sends status and headers; to HEAD that is all. */
  start(status: number, headers: Headers): void {
    if (this.#isOver) return;
    this.#hasStarted = true;
    this.#sink.start(status, this.#sentMetadata ? {...this.#sentMetadata, ...headers} : headers);
    if (this.#request.method === 'HEAD') this.end();
  }

  write(chunk: Uint8Array | string): boolean {
    return this.#isOver || this.#sink.write(chunk);
  }

  end(chunk?: Uint8Array | string): void {
    if (this.#isOver) return;
    this.#finish();
    this.#sink.end(chunk);
  }

  /** An answer of headers alone. */
  sendNothing(headers: Headers): void {
    this.start(204, headers);
    this.end();
  }

  sendWhole(status: number, contentType: string, body: Uint8Array | string, more?: Headers): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    const headers = {'content-type': contentType, 'content-length': String(length)};
    this.start(status, more ? {...headers, ...more} : headers);
    this.end(body);
  }

  /** How a failure is told once the answer has begun; without this it is broken off. */
  failWith(lastChunk: (statusJson: string) => string): void {
    this.#lastChunk = lastChunk;
  }

  fail(failure: unknown): void {
    if (this.#isOver) return;
    const status = this.#statusOf(failure);
    const json = JSON.stringify(statusToJson(status, this.#context.registry, this.#context.errorDomain));
    if (!this.#hasStarted) {
      const refusal = failure instanceof RequestError ? failure : undefined;
      this.sendWhole(refusal?.httpStatus ?? httpStatusOf(status.code), jsonType, json, refusal?.headers);
    } else if (this.#lastChunk) {
      this.end(this.#lastChunk(json));
    } else {
      this.#finish();
      this.#sink.abort();
    }
  }

  #statusOf(failure: unknown): Status {
    if (failure instanceof RequestError || failure instanceof StatusError) return failure;
    const status = this.#context.toStatus?.(failure);
    if (status) return status;
    this.#context.onFault(failure);
    return {code: Code.INTERNAL, message: 'internal error'};
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#callOff?.();
    this.#controller?.abort();
    for (const listener of this.#closeListeners) listener();
  }
}
