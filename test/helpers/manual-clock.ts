/**
 * A clock that stands still until a test moves it. The two times of Clock move
 * together, or apart where a test plays a wall clock that somebody sets.
 */
import type {Clock} from '../../src/base/index.js';

export class ManualClock implements Clock {
  #nowMs: number;
  #wallMicros: number;

  /** The wall clock starts in January 2025: revisions look as they do in life. */
  constructor({nowMs = 1_000_000, wallMs = 1_736_000_000_000}: {nowMs?: number; wallMs?: number} = {}) {
    this.#nowMs = nowMs;
    this.#wallMicros = wallMs * 1000;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMicros(): number {
    return this.#wallMicros;
  }

  wallAheadMs(): number {
    return this.#wallMicros / 1000 - this.#nowMs;
  }

  /** The wall clock in milliseconds, for comparison with times in answers. */
  wallMs(): number {
    return this.#wallMicros / 1000;
  }

  /** Time passes: both clocks move on. */
  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    this.#wallMicros += Math.round(durationMs * 1000);
  }

  /** Somebody sets the wall clock, forwards or (negative) backwards; no time passes. */
  setWallBy(durationMs: number): void {
    this.#wallMicros += Math.round(durationMs * 1000);
  }
}
