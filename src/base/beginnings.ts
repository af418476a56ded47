/**
 * The beginnings of some memory that is used again and again, as arrays. Those of short
 * ones are kept: making one takes longer than to write or read what is in it.
 */
const keptBytesMost = 1024;

export class Beginnings {
  readonly bytes: Uint8Array;
  /** By length. */
  readonly #kept: Uint8Array[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The first bytes, so many of them. */
  of(length: number): Uint8Array {
    if (length > keptBytesMost) return this.bytes.subarray(0, length);
    for (let next = this.#kept.length; next <= length; next++) this.#kept.push(this.bytes.subarray(0, next));
    return this.#kept[length]!;
  }
}
