/**
 * Requests that come over an HTTP/2 that is not ours: whoever speaks it gives one
 * exchange after the other, and gets the same answers as HTTP/1.1.
 */
import {systemClock} from '../base/index.js';
import type {RequestHeaders} from '../transcoding/index.js';
import {BodyChunks} from './body-chunks.js';
import {headerOf} from './headers.js';
import {headersTooLarge, noTunnel, Refusal} from './refusal.js';
import {cutShort} from './request-body.js';
import type {HttpRequest, HttpSink} from './types.js';

/** One request and the way for its answer, as an HTTP/2 engine gives it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** There are more headers than are kept, so what is asked for is not known. */
  readonly isTooLarge: boolean;
  /** No body will follow. */
  readonly remoteEnded: boolean;
  /** The address of ours that the client has reached, if it is one. */
  readonly localAddress: string | undefined;
  /** Sends headers; a status below 200 comes before others. */
  respond(status: number, headers: readonly (readonly [name: string, value: string])[]): void;
  /** Queues bytes that stay as they are; false asks to wait for onDrain. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  /** Breaks the answer off. */
  abort(): void;
  /** So much of the body has been used: the client may send as much again. */
  taken(bytes: number): void;
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
}

/** Where the body goes. The bytes are good only until the function returns. */
export interface ExchangeBody {
  data(bytes: Uint8Array): void;
  end(): void;
}

export interface ExchangeOptions {
  serve: (request: HttpRequest, sink: HttpSink) => void;
  /** Answers for what was thrown. */
  fail: (sink: HttpSink, failure: unknown) => void;
}

export function serveExchange(exchange: Exchange, {serve, fail}: ExchangeOptions): ExchangeBody {
  const sink = new ExchangeSink(exchange);
  const body = exchange.remoteEnded
    ? undefined
    : new BodyChunks({
        onBegin: () => {
          if (headerOf(exchange.headers, 'expect') !== undefined) exchange.respond(100, []);
        },
        onTaken: bytes => exchange.taken(bytes),
      });
  exchange.onClose(() => body?.finish(cutShort()));
  try {
    serve(requestOf(exchange, body), sink);
  } catch (failure) {
    fail(sink, failure);
  }
  return {
    data: bytes => void body?.push(bytes.slice()),
    end: () => body?.finish(),
  };
}

/** Throws a Refusal. */
function requestOf(exchange: Exchange, body: BodyChunks | undefined): HttpRequest {
  if (exchange.isTooLarge) throw headersTooLarge;
  const {method, path, authority, headers, localAddress = ''} = exchange;
  if (method === 'CONNECT') throw noTunnel;
  if (!path.startsWith('/') && path !== '*') throw new Refusal('MALFORMED_TARGET', 'a path begins with "/"');
  if ((headers.expect ?? '100-continue').toLowerCase() !== '100-continue') {
    throw new Refusal('EXPECTATION_FAILED', 'the only Expect that is known is 100-continue');
  }
  return {method, target: path, headers, host: hostOf(authority, headers), isLoopback: isLoopback(localAddress), body};
}

/** Who says both must mean the same (RFC 9113, section 8.3.1). */
function hostOf(authority: string, headers: RequestHeaders): string | undefined {
  const host = headerOf(headers, 'host');
  if (authority !== '' && host !== undefined && host !== authority) {
    throw new Refusal('MALFORMED_HTTP', 'the Host header and :authority differ');
  }
  return authority || host;
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

class ExchangeSink implements HttpSink {
  readonly #exchange: Exchange;
  #extraHeaders: Readonly<Record<string, string>> = {};
  #isOver = false;
  /** An answer to HEAD, or whose status says that it has none. */
  #hasNoBody: boolean;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#hasNoBody = exchange.method === 'HEAD';
    exchange.onClose(() => {
      this.#isOver = true;
    });
  }

  addHeaders(headers: Readonly<Record<string, string>>): void {
    this.#extraHeaders = {...this.#extraHeaders, ...headers};
  }

  start(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#isOver) return;
    this.#hasNoBody ||= status === 204 || status === 304;
    this.#exchange.respond(status, Object.entries({date: dateNow(), ...headers, ...this.#extraHeaders}));
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#isOver || this.#hasNoBody) return true;
    return this.#exchange.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }

  /** A frame of HTTP/2 is of its connection alone, so there is nothing to share but the bytes. */
  writeShared(chunk: Uint8Array): boolean {
    return this.write(chunk);
  }

  end(chunk?: Uint8Array | string): void {
    if (this.#isOver) return;
    if (chunk !== undefined) this.write(chunk);
    this.#isOver = true;
    this.#exchange.end();
  }

  /** The window may let it wait, so it is copied. */
  endBriefly(bytes: Uint8Array): void {
    this.end(bytes.slice());
  }

  abort(): void {
    this.#isOver = true;
    this.#exchange.abort();
  }

  onDrain(listener: () => void): void {
    this.#exchange.onDrain(listener);
  }

  onClose(listener: () => void): void {
    this.#exchange.onClose(listener);
  }
}

let dateMs = Number.NaN;
let dateText = '';

/** The second in which we are, in the form that HTTP has. */
function dateNow(): string {
  const nowMs = Math.floor(systemClock.wallMicros() / 1e6) * 1000;
  if (nowMs !== dateMs) {
    dateMs = nowMs;
    dateText = new Date(nowMs).toUTCString();
  }
  return dateText;
}
