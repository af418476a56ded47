/**
 * What policies would hit, without a store: LRU, to compare the store's with; S3-FIFO,
 * which `tiny-lfu` was chosen over; and the best that any policy could do. Each
 * answers a byte a request, 1 for a hit.
 */
import type {Trace} from './traces.js';

export function simulateLru({keys, entries}: Trace): Uint8Array {
  const held = new Set<number>();
  const hits = new Uint8Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    if (held.delete(key)) hits[index] = 1;
    else if (held.size === entries) held.delete(held.values().next().value!);
    held.add(key);
  }
  return hits;
}

/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache
 * eviction", SOSP 2023): a small queue of a tenth for what is new, a main queue for
 * what was used again, and the names of what left the small one. A record moves to
 * main if it was used more than once in the small queue.
 */
export function simulateS3Fifo({keys, entries}: Trace): Uint8Array {
  const smallMost = Math.max(1, Math.floor(entries / 10));
  const ghostsMost = Math.max(1, entries - smallMost);
  const small = new Fifo(entries);
  const main = new Fifo(entries);
  const uses = new Map<number, number>();
  const ghosts = new Set<number>();
  const evictSmall = () => {
    const key = small.shift();
    if (uses.get(key)! > 1) {
      uses.set(key, 0);
      main.push(key);
      return;
    }
    uses.delete(key);
    ghosts.add(key);
    if (ghosts.size > ghostsMost) ghosts.delete(ghosts.values().next().value!);
  };
  const evictMain = () => {
    const key = main.shift();
    const left = uses.get(key)!;
    if (left === 0) {
      uses.delete(key);
    } else {
      uses.set(key, left - 1);
      main.push(key);
    }
  };
  const hits = new Uint8Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const used = uses.get(key);
    if (used !== undefined) {
      hits[index] = 1;
      if (used < 3) uses.set(key, used + 1);
      continue;
    }
    while (uses.size === entries) {
      if (small.length >= smallMost || main.length === 0) evictSmall();
      else evictMain();
    }
    uses.set(key, 0);
    if (ghosts.delete(key)) main.push(key);
    else small.push(key);
  }
  return hits;
}

/** A queue with room for so many. */
class Fifo {
  readonly #items: Uint32Array;
  #start = 0;
  length = 0;

  constructor(most: number) {
    this.#items = new Uint32Array(most);
  }

  push(item: number): void {
    this.#items[(this.#start + this.length++) % this.#items.length] = item;
  }

  shift(): number {
    const item = this.#items[this.#start]!;
    this.#start = (this.#start + 1) % this.#items.length;
    this.length--;
    return item;
  }
}

/**
 * The most hits that are possible, knowing the future (Belady, "A study of replacement
 * algorithms for a virtual-storage computer", 1966): of the keys held and the one that
 * comes, the one that will be used again last is not kept.
 */
export function simulateOptimal({keys, entries}: Trace): Uint8Array {
  const nextUses = findNextUses(keys);
  /** The next use of each key held. */
  const heldUntil = new Map<number, number>();
  const latest = new LatestFirst();
  const hits = new Uint8Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const nextUse = nextUses[index]!;
    if (heldUntil.delete(key)) hits[index] = 1;
    if (nextUse === never) continue;
    if (heldUntil.size === entries) {
      // What was used meanwhile has another next use: its old one is dropped when it comes up.
      while (heldUntil.get(keys[latest.first]!) !== latest.first) latest.dropFirst();
      if (latest.first <= nextUse) continue;
      heldUntil.delete(keys[latest.first]!);
      latest.dropFirst();
    }
    heldUntil.set(key, nextUse);
    latest.add(nextUse);
  }
  return hits;
}

const never = 2 ** 32 - 1;

/** For each request, the index of the next one for the same key. */
function findNextUses(keys: Uint32Array): Uint32Array {
  const nextUses = new Uint32Array(keys.length);
  const seen = new Map<number, number>();
  for (let index = keys.length - 1; index >= 0; index--) {
    nextUses[index] = seen.get(keys[index]!) ?? never;
    seen.set(keys[index]!, index);
  }
  return nextUses;
}

/** A binary heap with the largest number first. */
class LatestFirst {
  readonly #items: number[] = [];

  get first(): number {
    return this.#items[0]!;
  }

  add(item: number): void {
    let place = this.#items.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#items[parent]! >= item) break;
      this.#items[place] = this.#items[parent]!;
      place = parent;
    }
    this.#items[place] = item;
  }

  dropFirst(): void {
    const item = this.#items.pop()!;
    if (this.#items.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#items.length) break;
      if (child + 1 < this.#items.length && this.#items[child + 1]! > this.#items[child]!) child++;
      if (this.#items[child]! <= item) break;
      this.#items[place] = this.#items[child]!;
      place = child;
    }
    this.#items[place] = item;
  }
}
