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
  /** Whether several threads take revisions. */
  readonly locked: boolean;

  constructor(buffer: SharedArrayBuffer, clock: Clock, locked: boolean) {
    this.#clock = clock;
    this.#last = new Float64Array(buffer, 0, 1);
    this.#lock = new Int32Array(buffer, 8, 1);
    this.locked = locked;
  }

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(16);
  }

  /** The revision of the last change; 0 before the first. */
  get last(): number {
    return this.#last[0]!;
  }

  /** The next revision, for a change that nobody writes down. */
  next(): number {
    const wall = this.#clock.wallMicros();
    this.enter();
    const revision = this.take(wall);
    this.leave();
    return revision;
  }

  /** Keeps other threads from taking revisions until leave(). Within it nobody enters again. */
  enter(): void {
    if (this.locked) acquire(this.#lock);
  }

  leave(): void {
    if (this.locked) release(this.#lock);
  }

  /** The next revision, given the wall clock; for whoever has entered. */
  take(wallMicros: number): number {
    const revision = Math.max(this.#last[0]! + 1, wallMicros);
    this.#last[0] = revision;
    return revision;
  }

  exclusively<T>(work: () => T): T {
    this.enter();
    const result = work();
    this.leave();
    return result;
  }
}
