/** When a caller waits no longer. */

/** Runs something later; answers how to call it off. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

/** What a timer can hold; who waits longer than these 24 days has no deadline. */
const timerMsMost = 2 ** 31 - 1;

export const systemSchedule: Schedule = (delayMs, run) => {
  if (delayMs > timerMsMost) return () => {};
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
