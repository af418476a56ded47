/** The chunks of a body, from whoever gets them from the network to whoever reads them: one at a time, when it is asked for. */

export interface BodyChunksOptions {
  /** Called before the first read. */
  onBegin?: (() => void) | undefined;
  /** A reader waits for the next chunk, which has not come. */
  onWait?: () => void;
  /** A reader has been given so many bytes. */
  onTaken?: (bytes: number) => void;
}

export class BodyChunks implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #options: BodyChunksOptions;
  readonly #chunks: Uint8Array[] = [];
  #hasBegun = false;
  /** Set when nothing more comes. */
  #end: {failure: Error | undefined} | undefined;
  #reader: {resolve: (result: IteratorResult<Uint8Array, undefined>) => void; reject: (why: Error) => void} | undefined;

  constructor(options: BodyChunksOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#hasBegun) this.#begin();
    const chunk = this.#chunks.shift();
    if (chunk) {
      this.#options.onTaken?.(chunk.length);
      return Promise.resolve({value: chunk, done: false});
    }
    if (this.#end?.failure) return Promise.reject(this.#end.failure);
    if (this.#end) return Promise.resolve(done);
    this.#options.onWait?.();
    return new Promise((resolve, reject) => {
      this.#reader = {resolve, reject};
    });
  }

  /** Whether a reader took the chunk at once. */
  push(chunk: Uint8Array): boolean {
    if (this.#end) return true;
    if (!this.#reader) {
      this.#chunks.push(chunk);
      return false;
    }
    this.#reader.resolve({value: chunk, done: false});
    this.#reader = undefined;
    this.#options.onTaken?.(chunk.length);
    return true;
  }

  finish(failure?: Error): void {
    if (this.#end) return;
    this.#end = {failure};
    if (failure) this.#reader?.reject(failure);
    else this.#reader?.resolve(done);
    this.#reader = undefined;
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#options.onBegin?.();
  }
}

const done = {value: undefined, done: true} as const;
