/**
 * Where a thread's reads put the values that they answer: memory that the next read
 * overwrites. It grows with the longest value so far, in powers of two.
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

  /** Its first bytes, for a long value. */
  place(length: number): Uint8Array {
    if (length > this.#bytes.length) this.#grow(length);
    return this.#bytes.subarray(0, length);
  }

  #grow(length: number): void {
    this.words = new Int32Array(2 ** Math.ceil(Math.log2(length)) / 4);
    this.#bytes = new Uint8Array(this.words.buffer);
    this.#views.length = 0;
  }
}
