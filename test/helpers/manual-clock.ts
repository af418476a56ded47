/**
 * A clock that stands still until a test moves it. The two times of Clock move
 * together, or apart where a test plays a wall clock that somebody sets.
 */
import type {Clock} from '../../src/base/index.js';

export class ManualClock implements Clock {
  /** Other threads read it, and see the time that this one moves. */
  readonly buffer: SharedArrayBuffer;
  readonly #times: Float64Array;

  /** The wall clock starts in January 2025: revisions look as they do in life. With a buffer, it is a clock that there is. */
  constructor({
    nowMs = 1_000_000,
    wallMs = 1_736_000_000_000,
    buffer,
  }: {nowMs?: number; wallMs?: number; buffer?: SharedArrayBuffer} = {}) {
    this.buffer = buffer ?? new SharedArrayBuffer(16);
    this.#times = new Float64Array(this.buffer);
    if (!buffer) this.#times.set([nowMs, wallMs * 1000]);
  }

  nowMs(): number {
    return this.#times[0]!;
  }

  wallMicros(): number {
    return this.#times[1]!;
  }

  wallAheadMs(): number {
    return this.#times[1]! / 1000 - this.#times[0]!;
  }

  /** The wall clock in milliseconds, for comparison with times in answers. */
  wallMs(): number {
    return this.wallMicros() / 1000;
  }

  /** Time passes: both clocks move on. */
  advance(durationMs: number): void {
    this.#times[0]! += durationMs;
    this.#times[1]! += Math.round(durationMs * 1000);
  }

  /** Somebody sets the wall clock, forwards or (negative) backwards; no time passes. */
  setWallBy(durationMs: number): void {
    this.#times[1]! += Math.round(durationMs * 1000);
  }
}
