/**
 * A request that is not gRPC: headers, a body in pieces, an answer in pieces. Who
 * serves such requests is told of each through `HttpHandler`.
 */
import type {Connection} from './connection.js';
import type {HeaderField} from './header-field.js';
import {plainField} from './hpack/encoder.js';
import {findField, type RequestHead} from './request-head.js';
import {Stream} from './stream.js';

/** Where a request's body goes. The bytes are good only until the function returns. */
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
  readonly #fields: readonly HeaderField[];
  #body: BodyReader | undefined;
  #drainListener: (() => void) | undefined;
  #closeListener: (() => void) | undefined;

  constructor(connection: Connection, id: number, head: RequestHead, endsStream: boolean) {
    super(connection, id, endsStream);
    this.method = head.method?.value ?? '';
    this.path = head.path?.value ?? '';
    this.scheme = head.scheme?.value ?? '';
    this.authority = head.authority?.value ?? '';
    this.contentType = head.contentType?.value;
    this.#fields = head.takeMetadata();
  }

  begin(handler: HttpHandler): void {
    this.#body = handler(this);
  }

  /** A header by its lower-case name. */
  header(name: string): string | undefined {
    return findField(this.#fields, name);
  }

  /** Sends the status and the headers; names are in lower case. */
  respond(status: number, headers: readonly (readonly [name: string, value: string])[]): void {
    const fields = [plainField(':status', String(status)), ...headers.map(([name, value]) => plainField(name, value))];
    this.connection.sendHeaders(this, this.connection.encoder.encode(fields), false);
  }

  /** Queues a piece of the body, which must stay as it is; false asks to wait for onDrain. */
  write(bytes: Uint8Array): boolean {
    if (this.closed || this.trailers) return false;
    if (bytes.length > 0) this.connection.queue(this, bytes);
    return this.connection.mayWriteOn(this, bytes.length);
  }

  end(): void {
    if (!this.closed && !this.trailers) this.connection.endWith(this, []);
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener;
  }

  onClose(listener: () => void): void {
    this.#closeListener = listener;
  }

  override data(bytes: Buffer, start: number, end: number): void {
    // A plain array, not a Buffer, of which slice() is no copy.
    this.#body?.data(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  }

  override remoteEnd(): void {
    this.#body?.end();
  }

  override drained(): void {
    this.#drainListener?.();
  }

  override over(): void {
    this.#closeListener?.();
  }
}

/** Serves those who came to the wrong door. */
export const refuseHttp: HttpHandler = exchange => {
  const text = Buffer.from('this address serves gRPC: POST with content-type application/grpc\n');
  exchange.respond(415, [
    ['content-type', 'text/plain'],
    ['content-length', String(text.length)],
  ]);
  exchange.write(text);
  exchange.end();
  return {data: () => {}, end: () => {}};
};
