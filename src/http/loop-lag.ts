/**
 * How late the event loop comes to what is due: a timer that looks at the clock each
 * time it runs. A stall shows if a look falls into it, so short ones are a sample.
 */
import {type Clock, limits, systemClock} from '../base/index.js';
import {type Schedule, systemSchedule} from '../transcoding/index.js';
import type {Bucket} from './metrics-text.js';

/** In seconds. */
const bounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, Number.POSITIVE_INFINITY];

export class LoopLag {
  readonly counts: readonly Bucket[] = bounds.map(most => ({most, count: 0}));
  sumMs = 0;
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  #callOff: () => void;

  constructor({clock = systemClock, schedule = systemSchedule}: {clock?: Clock; schedule?: Schedule} = {}) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#callOff = this.#lookAgain();
  }

  stop(): void {
    this.#callOff();
  }

  #lookAgain(): () => void {
    const dueMs = this.#clock.nowMs() + limits.loopLagIntervalMs;
    return this.#schedule(limits.loopLagIntervalMs, () => {
      this.#note(Math.max(0, this.#clock.nowMs() - dueMs));
      this.#callOff = this.#lookAgain();
    });
  }

  #note(lagMs: number): void {
    this.sumMs += lagMs;
    this.counts.find(({most}) => lagMs <= most * 1000)!.count++;
  }
}
