/**
 * The memory of one shard, addressed by ref and word or byte. Reserved at the start
 * for all that the shard may hold; the system supplies pages as they are touched.
 *
 * One view of words reaches all of it, 2^32 words: a list of shorter views would be
 * loaded and checked anew at each access, which takes twice as long. Views of bytes
 * end at 4 GiB, so of these there are several; a slot is never in two.
 */
import {pageBytes} from './layout.js';

/** Units of 8 bytes in each view of bytes. */
const viewShift = 29;
const viewMask = 2 ** viewShift - 1;
const viewBytes = 2 ** 32;

/**
 * set() copies to and from shared memory a byte at a time where the two sides are not as
 * far from a multiple of 8, at a tenth of what the machine can do. A Buffer's fill() with
 * bytes copies them as other memory, but takes a while to begin: it pays from here on.
 */
const fillBytesLeast = 256;
const {fill} = Buffer.prototype as {fill(this: Uint8Array, source: Uint8Array, from: number, to: number): void};

/** Copies bytes to a place, where either may be shared memory. */
export function copyShared(target: Uint8Array, at: number, source: Uint8Array): void {
  const {length} = source;
  if (length < fillBytesLeast) target.set(source, at);
  else fill.call(target, source, at, at + length);
}

/** Shared memory for so many pages. */
export function reserveMemory(pages: number): SharedArrayBuffer {
  return new SharedArrayBuffer(pages * pageBytes);
}

export class Memory {
  readonly words: Int32Array;
  readonly bytes: readonly Uint8Array[];

  constructor(buffer: SharedArrayBuffer) {
    // Of 16 GiB, the last word has no index; no slot reaches there.
    this.words = new Int32Array(buffer, 0, Math.min(buffer.byteLength / 4, 2 ** 32 - 1));
    this.bytes = Array.from({length: Math.ceil(buffer.byteLength / viewBytes)}, (_, index) => {
      const start = index * viewBytes;
      return new Uint8Array(buffer, start, Math.min(buffer.byteLength - start, viewBytes));
    });
  }

  read(ref: number, word: number): number {
    return this.words[ref * 2 + word]!;
  }

  write(ref: number, word: number, value: number): void {
    this.words[ref * 2 + word] = value;
  }

  writeBytes(ref: number, offset: number, source: Uint8Array): void {
    copyShared(this.bytes[ref >>> viewShift]!, (ref & viewMask) * 8 + offset, source);
  }

  /**
   * Copies bytes of one slot out to the start of `target`, a word at a time: for short
   * lengths, views and calls into the engine take longer than the copying.
   */
  copyWords(ref: number, offset: number, length: number, target: Int32Array): void {
    const {words} = this;
    const count = (length + 3) >>> 2;
    const shift = (offset & 3) * 8;
    let at = ref * 2 + (offset >>> 2);
    if (shift === 0) {
      for (let index = 0; index < count; index++) target[index] = words[at++]!;
      return;
    }
    let low = words[at]!;
    for (let index = 0; index < count; index++) {
      const high = words[++at]!;
      target[index] = (low >>> shift) | (high << (32 - shift));
      low = high;
    }
  }

  /** Copies bytes out to the start of `target`, or to `at` in it. */
  readBytes(ref: number, offset: number, length: number, target: Uint8Array, at: number): void {
    const start = (ref & viewMask) * 8 + offset;
    copyShared(target, at, this.bytes[ref >>> viewShift]!.subarray(start, start + length));
  }

  /** Copies a slot's first bytes to another slot. */
  copySlot(from: number, to: number, length: number): void {
    const start = (from & viewMask) * 8;
    const source = this.bytes[from >>> viewShift]!.subarray(start, start + length);
    this.bytes[to >>> viewShift]!.set(source, (to & viewMask) * 8);
  }
}
