/**
 * The memory of the change log: a ring of bytes, for records one behind the other.
 *
 *             tail                                head
 *               │                                   │
 *   ────────┬───┴────┬────────┬────────┬────────┬───┴────┬──── positions
 *           │   ├──┬─┼─┬──────┼──┬─┬───┼────────┼─┬─┤    │
 *           │ block  │ block  │ block  │ block  │ block  │
 *
 * A position counts bytes from the first one ever written; the ring holds those from
 * tail to head. It is cut into blocks. When the head enters a block, the records that
 * begin in what was in that block's memory are given up, so that one which ends in the
 * block that it begins in takes a place and no more. A row for each block says which
 * record is the first that begins in it: there the ring begins once others are given
 * up, and by it a revision is found.
 *
 * Whoever calls holds the lock of the revisions.
 */
import {limits} from '../base/index.js';
import {changeHeaderBytes, lastBytes, typeNumber} from './change-record.js';
import {copyShared} from './memory.js';
import type {Revisions} from './revisions.js';

const blocks = 256;

/** Words of shared memory, for whoever writes. */
export const next = {
  /** The word of the ring at which the head is. */
  word: 0,
  /** How many bytes are left in the block that the head is in; 0 or less where no record begins in it yet. */
  left: 1,
} as const;
const nextBytes = 8;

/** Numbers of shared memory behind them, and then the rows. */
export const state = {head: 0, tail: 1, trimmedRevision: 2, trims: 3} as const;
const stateNumbers = 4;

/** Bound here since the engine folds a module's own constants, but not exported ones. */
const {word, left} = next;
const headNumber = state.head;

/** Of a block: position of the first record that begins in it, and the revision before that record. */
const rowNumbers = 2;

/** As sent between threads. */
export interface ChangeRingBuffers {
  /** Shared where several threads write; otherwise not, since the engine copies more slowly to shared memory. */
  ring: ArrayBufferLike;
  numbers: SharedArrayBuffer;
}

export interface ChangeRingOptions {
  bytes: number;
  maxKeyBytes: number;
  isShared: boolean;
}

/** Reserves a ring of about so many bytes, but with room for two of the largest records that keep no value. */
export function reserveChangeRing({bytes, maxKeyBytes, isShared}: ChangeRingOptions): ChangeRingBuffers {
  const leastBytes = 2 * (changeHeaderBytes + lastBytes.replacement + maxKeyBytes + 2 * limits.contentTypeBytesMost);
  const blockBytes = Math.max(Math.floor(bytes / blocks / 8), Math.ceil(leastBytes / blocks / 8)) * 8;
  const buffers: ChangeRingBuffers = {
    ring: new (isShared ? SharedArrayBuffer : ArrayBuffer)(blockBytes * blocks),
    numbers: new SharedArrayBuffer(nextBytes + 8 * (stateNumbers + blocks * rowNumbers)),
  };
  stateOf(buffers).fill(-1, stateNumbers);
  return buffers;
}

export function nextOf({numbers}: ChangeRingBuffers): Int32Array {
  return new Int32Array(numbers, 0, nextBytes / 4);
}

export function stateOf({numbers}: ChangeRingBuffers): Float64Array {
  return new Float64Array(numbers, nextBytes);
}

export class ChangeRing {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly #next: Int32Array;
  readonly #state: Float64Array;
  readonly #blockBytes: number;
  readonly #revisions: Revisions;

  constructor(buffers: ChangeRingBuffers, revisions: Revisions) {
    this.words = new Int32Array(buffers.ring);
    this.bytes = new Uint8Array(buffers.ring);
    this.size = buffers.ring.byteLength;
    this.#revisions = revisions;
    this.#next = nextOf(buffers);
    this.#state = stateOf(buffers);
    this.#blockBytes = this.size / blocks;
  }

  get head(): number {
    return this.#state[state.head]!;
  }

  /** The first record of its block, or the head. */
  get tail(): number {
    return this.#state[state.tail]!;
  }

  get trimmedRevision(): number {
    return this.#state[state.trimmedRevision]!;
  }

  get trims(): number {
    return this.#state[state.trims]!;
  }

  /** Which word is at a position. */
  wordAt(position: number): number {
    return (position % this.size) / 4;
  }

  /**
   * Takes the place of a record at the head, and writes its first word; answers where
   * that is. To be called before the change takes its revision: the last one is then
   * that of the record before.
   */
  place(bytesLeast: number, type: number): number {
    const bytes = (bytesLeast + 7) & ~7;
    const ints = this.#next;
    if (bytes > ints[left]!) this.#leaveBlock(bytes);
    const at = ints[word]!;
    ints[word] = at + (bytes >>> 2);
    ints[left]! -= bytes;
    this.#state[headNumber]! += bytes;
    this.words[at] = bytes | type;
    return at;
  }

  /** The word behind a record. */
  endOf(at: number): number {
    return at + ((this.words[at]! & ~7) >>> 2);
  }

  /** Writes bytes of a record. */
  write(at: number, source: Uint8Array): void {
    copyShared(this.bytes, at, source);
  }

  /** Every block's first record from the tail on, with the revision before it. */
  *starts(): Iterable<{start: number; revisionBefore: number}> {
    for (let block = this.#blockOf(this.tail); block <= this.#blockOf(this.head); block++) {
      const start = this.#startOf(block);
      if (start !== undefined) yield {start, revisionBefore: this.#revisionBefore(block)};
    }
  }

  /** The last position before this one at which a block's first record begins; undefined if it is gone. */
  startBefore(position: number): number | undefined {
    for (let block = this.#blockOf(position - 1); block >= this.#blockOf(this.tail); block--) {
      const start = this.#startOf(block);
      if (start !== undefined && start < position) return start;
    }
    return undefined;
  }

  /** For a record that does not end in the block that the head is in. */
  #leaveBlock(bytes: number): void {
    const rest = this.size - this.#next[next.word]! * 4;
    if (bytes > rest) {
      if (rest > 0) this.place(rest, typeNumber.pad);
      this.#next[next.word] = 0;
    }
    const {head} = this;
    const endBlock = this.#blockOf(head + bytes - 1) + 1;
    if (endBlock - blocks > this.#blockOf(this.tail)) this.#trim(endBlock - blocks);
    if (this.#next[next.left]! > 0) return;
    const block = this.#blockOf(head);
    const row = this.#rowOf(block);
    this.#state[row] = head;
    this.#state[row + 1] = this.#revisions.last;
    this.#next[next.left] = (block + 1) * this.#blockBytes - head;
  }

  /** Gives up the records before the first that begins in this block or later, which may be the next one. */
  #trim(block: number): void {
    let kept = block;
    while (kept < this.#blockOf(this.head) && this.#startOf(kept) === undefined) kept++;
    const start = this.#startOf(kept);
    // Both once: others look at them meanwhile.
    this.#state[state.tail] = start ?? this.head;
    this.#state[state.trimmedRevision] = start === undefined ? this.#revisions.last : this.#revisionBefore(kept);
    this.#state[state.trims]!++;
  }

  #blockOf(position: number): number {
    return Math.floor(position / this.#blockBytes);
  }

  #rowOf(block: number): number {
    return stateNumbers + (block % blocks) * rowNumbers;
  }

  /** The first record that begins in a block; undefined if none does. */
  #startOf(block: number): number | undefined {
    const start = this.#state[this.#rowOf(block)]!;
    return this.#blockOf(start) === block ? start : undefined;
  }

  #revisionBefore(block: number): number {
    return this.#state[this.#rowOf(block) + 1]!;
  }
}
