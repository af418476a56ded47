/**
 * Protobuf's ways of saying things to ours and back: the one place where revisions
 * change between uint64 and number, and times between Duration or Timestamp and
 * milliseconds.
 */
import {CacheError, type ErrorReason} from '../base/index.js';
import type {Duration} from '../gen/google/protobuf/duration.js';
import type {Timestamp} from '../gen/google/protobuf/timestamp.js';

const nanosMost = 999_999_999;

/** A revision beyond 2^53 is no entry's, and stays so when it loses digits here. */
export function revisionFromWire(revision: bigint | undefined): number | undefined {
  return revision === undefined ? undefined : Number(revision);
}

/** Milliseconds of a Duration, parts of one kept. Its range is for `cache` to judge; its form is judged here. */
export function durationFromWire(
  duration: Duration | undefined,
  field: string,
  reason: ErrorReason = 'INVALID_TTL',
): number | undefined {
  if (!duration) return undefined;
  const {seconds, nanos} = duration;
  const contradicts = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0);
  if (Math.abs(nanos) > nanosMost || contradicts) {
    throw CacheError.ofField(
      reason,
      field,
      `is not a valid Duration; allowed: nanos of at most ${nanosMost}, of the same sign as seconds`,
    );
  }
  return Number(seconds) * 1000 + nanos / 1e6;
}

export function durationToWire(durationMs: number): Duration;
export function durationToWire(durationMs: number | undefined): Duration | undefined;
export function durationToWire(durationMs: number | undefined): Duration | undefined {
  if (durationMs === undefined) return undefined;
  const seconds = Math.floor(durationMs / 1000);
  return {seconds: BigInt(seconds), nanos: Math.floor((durationMs - seconds * 1000) * 1e6)};
}

/** Milliseconds since 1970. */
export function timestampFromWire(timestamp: Timestamp | undefined, field: string): number | undefined {
  if (!timestamp) return undefined;
  const {seconds, nanos} = timestamp;
  if (nanos < 0 || nanos > nanosMost) {
    throw CacheError.ofField('INVALID_TTL', field, `is not a valid Timestamp; allowed: nanos from 0 to ${nanosMost}`);
  }
  return Number(seconds) * 1000 + nanos / 1e6;
}

/** To the microsecond, which is as exact as a double is about now. */
export function secondsAndNanos(timeMs: number): {seconds: number; nanos: number} {
  const micros = Math.round(timeMs * 1000);
  const seconds = Math.floor(micros / 1e6);
  return {seconds, nanos: (micros - seconds * 1e6) * 1000};
}

export function timestampToWire(timeMs: number): Timestamp;
export function timestampToWire(timeMs: number | undefined): Timestamp | undefined;
export function timestampToWire(timeMs: number | undefined): Timestamp | undefined {
  if (timeMs === undefined) return undefined;
  const {seconds, nanos} = secondsAndNanos(timeMs);
  return {seconds: BigInt(seconds), nanos};
}
