/**
 * Frees what has expired, in slices: a timer works for a moment, lets waiting
 * calls through, and goes on until nothing is left to remove. It also gives watchers
 * what they need from time to time.
 */
import {limits, systemClock, workSlice} from '../base/index.js';

/** Answers the function that stops it. */
export function startHousekeeping(cache: {sweep(stepsMost: number): boolean; tick?(): void}): () => void {
  let next: NodeJS.Immediate | undefined;
  const slice = () => {
    const done = workSlice(systemClock, steps => cache.sweep(steps));
    next = done ? undefined : setImmediate(slice);
  };
  const timer = setInterval(() => {
    cache.tick?.();
    if (!next) slice();
  }, limits.sweepIntervalMs);
  return () => {
    clearInterval(timer);
    clearImmediate(next);
  };
}
