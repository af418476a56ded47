/** Time for this room, injected, so that tests need not wait for it. */
import {systemClock} from '../base/index.js';

export interface Timers {
  nowMs(): number;
  /** Calls once, so much later; answers what prevents it. */
  after(delayMs: number, run: () => void): () => void;
  /** Calls when what is happening now, on all connections, is done. */
  soon(run: () => void): void;
}

/** Longer delays are cut to this, the longest that the system's timers know. */
const delayMsMost = 2 ** 31 - 1;

export const systemTimers: Timers = {
  nowMs: () => systemClock.nowMs(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, delayMsMost));
    return () => clearTimeout(timer);
  },
  soon: run => void setImmediate(run),
};
