/**
 * Time, injected everywhere, so that tests need not wait for it.
 *
 * Two times are kept apart. Deadlines are counted on the monotonic one: a wall
 * clock set back must not revive an expired entry, nor one set forward kill a live
 * one. Revisions and what users read come from the wall clock.
 */
export interface Clock {
  /** Milliseconds since some fixed moment, with fractions; never runs backwards. */
  nowMs(): number;

  /** Microseconds since 1970 by the wall clock; may jump. An integer below 2^53. */
  wallMicros(): number;
}

/**
 * The system's two clocks run at slightly different rates. Wall time is therefore
 * taken from the monotonic one plus an offset that follows the system's wall clock
 * only when they are further apart than this, so that one entry's expire_time reads
 * the same each time.
 */
const wallToleranceMs = 20;
let wallOffsetMs = performance.timeOrigin;

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMicros: () => {
    const nowMs = performance.now();
    const apartMs = Date.now() - (nowMs + wallOffsetMs);
    if (Math.abs(apartMs) > wallToleranceMs) wallOffsetMs += apartMs;
    return Math.floor((nowMs + wallOffsetMs) * 1000);
  },
};
