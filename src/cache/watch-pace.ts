/**
 * How fast the changes that many watch are passed on. A round of messages may take the
 * event loop for longer than a slice: then the next waits for as long as it took, so
 * that callers have half of the time however many watchers there are. What changes
 * meanwhile comes together in the next round's messages, which makes each cheaper.
 */
import {type Clock, limits} from '../base/index.js';
import type {Schedule} from './schedule.js';

export class WatchPace {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #wake: () => void;
  #roundStartMs = 0;
  #restEndMs = 0;
  #isWakeScheduled = false;

  /** `wake` is called when a rest is over in which somebody wanted to begin a round. */
  constructor(clock: Clock, schedule: Schedule, wake: () => void) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#wake = wake;
  }

  beginRound(): void {
    this.#roundStartMs = this.#clock.nowMs();
  }

  endRound(): void {
    const nowMs = this.#clock.nowMs();
    const tookMs = nowMs - this.#roundStartMs;
    if (tookMs > limits.sliceMs) this.#restEndMs = nowMs + Math.min(tookMs, limits.watchRestMsMost);
  }

  /** Whether a round has to wait. */
  rests(): boolean {
    const leftMs = this.#restEndMs - this.#clock.nowMs();
    if (leftMs > 0 && !this.#isWakeScheduled) {
      this.#isWakeScheduled = true;
      this.#schedule(() => {
        this.#isWakeScheduled = false;
        this.#wake();
      }, leftMs);
    }
    return leftMs > 0;
  }
}
