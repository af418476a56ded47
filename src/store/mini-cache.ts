/**
 * A cache of up to 256 hashes with nothing behind them: it tells what the hit ratio
 * would be with another share of the window (window-tuner.ts). 19 KB of memory for
 * three of them.
 *
 *   slot   1 to 256: its hash, its list and neighbours there, the next in its bucket
 *          or among the free; 257 to 259 are the heads of the three lists
 */
import {assert} from '../base/index.js';
import type {FrequencySketch} from './frequency-sketch.js';
import {type Segments, segment, WindowLfu} from './window-lfu.js';

export const miniEntries = 256;
const lists = 3;
const slots = 1 + miniEntries + lists;
const firstHead = 1 + miniEntries;
const bucketMask = miniEntries - 1;

export class MiniCache implements Segments {
  readonly #hashes: Int32Array;
  readonly #chain: Int32Array;
  readonly #lists: Int32Array;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #buckets: Int32Array;
  /** How many are in each list, and the first free slot. */
  readonly #state: Int32Array;
  readonly #lfu: WindowLfu;
  readonly #share: number;

  constructor(words: Int32Array, sketch: FrequencySketch, share: number) {
    const column = (index: number) => words.subarray(index * slots, (index + 1) * slots);
    this.#hashes = column(0);
    this.#chain = column(1);
    this.#lists = column(2);
    this.#older = column(3);
    this.#newer = column(4);
    this.#buckets = words.subarray(5 * slots, 5 * slots + miniEntries);
    this.#state = words.subarray(5 * slots + miniEntries);
    this.#lfu = new WindowLfu(this, sketch);
    this.#share = share;
  }

  static readonly words = 5 * slots + miniEntries + lists + 1;

  initialize(): void {
    for (let slot = 1; slot <= miniEntries; slot++) this.#chain[slot] = slot - 1;
    this.#state[lists] = miniEntries;
    for (let head = firstHead; head < slots; head++) {
      this.#older[head] = head;
      this.#newer[head] = head;
    }
  }

  /** Uses a key, or puts it where it is not there; answers whether it was. Holds no more than `limit` in the long run. */
  access(hash: number, limit: number): boolean {
    let slot = this.#buckets[hash & bucketMask]!;
    while (slot !== 0 && this.#hashes[slot] !== hash) slot = this.#chain[slot]!;
    if (slot !== 0) {
      this.#lfu.used(slot, this.#share);
      return true;
    }
    // Two at most: where the limit has fallen, the cache follows by and by.
    for (let drops = 0; drops < 2 && this.#count() >= limit; drops++) this.#drop(this.#lfu.victim(1, this.#share));
    this.#lfu.added(this.#add(hash), this.#share);
    return false;
  }

  oldest(list: number): number {
    const slot = this.#newer[firstHead + list]!;
    return slot < firstHead ? slot : 0;
  }

  weight(list: number): number {
    return this.#state[list]!;
  }

  listOf(slot: number): number {
    return this.#lists[slot]!;
  }

  weightOf(_slot: number): number {
    return 1;
  }

  hashOf(slot: number): number {
    return this.#hashes[slot]!;
  }

  move(slot: number, list: number): void {
    this.#unlink(slot);
    this.#link(slot, list);
  }

  /** For the walk of invariants: each slot is in one list and in the bucket of its hash, or free. */
  check(): void {
    const seen = new Set<number>();
    for (let list = 0; list < lists; list++) {
      let count = 0;
      for (let slot = this.oldest(list); slot < firstHead && slot !== 0; slot = this.#newer[slot]!, count++) {
        assert(!seen.has(slot) && this.#lists[slot] === list, `mini slot ${slot} is in one list`);
        assert(this.#older[this.#newer[slot]!] === slot, `mini slot ${slot} and its neighbour agree`);
        seen.add(slot);
      }
      assert(count === this.#state[list], 'a mini list counts its slots');
    }
    const indexed = new Set<number>();
    for (let bucket = 0; bucket <= bucketMask; bucket++) {
      for (let slot = this.#buckets[bucket]!; slot !== 0; slot = this.#chain[slot]!) {
        assert(seen.has(slot) && !indexed.has(slot), `mini slot ${slot} is indexed once, and in a list`);
        assert((this.#hashes[slot]! & bucketMask) === bucket, `mini slot ${slot} is in its bucket`);
        indexed.add(slot);
      }
    }
    assert(indexed.size === seen.size, 'each listed mini slot is in the index');
    for (let slot = this.#state[lists]!; slot !== 0; slot = this.#chain[slot]!) {
      assert(!seen.has(slot), `free mini slot ${slot} is free once, and in no list`);
      seen.add(slot);
    }
    assert(seen.size === miniEntries, 'each mini slot is listed or free');
  }

  #count(): number {
    return this.#state[segment.window]! + this.#state[segment.probation]! + this.#state[segment.protected]!;
  }

  #add(hash: number): number {
    const slot = this.#state[lists]!;
    this.#state[lists] = this.#chain[slot]!;
    this.#hashes[slot] = hash;
    this.#chain[slot] = this.#buckets[hash & bucketMask]!;
    this.#buckets[hash & bucketMask] = slot;
    this.#link(slot, segment.window);
    return slot;
  }

  #drop(slot: number): void {
    this.#unlink(slot);
    const bucket = this.#hashes[slot]! & bucketMask;
    let before = 0;
    for (let at = this.#buckets[bucket]!; at !== slot; at = this.#chain[at]!) before = at;
    if (before === 0) this.#buckets[bucket] = this.#chain[slot]!;
    else this.#chain[before] = this.#chain[slot]!;
    this.#chain[slot] = this.#state[lists]!;
    this.#state[lists] = slot;
  }

  /** The heads close the lists to rings: behind a head comes its oldest, before it its newest. */
  #link(slot: number, list: number): void {
    const head = firstHead + list;
    const newest = this.#older[head]!;
    this.#older[slot] = newest;
    this.#newer[slot] = head;
    this.#newer[newest] = slot;
    this.#older[head] = slot;
    this.#lists[slot] = list;
    this.#state[list]!++;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot]!;
    const newer = this.#newer[slot]!;
    this.#newer[older] = newer;
    this.#older[newer] = older;
    this.#state[this.#lists[slot]!]!--;
  }
}
