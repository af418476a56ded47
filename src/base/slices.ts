/**
 * Work in slices: a little at a time, by the clock, so that what waits meanwhile
 * waits no longer than a slice takes.
 */
import type {Clock} from './clock.js';
import {sliceMs, sliceStepsMost} from './limits.js';

/** Calls `work`, which does at most so many steps and answers whether all is done, until it is or the slice is over. */
export function workSlice(clock: Clock, work: (stepsMost: number) => boolean): boolean {
  const endMs = clock.nowMs() + sliceMs;
  for (;;) {
    if (work(sliceStepsMost)) return true;
    if (clock.nowMs() >= endMs) return false;
  }
}
