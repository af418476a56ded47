/**
 * From hash to record: buckets of records chained through their first word, grown
 * by linear hashing (Litwin, "Linear hashing: a new tool for file and table
 * addressing", 1980): whenever there are more records than buckets, one bucket is
 * split in two, so growth costs one insert no more than another.
 *
 * A record's bucket is the low bits of its hash, so a bucket holds one contiguous
 * range of *bit-reversed* hashes, and a split halves that range. A scan in the order
 * of reversed hashes therefore loses nothing to growth (the idea of Redis's SCAN):
 * its position is a reversed hash, whatever the number of buckets.
 */
import {field} from './layout.js';
import type {Records} from './records.js';

/** Words of a record, bound here as in records.ts. */
const {hash: hashWord, chain: chainWord} = field;

export class HashIndex {
  readonly #records: Records;
  readonly #buckets: Int32Array;
  /** The number of buckets in use and the number of records, in shared memory. */
  readonly #state: Int32Array;

  constructor(records: Records, buckets: SharedArrayBuffer, state: Int32Array) {
    this.#records = records;
    this.#buckets = new Int32Array(buckets);
    this.#state = state;
  }

  /** Words of shared memory for its state. */
  static readonly stateWords = 2;

  initialize(): void {
    this.#state[0] = 1;
  }

  get buckets(): number {
    return this.#state[0]!;
  }

  get size(): number {
    return this.#state[1]!;
  }

  /** The record under a key; 0 if there is none. */
  find(hash: number, namespace: number, key: Uint8Array): number {
    const records = this.#records;
    const {words} = records.memory;
    let ref = this.#buckets[this.#bucketOf(hash)]!;
    while (ref !== 0) {
      if (words[ref * 2 + hashWord] === hash && records.isUnder(ref, namespace, key)) return ref;
      ref = words[ref * 2 + chainWord]!;
    }
    return 0;
  }

  /** For each hash the first record of its bucket; 0 where it is empty. */
  firsts(hashes: Int32Array, refs: Int32Array): void {
    for (let at = 0; at < hashes.length; at++) refs[at] = this.#buckets[this.#bucketOf(hashes[at]!)]!;
  }

  insert(ref: number): void {
    if (++this.#state[1]! > this.#state[0]! && this.#state[0]! < this.#buckets.length) this.#split();
    const bucket = this.#bucketOf(this.#records.get(ref, hashWord));
    this.#records.set(ref, chainWord, this.#buckets[bucket]!);
    this.#buckets[bucket] = ref;
  }

  remove(ref: number): void {
    this.#state[1]!--;
    this.#replaceLink(ref, this.#records.get(ref, chainWord));
  }

  /** A record has moved; its chain word has moved with it. */
  moved(from: number, to: number): void {
    this.#replaceLink(from, to, this.#records.get(to, hashWord));
  }

  /** The first record of the bucket that holds a position of the scan. */
  firstAt(position: number): number {
    return this.#buckets[this.#bucketOf(reverseBits(position))]!;
  }

  /** Where the range of the bucket that holds a position ends: up to 2^32, which is the end of the scan. */
  rangeEnd(position: number): number {
    const range = 2 ** (32 - this.#bitsOf(this.#bucketOf(reverseBits(position))));
    return Math.floor(position / range) * range + range;
  }

  /** A record's place in the order of the scan, from 0 up to 2^32. */
  positionOf(ref: number): number {
    return reverseBits(this.#records.get(ref, hashWord));
  }

  /** For the walk of invariants: the first record of each bucket in use. */
  firstOf(bucket: number): number {
    return this.#buckets[bucket]!;
  }

  bucketOfRecord(ref: number): number {
    return this.#bucketOf(this.#records.get(ref, hashWord));
  }

  #bucketOf(hash: number): number {
    const count = this.#state[0]!;
    // The largest power of two that is at most count, less one.
    const mask = (1 << (31 - Math.clz32(count))) - 1;
    const bucket = hash & ((mask << 1) | 1);
    return bucket < count ? bucket : hash & mask;
  }

  /** How many low bits of the hash decide on this bucket. */
  #bitsOf(bucket: number): number {
    const count = this.#state[0]!;
    const bits = 31 - Math.clz32(count);
    const size = 1 << bits;
    return bucket >= size || bucket + size < count ? bits + 1 : bits;
  }

  #split(): void {
    const added = this.#state[0]!;
    const size = 1 << (31 - Math.clz32(added));
    const splitBucket = added - size;
    let kept = 0;
    let moved = 0;
    let ref = this.#buckets[splitBucket]!;
    while (ref !== 0) {
      const next = this.#records.get(ref, chainWord);
      if (this.#records.get(ref, hashWord) & size) {
        this.#records.set(ref, chainWord, moved);
        moved = ref;
      } else {
        this.#records.set(ref, chainWord, kept);
        kept = ref;
      }
      ref = next;
    }
    this.#buckets[splitBucket] = kept;
    this.#buckets[added] = moved;
    this.#state[0] = added + 1;
  }

  /** Lets whatever points at a record point elsewhere. */
  #replaceLink(ref: number, to: number, hash = this.#records.get(ref, hashWord)): void {
    const bucket = this.#bucketOf(hash);
    let at = this.#buckets[bucket]!;
    if (at === ref) {
      this.#buckets[bucket] = to;
      return;
    }
    for (;;) {
      const next = this.#records.get(at, chainWord);
      if (next === ref) {
        this.#records.set(at, chainWord, to);
        return;
      }
      at = next;
    }
  }
}

/** The bits of a 32-bit integer in reverse order, unsigned. */
export function reverseBits(value: number): number {
  let bits = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
