/** A clock that moves on with every look at it: so work that is sliced by the clock comes in slices, the same each time. */
import {ManualClock} from './manual-clock.js';

export class TickingClock extends ManualClock {
  readonly #stepMs: number;

  constructor(stepMs: number) {
    super();
    this.#stepMs = stepMs;
  }

  override nowMs(): number {
    this.advance(this.#stepMs);
    return super.nowMs();
  }
}
