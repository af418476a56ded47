/**
 * Random tests that can be had again: everything drawn follows from one seed, which
 * is printed when the test fails and can be given back as KRUSTY_SEED.
 */
import type {ExecutionContext} from 'ava';

/** Draws from a seed (mulberry32: small, fast, good enough for tests). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not including `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({length}, () => this.below(256));
  }
}

/** Runs a test with a seed of its own, or with KRUSTY_SEED; says which when it fails. */
export async function withSeed(t: ExecutionContext, run: (seed: number) => void | Promise<void>): Promise<void> {
  const seed = process.env.KRUSTY_SEED ? Number(process.env.KRUSTY_SEED) : Math.floor(Math.random() * 2 ** 32);
  try {
    await run(seed);
  } catch (error) {
    t.log(`seed ${seed}; to have it again: KRUSTY_SEED=${seed}`);
    throw error;
  }
}
