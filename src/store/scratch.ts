/**
 * Where a thread's reads put the values that they answer: memory that the next read
 * overwrites. It grows with the longest value so far, in powers
 * of two.
 */
const bytesAtFirst = 64 * 1024;

export class Scratch {
  words = new Int32Array(bytesAtFirst / 4);
  #bytes = new Uint8Array(this.words.buffer);
  /** Its beginnings, by length: making a typed array takes longer than copying a small value. */
  readonly #views: Uint8Array[] = [];

  /** The longest value that wordsView shows. */
  static readonly wordsViewBytesMost = 128;

  /** Its first bytes, a short value's, to be filled through `words`. */
  wordsView(length: number): Uint8Array {
    for (let next = this.#views.length; next <= length; next++) this.#views.push(this.#bytes.subarray(0, next));
    return this.#views[length]!;
  }

  /** A place for a long value, so many bytes behind a multiple of 8: see memory.ts for what that is good for. */
  place(length: number, alignment: number): Uint8Array {
    if (length + alignment > this.#bytes.length) this.#grow(length + alignment);
    return this.#bytes.subarray(alignment, alignment + length);
  }

  #grow(length: number): void {
    this.words = new Int32Array(2 ** Math.ceil(Math.log2(length)) / 4);
    this.#bytes = new Uint8Array(this.words.buffer);
    this.#views.length = 0;
  }
}
