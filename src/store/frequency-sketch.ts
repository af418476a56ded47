/**
 * How often keys have been used of late, whether they are held or not: a count-min
 * sketch of 4-bit counters that are halved now and then, as in TinyLFU (Einziger,
 * Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017).
 *
 *   block     64 bytes, a cache line: 128 counters in four quarters of 32; one block
 *             for 8 entries held, so 8 bytes an entry
 *   key       its hash names a block, and one counter in each quarter; the least of
 *             the four is its estimate, too high where keys share all of them
 *
 * It grows with the entries by linear hashing, a block at a time, and a block begins
 * as a copy of the one it is split from. Halving is a sweep, a block at a time. So
 * no step is longer than one block, however many entries there are.
 */
import {assert} from '../base/index.js';
import {mix} from './hash.js';

const blockWords = 16;
export const blockBytes = 4 * blockWords;
export const entriesPerBlock = 8;
const blocksLeast = 4;
const countMost = 15;
/** So many recorded uses for each entry, and all counters are halved. */
const usesPerEntry = 10;

/** Numbers of shared memory. */
const at = {blocks: 0, recorded: 1, sweepLeft: 2, count: 3} as const;

export class FrequencySketch {
  readonly #words: Int32Array;
  /** Blocks in use; uses recorded since the last sweep began; blocks it has still to halve, the last of them next. */
  readonly #state: Float64Array;
  readonly #blocksMost: number;

  constructor(words: SharedArrayBuffer, state: Float64Array) {
    this.#words = new Int32Array(words);
    this.#state = state;
    this.#blocksMost = this.#words.length / blockWords;
  }

  static readonly stateNumbers = at.count;

  /** For so many entries at most, in so many bytes at most; it works, less sharply, with fewer bytes than it would like. */
  static reserve(entries: number, bytesMost: number): SharedArrayBuffer {
    const blocks = Math.min(Math.ceil(entries / entriesPerBlock), Math.floor(bytesMost / blockBytes));
    return new SharedArrayBuffer(blockBytes * Math.max(blocks, blocksLeast));
  }

  initialize(): void {
    this.#state[at.blocks] = blocksLeast;
  }

  /** To be called with each entry that is added: splits one block at most. */
  grow(entries: number): void {
    const added = this.#state[at.blocks]!;
    if (added * entriesPerBlock >= entries || added === this.#blocksMost) return;
    const from = added - levelOf(added);
    this.#words.copyWithin(added * blockWords, from * blockWords, (from + 1) * blockWords);
    this.#state[at.blocks] = added + 1;
    // The sweep under way comes to the old block, but is past the new one.
    if (from < this.#state[at.sweepLeft]!) this.#halve(added);
  }

  /** Counts one use of a key; `entries` are held now. */
  record(hash: number, entries: number): void {
    const words = this.#words;
    let word = this.#blockOf(hash) * blockWords;
    let bits = mix(hash);
    for (let quarter = 0; quarter < 4; quarter++) {
      const shift = ((bits >>> 2) & 7) << 2;
      const counters = words[word + (bits & 3)]!;
      if (((counters >>> shift) & countMost) < countMost) words[word + (bits & 3)] = counters + (1 << shift);
      word += 4;
      bits >>>= 8;
    }
    this.#age(entries);
  }

  /** How often a key was used of late: 0 to 15. */
  estimate(hash: number): number {
    let word = this.#blockOf(hash) * blockWords;
    let bits = mix(hash);
    let least = countMost;
    for (let quarter = 0; quarter < 4; quarter++) {
      least = Math.min(least, (this.#words[word + (bits & 3)]! >>> (((bits >>> 2) & 7) << 2)) & countMost);
      word += 4;
      bits >>>= 8;
    }
    return least;
  }

  /** For the walk of invariants: as many blocks as the entries ask for, as far as they are reserved. */
  check(entries: number): void {
    const blocks = this.#state[at.blocks]!;
    const wanted = Math.min(Math.ceil(entries / entriesPerBlock), this.#blocksMost);
    assert(blocks >= wanted && blocks <= this.#blocksMost, `the sketch has ${blocks} blocks for ${entries} entries`);
    assert(this.#state[at.sweepLeft]! <= blocks, 'a sweep halves blocks that are in use');
  }

  #age(entries: number): void {
    const state = this.#state;
    const recorded = state[at.recorded]! + 1;
    state[at.recorded] = recorded;
    if (state[at.sweepLeft]! > 0) {
      state[at.sweepLeft]!--;
      this.#halve(state[at.sweepLeft]!);
    } else if (recorded >= usesPerEntry * entries) {
      state[at.recorded] = 0;
      state[at.sweepLeft] = state[at.blocks]!;
    }
  }

  #halve(block: number): void {
    const words = this.#words;
    const end = (block + 1) * blockWords;
    for (let word = block * blockWords; word < end; word++) words[word] = (words[word]! >>> 1) & 0x77777777;
  }

  #blockOf(hash: number): number {
    const blocks = this.#state[at.blocks]!;
    const level = levelOf(blocks);
    const block = hash & (2 * level - 1);
    return block < blocks ? block : block - level;
  }
}

/** The largest power of two that is at most so many. */
function levelOf(blocks: number): number {
  return 1 << (31 - Math.clz32(blocks));
}
