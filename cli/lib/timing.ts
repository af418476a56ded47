/** Waiting and chance, for commands that try again. Tests put their own in place of it. */
import {limits, systemClock} from '../../src/base/index.js';

export interface Timing {
  /** Milliseconds since some fixed moment. */
  nowMs(): number;
  sleep(durationMs: number): Promise<void>;
  /** From 0 up to but not including 1. */
  random(): number;
}

export const systemTiming: Timing = {
  nowMs: systemClock.nowMs,
  sleep: durationMs => new Promise(resolve => setTimeout(resolve, durationMs)),
  random: Math.random,
};

/** Calls `action` after a time, unless the function it answers is called before. */
export function callLater(durationMs: number, action: () => void): () => void {
  const timer = setTimeout(action, durationMs);
  return () => clearTimeout(timer);
}

/**
 * How long to wait before the next attempt after so many that failed: twice as long
 * each time, up to a bound, and shorter by up to a half by chance, so that clients of
 * a server that restarts do not all come at once.
 */
export function reconnectDelayMs(failedAttempts: number, random: number): number {
  const fullMs = Math.min(limits.reconnectMsMost, limits.reconnectMsLeast * 2 ** failedAttempts);
  return fullMs * (1 - random / 2);
}
