/**
 * The body of a request of node:http, read only when and as far as somebody asks for
 * it. Node's own iterator destroys the connection when its reader stops, and with it
 * the answer that says why.
 */
import type {IncomingMessage} from 'node:http';
import {limits} from '../base/index.js';
import {Refusal} from './refusal.js';

export class RequestBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #request: IncomingMessage;
  readonly #onBegin: (() => void) | undefined;
  readonly #chunks: Uint8Array[] = [];
  #hasBegun = false;
  /** Set when nothing more comes. */
  #end: {failure: Error | undefined} | undefined;
  #reader: {resolve: (result: IteratorResult<Uint8Array, undefined>) => void; reject: (why: Error) => void} | undefined;

  /** `onBegin` is called before the first read. */
  constructor(request: IncomingMessage, onBegin?: () => void) {
    this.#request = request;
    this.#onBegin = onBegin;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#hasBegun) this.#begin();
    const chunk = this.#chunks.shift();
    if (chunk) return Promise.resolve({value: chunk, done: false});
    if (this.#end?.failure) return Promise.reject(this.#end.failure);
    if (this.#end) return Promise.resolve(done);
    this.#request.resume();
    return new Promise((resolve, reject) => {
      this.#reader = {resolve, reject};
    });
  }

  /** Whether so much may still come that it is better not to wait for it. */
  get isLong(): boolean {
    const {complete, headers} = this.#request;
    return !complete && !(Number(headers['content-length']) <= limits.httpDiscardBytesMost);
  }

  /** Reads on to nowhere, up to a limit; calls `then` when that is over. */
  discard(then: () => void): void {
    let bytes = 0;
    const over = () => {
      this.#request.off('data', count).off('end', over).off('close', over);
      then();
    };
    const count = (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > limits.httpDiscardBytesMost) over();
    };
    this.#request.on('data', count).on('end', over).on('close', over);
    this.#request.socket.setTimeout(limits.httpLingerMs);
    this.#request.resume();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#onBegin?.();
    this.#request.on('data', chunk => this.#take(chunk));
    this.#request.on('end', () => this.#finish(undefined));
    this.#request.on('error', () => {}); // It closes, which is all there is to know.
    this.#request.on('close', () => this.#finish(new Refusal('MALFORMED_HTTP', 'the body ended too soon')));
  }

  #take(chunk: Uint8Array): void {
    if (this.#reader) {
      this.#reader.resolve({value: chunk, done: false});
      this.#reader = undefined;
    } else if (!this.#end) {
      this.#chunks.push(chunk);
      this.#request.pause();
    }
  }

  #finish(failure: Error | undefined): void {
    if (this.#end) return;
    this.#end = {failure};
    if (failure) this.#reader?.reject(failure);
    else this.#reader?.resolve(done);
    this.#reader = undefined;
  }
}

const done = {value: undefined, done: true} as const;
