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
 * The engine copies to and from shared memory in words of 8 bytes where both sides are
 * as far from a multiple of 8, and otherwise byte by byte, which takes five times as
 * long. From this length on, that counts for more than copying twice.
 */
const alignedCopyLeast = 256;
let aligner = new Uint8Array(64 * 1024);

/** Copies bytes to a place in shared memory. */
export function setBytes(target: Uint8Array, start: number, source: Uint8Array): void {
  if (source.length < alignedCopyLeast || ((source.byteOffset ^ start) & 7) === 0) target.set(source, start);
  else target.set(align(source, start & 7), start);
}

/** The same bytes in memory of this thread, so many bytes behind a multiple of 8. */
function align(source: Uint8Array, alignment: number): Uint8Array {
  if (aligner.length < source.length + 8) aligner = new Uint8Array(2 * source.length);
  aligner.set(source, alignment);
  return aligner.subarray(alignment, alignment + source.length);
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
    setBytes(this.bytes[ref >>> viewShift]!, (ref & viewMask) * 8 + offset, source);
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
    target.set(this.bytes[ref >>> viewShift]!.subarray(start, start + length), at);
  }

  /** Copies a slot's first bytes to another slot. */
  copySlot(from: number, to: number, length: number): void {
    const start = (from & viewMask) * 8;
    const source = this.bytes[from >>> viewShift]!.subarray(start, start + length);
    this.bytes[to >>> viewShift]!.set(source, (to & viewMask) * 8);
  }
}
