/**
 * A request that is not gRPC: headers, a body in pieces, an answer in pieces. Who
 * serves such requests is told of each through `HttpHandler`.
 */
import {limits} from '../base/index.js';
import type {Connection} from './connection.js';
import type {HeaderField} from './header-field.js';
import {plainField} from './hpack/encoder.js';
import {findField, type RequestHead} from './request-head.js';
import {Stream} from './stream.js';

/** Where a request's body goes. The bytes are good only until the function returns; what is used is told by `taken`. */
export interface BodyReader {
  data(bytes: Uint8Array): void;
  end(): void;
}

/** Begins to serve a request, and says who takes its body. */
export type HttpHandler = (exchange: HttpExchange) => BodyReader;

export class HttpExchange extends Stream {
  readonly method: string;
  readonly path: string;
  readonly scheme: string;
  readonly authority: string;
  readonly contentType: string | undefined;
  /** It has more headers than are kept: whatever it asks for, it is to be refused. */
  readonly isTooLarge: boolean;
  readonly #fields: readonly HeaderField[];
  #body: BodyReader | undefined;
  /** The answer is whole; its end may wait for the rest of the request. */
  #isAnswered = false;
  #discardedBytes = 0;
  #cancelLinger: (() => void) | undefined;
  readonly #drainListeners: (() => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];

  constructor(connection: Connection, id: number, head: RequestHead, endsStream: boolean) {
    super(connection, id, endsStream);
    this.method = head.method?.value ?? '';
    this.path = head.path?.value ?? '';
    this.scheme = head.scheme?.value ?? '';
    this.authority = head.authority?.value ?? '';
    this.contentType = head.contentType?.value;
    this.isTooLarge = head.isTooLarge;
    this.#fields = [head.contentType, head.contentLength, ...head.takeMetadata()].filter(field => field !== undefined);
  }

  begin(handler: HttpHandler): void {
    this.#body = handler(this);
  }

  /** All headers by their lower-case names; of several of a name, all, as one. */
  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (const {name, value} of this.#fields) {
      const before = headers[name.text];
      headers[name.text] = before === undefined ? value : `${before}${name.text === 'cookie' ? '; ' : ', '}${value}`;
    }
    return headers;
  }

  get localAddress(): string | undefined {
    return this.connection.localAddress;
  }

  /** A header by its lower-case name. */
  header(name: string): string | undefined {
    return findField(this.#fields, name);
  }

  /** Sends the status and the headers; names are in lower case. */
  respond(status: number, headers: readonly (readonly [name: string, value: string])[]): void {
    if (this.closed) return;
    const fields = [plainField(':status', String(status)), ...headers.map(([name, value]) => plainField(name, value))];
    this.connection.sendHeaders(this, this.connection.encoder.encode(fields), false);
  }

  /** Queues a piece of the body, which must stay as it is; false asks to wait for onDrain. */
  write(bytes: Uint8Array): boolean {
    if (this.closed || this.#isAnswered) return false;
    if (bytes.length > 0) this.connection.queue(this, [bytes]);
    return this.connection.writers.mayWriteOn(this, bytes.length);
  }

  /**
   * Ends the answer. Some clients (curl 7.88) lose one that ends while they are still
   * sending, so the end waits a while for the rest of the request, which goes nowhere.
   */
  end(): void {
    if (this.closed || this.#isAnswered) return;
    this.#isAnswered = true;
    if (this.remoteEnded) this.#end();
    else this.#cancelLinger = this.connection.timers.after(limits.httpLingerMs, () => this.#end());
    this.taken(this.unreadBytes);
  }

  #discard(bytes: number): void {
    this.#discardedBytes += bytes;
    if (this.#discardedBytes > limits.httpDiscardBytesMost) this.#end();
  }

  #end(): void {
    this.#cancelLinger?.();
    if (!this.closed && !this.trailers) this.connection.endWith(this, []);
  }

  /** Breaks the answer off, so that nobody takes it for complete. */
  abort(): void {
    this.connection.abort(this);
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  /** So much of the body has been used: the client may send as much again. */
  taken(bytes: number): void {
    this.unreadBytes = Math.max(0, this.unreadBytes - bytes);
    if (!this.closed && !this.remoteEnded) this.connection.receiving.giveBack(this);
  }

  /** The whole body counts as held until it is there: whoever reads it puts it together. */
  override data(bytes: Buffer, start: number, end: number): void {
    if (this.#isAnswered) {
      this.#discard(end - start);
      return;
    }
    this.unreadBytes += end - start;
    this.connection.receiving.setIncomplete(this, this.incompleteBytes + end - start);
    // A plain array, not a Buffer, of which slice() is no copy.
    this.#body?.data(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  }

  override remoteEnd(): void {
    this.connection.receiving.setIncomplete(this, 0);
    if (this.#isAnswered) this.#end();
    else this.#body?.end();
  }

  override drained(): void {
    for (const listener of this.#drainListeners) listener();
  }

  override over(): void {
    this.#cancelLinger?.();
    for (const listener of this.#closeListeners) listener();
  }
}

/** Serves those who came to the wrong door. */
export const refuseHttp: HttpHandler = exchange => {
  const text = Buffer.from('this address serves gRPC: POST with content-type application/grpc\n');
  exchange.respond(exchange.isTooLarge ? 431 : 415, [
    ['content-type', 'text/plain'],
    ['content-length', String(text.length)],
  ]);
  exchange.write(text);
  exchange.end();
  return {data: () => {}, end: () => {}};
};
