/**
 * Frees what has expired, in slices: a timer works for a moment, lets waiting
 * calls through, and goes on until nothing is left to remove.
 */
import {limits, systemClock, workSlice} from '../base/index.js';

/** Answers the function that stops it. */
export function startHousekeeping(cache: {sweep(stepsMost: number): boolean}): () => void {
  let next: NodeJS.Immediate | undefined;
  const slice = () => {
    const done = workSlice(systemClock, steps => cache.sweep(steps));
    next = done ? undefined : setImmediate(slice);
  };
  const timer = setInterval(() => {
    if (!next) slice();
  }, limits.sweepIntervalMs);
  return () => {
    clearInterval(timer);
    clearImmediate(next);
  };
}
