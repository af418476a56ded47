/** The time of a run: it stands still but for steps of the run, and for turns of the hub that are to be cut into slices. */
import {ManualClock} from '../helpers/manual-clock.js';

export class RunClock extends ManualClock {
  /** How far each look moves it on. */
  perLookMs = 0;

  override nowMs(): number {
    if (this.perLookMs > 0) this.advance(this.perLookMs);
    return super.nowMs();
  }
}
