/**
 * Lets connections spread evenly over threads that accept from one queue.
 *
 * A thread that has just accepted is awake, and would accept the next connection as well,
 * long before the others wake up: of a burst one may get nearly all. So who has more
 * connections than another stands still for a moment behind each that it accepts, until
 * another thread has accepted one. All that it serves stands still meanwhile, so the
 * moments are short, and few in a second; where they do not suffice, it just goes on.
 */
import {limits} from '../base/index.js';

/** Waits for a change of a word of shared memory, for so long at most. */
type Wait = (words: Int32Array, index: number, value: number, atMostMs: number) => unknown;

export interface SpreadOptions {
  memory: SharedArrayBuffer;
  /** Which of the threads. */
  thread: number;
  nowMs: () => number;
  /** Atomics.wait if unset. */
  wait?: Wait;
}

export class Spread {
  /** How many connections each thread has. */
  readonly #counts: Int32Array;
  /** How many were accepted by all of them. */
  readonly #accepts: Int32Array;
  readonly #thread: number;
  readonly #nowMs: () => number;
  readonly #wait: Wait;
  #secondBeganMs = Number.NEGATIVE_INFINITY;
  /** For how long it has stood still in this second. */
  #stoodMs = 0;

  constructor({memory, thread, nowMs, wait = Atomics.wait}: SpreadOptions) {
    this.#accepts = new Int32Array(memory, 0, 1);
    this.#counts = new Int32Array(memory, 4);
    this.#thread = thread;
    this.#nowMs = nowMs;
    this.#wait = wait;
  }

  static reserve(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 + 4 * threads);
  }

  /** This thread has so many connections. */
  count(connections: number): void {
    Atomics.store(this.#counts, this.#thread, connections);
  }

  /** The same, one of which it has just accepted. */
  accepted(connections: number): void {
    this.count(connections);
    const accepts = Atomics.add(this.#accepts, 0, 1) + 1;
    Atomics.notify(this.#accepts, 0);
    if (this.#counts.some((_, thread) => Atomics.load(this.#counts, thread) < connections)) this.#standStill(accepts);
  }

  #standStill(accepts: number): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#secondBeganMs >= 1000) {
      this.#secondBeganMs = nowMs;
      this.#stoodMs = 0;
    }
    const leftMs = limits.spreadMsPerSecond - this.#stoodMs;
    if (leftMs <= 0) return;
    this.#wait(this.#accepts, 0, accepts, Math.min(limits.spreadWaitMs, leftMs));
    this.#stoodMs += this.#nowMs() - nowMs;
  }
}
