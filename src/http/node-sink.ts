/**
 * The response of node:http as this room sees it. What may not happen on a connection
 * is dealt with here: a write after its end, an answer that overtakes the rest of a
 * long request.
 *
 * Node sends a chunk in four pieces that it gathers until the end of the turn, which
 * costs more than all else that a thousand watchers of a key cost. A chunk for many is
 * therefore framed here, once, and given to each connection in one piece.
 */
import type {ServerResponse} from 'node:http';
import {limits} from '../base/index.js';
import {atEndOfTurn} from './end-of-turn.js';
import type {RequestBody} from './request-body.js';
import type {HttpSink} from './types.js';

export class NodeSink implements HttpSink {
  readonly #response: ServerResponse;
  readonly #body: RequestBody | undefined;
  #extraHeaders: Readonly<Record<string, string>> | undefined;
  #isOver = false;
  /** Node has been given the first chunk, and with it the headers. */
  #hasWritten = false;

  /** `body` is the request's. */
  constructor(response: ServerResponse, body: RequestBody | undefined) {
    this.#response = response;
    this.#body = body;
  }

  addHeaders(headers: Readonly<Record<string, string>>): void {
    this.#extraHeaders = {...this.#extraHeaders, ...headers};
  }

  start(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#cannotSend()) return;
    // Otherwise its rest would be taken for the next request.
    if (this.#body?.isLong) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, this.#extraHeaders ? {...headers, ...this.#extraHeaders} : headers);
    // Node would wait for the body, which may come much later.
    if (headers['content-length'] === undefined) process.nextTick(flushHeaders, this.#response);
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#cannotSend()) return true;
    this.#hasWritten = true;
    return this.#response.write(chunk);
  }

  writeShared(chunk: Uint8Array): boolean {
    const {socket, chunkedEncoding} = this.#response;
    // No connection: other answers are due on it before.
    if (!this.#hasWritten || !socket || !chunkedEncoding || this.#cannotSend()) return this.write(chunk);
    return socket.write(frameOf(chunk));
  }

  end(chunk?: Uint8Array | string): void {
    if (this.#cannotSend()) return;
    this.#isOver = true;
    if (!this.#body?.isLong) {
      if (typeof chunk === 'string') this.#endText(chunk, 'utf8');
      else this.#response.end(chunk);
      return;
    }
    // To close at once would break the connection, and the client would not see the answer.
    if (chunk === undefined) this.#response.flushHeaders();
    else this.#response.write(chunk);
    this.#body.discard(() => this.#response.end());
  }

  /** Node sends a text in one piece with the headers, but bytes behind them; in latin1 each byte is a character. */
  endBriefly(bytes: Uint8Array): void {
    const {buffer, byteOffset, length} = bytes;
    if (length > limits.httpJoinedBytesMost || this.#body?.isLong || this.#cannotSend()) {
      this.end(Buffer.from(bytes));
      return;
    }
    this.#isOver = true;
    this.#endText(Buffer.from(buffer, byteOffset, length).toString('latin1'), 'latin1');
  }

  #endText(text: string, encoding: 'utf8' | 'latin1'): void {
    atEndOfTurn(() => this.#sendLast(text, encoding));
  }

  /** To end(), Node would add an empty piece and gather both; so the text is written, and let go, before. */
  #sendLast(text: string, encoding: 'utf8' | 'latin1'): void {
    if (this.#response.destroyed) return;
    const {socket, chunkedEncoding} = this.#response;
    // No connection: other answers are due on it before.
    if (socket === null || chunkedEncoding) {
      this.#response.end(text, encoding);
      return;
    }
    this.#response.write(text, encoding);
    socket.uncork();
    this.#response.end();
  }

  abort(): void {
    this.#isOver = true;
    this.#response.destroy();
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
    // Node does not know what was written past it.
    const {socket} = this.#response.req;
    socket.on('drain', listener);
    this.#response.on('close', () => socket.off('drain', listener));
  }

  onClose(listener: () => void): void {
    let isClosed = false;
    const close = () => {
      if (isClosed) return;
      isClosed = true;
      listener();
    };
    this.#response.on('close', close);
    // Of an answer that waits for its turn behind another, Node does not tell that the connection has closed.
    if (this.#response.socket === null) this.#response.req.socket.once('close', close);
  }

  #cannotSend(): boolean {
    return this.#isOver || this.#response.destroyed;
  }
}

function flushHeaders(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}

const frames = new WeakMap<Uint8Array, Buffer>();
const lineEnd = Buffer.from('\r\n');

/** The chunk as RFC 9112, section 7.1 wants it; it is not empty. */
function frameOf(chunk: Uint8Array): Buffer {
  let frame = frames.get(chunk);
  if (!frame) {
    frame = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, lineEnd]);
    frames.set(chunk, frame);
  }
  return frame;
}
