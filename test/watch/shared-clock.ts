/** A clock that several threads read and move on: the time of a run with threads, which stands still otherwise. */
import type {Clock} from '../../src/base/index.js';

export class SharedClock implements Clock {
  readonly buffer: SharedArrayBuffer;
  readonly #nowMs: Int32Array;

  /** With a buffer, that of another thread's. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(4);
    this.#nowMs = new Int32Array(this.buffer);
    if (!buffer) this.#nowMs[0] = 1_000_000;
  }

  nowMs(): number {
    return Atomics.load(this.#nowMs, 0);
  }

  wallAheadMs(): number {
    return 1_735_000_000_000;
  }

  wallMicros(): number {
    return Math.floor(this.wallMs() * 1000);
  }

  wallMs(): number {
    return this.nowMs() + this.wallAheadMs();
  }

  advance(ms: number): void {
    Atomics.add(this.#nowMs, 0, Math.ceil(ms));
  }
}
