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

  /** How far the wall clock is ahead of the monotonic one, in milliseconds. It changes only when the wall clock jumps. */
  wallAheadMs(): number;
}

const {hrtime} = process;

/**
 * Milliseconds of the machine's monotonic clock, which all threads share. Every change
 * asks for it: performance.now() would check its receiver each time, which costs as much
 * as the clock where the engine does not inline it.
 */
function monotonicMs(): number {
  const [seconds, nanos] = hrtime();
  return seconds * 1000 + nanos / 1e6;
}

/**
 * The system's two clocks run at slightly different rates. Wall time is therefore
 * taken from the monotonic one plus an offset that follows the system's wall clock
 * only when they are further apart than this, so that one entry's expire_time reads
 * the same each time. They are compared once a second.
 *
 * The offset is whole: then a deadline, which is whole on the monotonic clock, is a
 * whole expire_time, and reads the same each time.
 */
const wallToleranceMs = 20;
const compareEveryMs = 1000;

/** Bytes of the offset. */
const sharedBytes = 8;

/** The system's clocks. Those that are made with one buffer, in several threads, tell the same wall time. */
export function createSystemClock(buffer = reserveSystemClock()): Clock {
  const ahead = new Float64Array(buffer);
  let comparedMs = Number.NEGATIVE_INFINITY;
  const aheadAt = (nowMs: number) => {
    if (nowMs - comparedMs > compareEveryMs) {
      comparedMs = nowMs;
      const seenMs = Date.now() - nowMs;
      if (Math.abs(seenMs - ahead[0]!) > wallToleranceMs) ahead[0] = Math.round(seenMs);
    }
    return ahead[0]!;
  };
  return {
    nowMs: monotonicMs,
    wallMicros: () => {
      const nowMs = monotonicMs();
      return Math.floor((nowMs + aheadAt(nowMs)) * 1000);
    },
    wallAheadMs: () => aheadAt(monotonicMs()),
  };
}

export function reserveSystemClock(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(sharedBytes);
  new Float64Array(buffer)[0] = Math.round(performance.timeOrigin + performance.now() - monotonicMs());
  return buffer;
}

export const systemClock: Clock = createSystemClock();
