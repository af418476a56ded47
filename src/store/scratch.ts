/**
 * Where a thread's reads put the values that they answer: memory that the next read
 * overwrites. It grows with the longest value so far, in powers of two.
 */
import {Beginnings} from '../base/index.js';

const bytesAtFirst = 64 * 1024;

export class Scratch {
  words = new Int32Array(bytesAtFirst / 4);
  #beginnings = new Beginnings(new Uint8Array(this.words.buffer));

  /** The first bytes, for a value of this length; to be filled here or through `words`. */
  place(length: number): Uint8Array {
    if (length > this.#beginnings.bytes.length) this.#grow(length);
    return this.#beginnings.of(length);
  }

  #grow(length: number): void {
    this.words = new Int32Array(2 ** Math.ceil(Math.log2(length)) / 4);
    this.#beginnings = new Beginnings(new Uint8Array(this.words.buffer));
  }
}
