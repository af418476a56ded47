/**
 * Memory that messages are written into by hand, one after the other. Whoever writes
 * knows the length of what comes next and makes room for it; nothing is checked at each
 * field then, which is most of what the generated encoder's writer does.
 */
import {Beginnings} from '../base/index.js';

const bytesAtFirst = 4096;

export class MessageBuffer {
  #bytes = new Uint8Array(bytesAtFirst);
  #at = 0;
  #beginnings = new Beginnings(this.#bytes);

  /** Forgets what was written. */
  clear(): void {
    this.#at = 0;
  }

  /** To be called before so many bytes are written. */
  makeRoom(count: number): void {
    const least = this.#at + count;
    if (least <= this.#bytes.length) return;
    const before = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(Math.max(least, 2 * this.#bytes.length));
    this.#bytes.set(before);
    this.#beginnings = new Beginnings(this.#bytes);
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** An integer below 2^53. */
  varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    // Four bytes' worth at a time, and without a remainder: that of a double takes long.
    while (rest >= 2 ** 28) {
      const high = Math.floor(rest / 2 ** 28);
      const low = rest - high * 2 ** 28;
      bytes[at++] = low | 0x80;
      bytes[at++] = (low >>> 7) | 0x80;
      bytes[at++] = (low >>> 14) | 0x80;
      bytes[at++] = (low >>> 21) | 0x80;
      rest = high;
    }
    while (rest >= 128) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  raw(source: Uint8Array): void {
    this.#bytes.set(source, this.#at);
    this.#at += source.length;
  }

  ascii(text: string): void {
    for (let index = 0; index < text.length; index++) this.#bytes[this.#at++] = text.charCodeAt(index);
  }

  /** All that was written, good until something else is. */
  view(): Uint8Array {
    return this.#beginnings.of(this.#at);
  }
}

/** How many bytes MessageBuffer.varint writes. */
export function varintBytes(value: number): number {
  let bytes = 1;
  let rest = value;
  while (rest >= 2 ** 28) {
    rest = Math.floor(rest / 2 ** 28);
    bytes += 4;
  }
  while (rest >= 128) {
    rest >>>= 7;
    bytes++;
  }
  return bytes;
}
