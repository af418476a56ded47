/**
 * Window TinyLFU (Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache
 * Management", Middleware 2018): entries come in by a window in the order of use, and
 * when they are to leave it, stay only if they have been used more often than what
 * the rest of the cache would give up for them.
 *
 *   new → window ──(used more often?)──→ probation ⇄ protected
 *         oldest goes if not             oldest goes if so
 *
 * Probation and protected are a segmented LRU: a use in either leads to protected,
 * which hands what it has too much of back to probation. The window's share of the
 * whole decides what the cache is: near 1 it is LRU, near 0 the most often used stay.
 *
 * Every step moves at most four entries besides its own. Shares are of the weight
 * held now, so a cache that is not full needs no other rule.
 */
import type {FrequencySketch} from './frequency-sketch.js';

export const segment = {window: 0, probation: 1, protected: 2} as const;

/** Entries in three lists, each in the order of use. An entry is a positive integer; 0 is none. */
export interface Segments {
  oldest(list: number): number;
  /** The sum of a list's weights. */
  weight(list: number): number;
  listOf(entry: number): number;
  weightOf(entry: number): number;
  hashOf(entry: number): number;
  /** Moves an entry to the newest end of a list, which may be its own. */
  move(entry: number, list: number): void;
}

const protectedShare = 0.8;
const movesMost = 4;

export class WindowLfu {
  readonly #segments: Segments;
  readonly #sketch: FrequencySketch;

  constructor(segments: Segments, sketch: FrequencySketch) {
    this.#segments = segments;
    this.#sketch = sketch;
  }

  /** An entry has been added to the window, which hands on what it has too much of: without contest, there was room. */
  added(entry: number, share: number): void {
    this.#shrink(segment.window, share * this.#total() + 0.5, entry);
  }

  used(entry: number, share: number): void {
    const segments = this.#segments;
    if (segments.listOf(entry) === segment.window) {
      segments.move(entry, segment.window);
      return;
    }
    segments.move(entry, segment.protected);
    this.#shrink(segment.protected, protectedShare * (1 - share) * this.#total(), entry);
  }

  /** The entry that must go before one of the weight `incoming` comes in; 0 if there is none. It is to be removed then. */
  victim(incoming: number, share: number): number {
    const segments = this.#segments;
    const candidate = segments.oldest(segment.window);
    const victim = segments.oldest(segment.probation) || segments.oldest(segment.protected);
    if (victim === 0) return candidate;
    if (candidate === 0 || this.#windowHasRoom(incoming, share)) return victim;
    if (!this.#isWorthMore(candidate, victim)) return candidate;
    segments.move(candidate, segment.probation);
    return victim;
  }

  /** A window below its share grows by what others give up. One entry is never too much for it. */
  #windowHasRoom(incoming: number, share: number): boolean {
    const then = this.#segments.weight(segment.window) + incoming;
    return then <= Math.max(incoming, share * this.#total() + 0.5);
  }

  /** By uses for each byte, so that a large entry must be used more often than the small ones it displaces. */
  #isWorthMore(candidate: number, victim: number): boolean {
    const segments = this.#segments;
    const wanted = this.#sketch.estimate(segments.hashOf(candidate)) * segments.weightOf(victim);
    const held = this.#sketch.estimate(segments.hashOf(victim)) * segments.weightOf(candidate);
    return wanted > held;
  }

  /** Moves the oldest of a list on to probation while it weighs too much, but never the entry itself. */
  #shrink(list: number, weightMost: number, entry: number): void {
    const segments = this.#segments;
    for (let moves = 0; moves < movesMost && segments.weight(list) > weightMost; moves++) {
      const oldest = segments.oldest(list);
      if (oldest === entry) return;
      segments.move(oldest, segment.probation);
    }
  }

  #total(): number {
    const segments = this.#segments;
    return segments.weight(segment.window) + segments.weight(segment.probation) + segments.weight(segment.protected);
  }
}
