/** A sink that keeps what it is sent and checks the order of calls. */
import {assert} from '../../../src/base/index.js';
import type {ResponseSink} from '../../../src/transcoding/index.js';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  chunks: readonly string[];
  text: string;
  /** The text as JSON; undefined if it is none. */
  json: unknown;
  isAborted: boolean;
}

export class CollectingSink implements ResponseSink {
  /** Kept when the answer is complete or broken off, or the client went away. */
  readonly closed: Promise<Answer>;

  /** True while the sink takes what it is sent at once. */
  isOpen = true;
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  chunks: Buffer[] = [];

  #isClosed = false;
  #drainListeners: (() => void)[] = [];
  #closeListeners: (() => void)[] = [];
  #resolve!: (answer: Answer) => void;

  constructor() {
    this.closed = new Promise(resolve => {
      this.#resolve = resolve;
    });
  }

  start(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#isClosed) return;
    assert(this.status === 0, 'an answer starts once');
    this.status = status;
    this.headers = headers;
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#isClosed) return true;
    assert(this.status !== 0, 'an answer starts before its body');
    this.chunks.push(Buffer.from(chunk as string));
    return this.isOpen;
  }

  end(chunk?: Uint8Array | string): void {
    if (chunk !== undefined && chunk.length > 0) this.write(chunk);
    this.#close(false);
  }

  abort(): void {
    this.#close(true);
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) listener();
    else this.#closeListeners.push(listener);
  }

  drain(): void {
    this.isOpen = true;
    for (const listener of this.#drainListeners) listener();
  }

  /** What a client does that has heard enough. */
  leave(): void {
    this.#close(true);
  }

  #close(isAborted: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#closeListeners) listener();
    const text = Buffer.concat(this.chunks).toString();
    const chunks = this.chunks.map(String);
    this.#resolve({status: this.status, headers: this.headers, chunks, text, json: parse(text), isAborted});
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
