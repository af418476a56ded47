/**
 * The body of a request of node:http, read only when and as far as somebody asks for
 * it. Node's own iterator destroys the connection when its reader stops, and with it
 * the answer that says why.
 */
import type {IncomingMessage} from 'node:http';
import {limits} from '../base/index.js';
import {BodyChunks} from './body-chunks.js';
import {Refusal} from './refusal.js';

export class RequestBody extends BodyChunks {
  readonly #request: IncomingMessage;

  /** `onBegin` is called before the first read. */
  constructor(request: IncomingMessage, onBegin?: () => void) {
    super({
      onBegin: () => {
        onBegin?.();
        this.#begin();
      },
      onWait: () => request.resume(),
    });
    this.#request = request;
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
    this.#request.on('data', chunk => {
      if (!this.push(chunk)) this.#request.pause();
    });
    this.#request.on('end', () => this.finish());
    this.#request.on('error', () => {}); // It closes, which is all there is to know.
    this.#request.on('close', () => this.finish(cutShort()));
  }
}

export function cutShort(): Refusal {
  return new Refusal('MALFORMED_HTTP', 'the body ended too soon');
}
