/**
 * Frees what has expired, in slices: a timer removes a bounded number of entries,
 * lets waiting calls through, and goes on until nothing is left to remove.
 */
import {limits} from '../base/index.js';

/** Answers the function that stops it. */
export function startHousekeeping(cache: {sweep(entriesMost: number): number}): () => void {
  let next: NodeJS.Immediate | undefined;
  const slice = () => {
    next = cache.sweep(limits.sweepEntriesMost) === limits.sweepEntriesMost ? setImmediate(slice) : undefined;
  };
  const timer = setInterval(() => {
    if (!next) slice();
  }, limits.sweepIntervalMs);
  return () => {
    clearInterval(timer);
    clearImmediate(next);
  };
}
