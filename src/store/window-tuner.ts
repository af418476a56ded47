/**
 * Chooses the window's share by miniature simulation (Waldspurger, Saemundsson,
 * Ahmad and Park, "Cache Modeling and Optimization using Miniature Simulations",
 * USENIX ATC 2017): a sample of the keys, chosen by hash, goes through three small
 * caches that differ in the share alone. The share that hits most is taken over.
 *
 * They run side by side on the same requests: so unlike a hill climber it need not
 * make the real cache worse to learn, does not mistake a change of the load for the
 * effect of its step, and reaches the right share in one.
 *
 * The sample is as many keys as a small cache holds for as many as the real one
 * does; in a large cache few requests are sampled, and it costs next to nothing.
 */
import {assert} from '../base/index.js';
import type {FrequencySketch} from './frequency-sketch.js';
import {mix} from './hash.js';
import {MiniCache, miniEntries} from './mini-cache.js';

/** The first is the one to start with. */
const shares = [0.01, 0.2, 0.99] as const;
/** A choice after so many sampled requests. */
const periodRequests = 256;
/** What a past period counts for, against the one after it. */
const fading = 0.875;
/** Another share is taken if its hit ratio is better by so much. */
const margin = 0.02;
/** So that the sample does not go by the same bits as blocks and buckets. */
const sampleSalt = 0x5bd1e995;

/** Numbers of shared memory; of hits and scores one a share. */
const at = {awake: 0, current: 1, requests: 2, seen: 3, threshold: 4, limit: 5, hits: 6, scores: 9, count: 12} as const;

export class WindowTuner {
  readonly #state: Float64Array;
  readonly #caches: readonly MiniCache[];

  constructor(words: SharedArrayBuffer, state: Float64Array, sketch: FrequencySketch) {
    this.#state = state;
    this.#caches = shares.map(
      (share, index) =>
        new MiniCache(new Int32Array(words, 4 * index * MiniCache.words, MiniCache.words), sketch, share),
    );
  }

  static readonly stateNumbers = at.count;
  static readonly wordsBytes = 4 * shares.length * MiniCache.words;

  initialize(): void {
    for (const cache of this.#caches) cache.initialize();
  }

  /** The window's share of the whole. */
  get share(): number {
    return shares[this.#state[at.current]!]!;
  }

  /** The cache has evicted. While it does not, the share has no effect, and the tuner rests. */
  wake(): void {
    this.#state[at.awake] = 1;
  }

  /** One use of a key; `entries` are held now. */
  record(hash: number, entries: number): void {
    const state = this.#state;
    if (state[at.awake] === 0) return;
    if (state[at.threshold] === 0) this.#setRate(entries);
    if (mix(hash ^ sampleSalt) >>> 0 >= state[at.threshold]!) return;
    for (let index = 0; index < shares.length; index++) {
      if (this.#caches[index]!.access(hash, state[at.limit]!)) state[at.hits + index]!++;
    }
    state[at.requests]!++;
    if (state[at.requests]! < periodRequests) return;
    this.#choose();
    this.#setRate(entries);
    state[at.requests] = 0;
    state[at.awake] = 0;
  }

  check(): void {
    assert(this.#state[at.current]! < shares.length, 'the share is one of those there are');
    for (const cache of this.#caches) cache.check();
  }

  #choose(): void {
    const state = this.#state;
    let best = 0;
    for (let index = 0; index < shares.length; index++) {
      state[at.scores + index] = state[at.scores + index]! * fading + state[at.hits + index]!;
      state[at.hits + index] = 0;
      if (state[at.scores + index]! > state[at.scores + best]!) best = index;
    }
    state[at.seen] = state[at.seen]! * fading + periodRequests;
    const gain = state[at.scores + best]! - state[at.scores + state[at.current]!]!;
    if (gain > margin * state[at.seen]!) state[at.current] = best;
  }

  #setRate(entries: number): void {
    const limit = Math.max(1, Math.min(miniEntries, entries));
    this.#state[at.limit] = limit;
    this.#state[at.threshold] = (limit / Math.max(1, entries)) * 2 ** 32;
  }
}
