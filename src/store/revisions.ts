/**
 * The numbering of changes, one for all shards: each is max(last + 1, wall clock in
 * µs). So revisions keep growing over restarts, tell when a change was made, and
 * stay below 2^53.
 */
import type {Clock} from '../base/index.js';
import {acquire, release} from './lock.js';

export class Revisions {
  readonly #clock: Clock;
  readonly #last: Float64Array;
  readonly #lock: Int32Array;
  readonly #locked: boolean;

  constructor(buffer: SharedArrayBuffer, clock: Clock, locked: boolean) {
    this.#clock = clock;
    this.#last = new Float64Array(buffer, 0, 1);
    this.#lock = new Int32Array(buffer, 8, 1);
    this.#locked = locked;
  }

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(16);
  }

  /** The revision of the last change; 0 before the first. */
  get last(): number {
    return this.#last[0]!;
  }

  next(): number {
    const wall = this.#clock.wallMicros();
    if (this.#locked) acquire(this.#lock);
    const revision = Math.max(this.#last[0]! + 1, wall);
    this.#last[0] = revision;
    if (this.#locked) release(this.#lock);
    return revision;
  }
}
