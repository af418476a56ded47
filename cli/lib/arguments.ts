/**
 * From what was typed to what a request takes: durations, moments, revisions. Each
 * refusal names the flag, the text and what is allowed.
 */
import {readFileSync} from 'node:fs';
import {formatDuration, isUtf8, limits, parseDuration} from '../../src/base/index.js';
import type {Duration} from '../../src/gen/google/protobuf/duration.js';
import type {Timestamp} from '../../src/gen/google/protobuf/timestamp.js';
import {usageError} from './errors.js';
import {quote} from './text.js';

/**
 * Node turns bytes of the command line that are not UTF-8 into U+FFFD without a word,
 * so two different keys would become one. A real U+FFFD is let through. Linux only:
 * elsewhere the raw bytes cannot be had.
 */
export function refuseBrokenArguments(): void {
  const args = process.argv.slice(2);
  if (!args.some(arg => arg.includes('\ufffd'))) return;
  let raw: Buffer[];
  try {
    // Each ends with a zero byte. Latin-1 keeps every byte as it is.
    const pieces = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
    raw = pieces.slice(-args.length).map(piece => Buffer.from(piece, 'latin1'));
  } catch {
    return;
  }
  const broken = raw.findIndex(bytes => !isUtf8(bytes));
  if (broken >= 0) {
    throw usageError(
      `argument ${broken + 1}, ${quote(args[broken] ?? '')}, is not valid UTF-8. Keys must be; a value that is not goes in by @FILE or - (stdin)`,
    );
  }
}

// Of the following, those that take undefined answer it for a flag that is not given.

/** A TTL. Zero is refused: on the wire it would silently mean the namespace's default. */
export function parseTtl(flag: string, text: string | undefined): Duration | undefined {
  if (text === undefined) return undefined;
  const ttlMs = parseDuration(text);
  if (ttlMs === undefined || ttlMs <= 0 || ttlMs > limits.ttlMsMost) {
    throw usageError(
      `${flag} ${quote(text)} is not allowed; allowed: a duration such as 5m, 1h30m or 250ms, or a number of seconds, above 0 and at most ${formatDuration(limits.ttlMsMost)} (never expiring is --no-expiry)`,
    );
  }
  return durationOfMs(ttlMs);
}

export function durationOfMs(durationMs: number): Duration {
  const seconds = Math.floor(durationMs / 1000);
  // Up, so that a positive duration never becomes zero.
  const nanos = Math.min(Math.ceil((durationMs - seconds * 1000) * 1e6), 999_999_999);
  return {seconds: BigInt(seconds), nanos};
}

export function parseTimeoutMs(text: string): number {
  const timeoutMs = parseDuration(text);
  const mostMs = 24 * 3600 * 1000;
  if (timeoutMs === undefined || timeoutMs < 1 || timeoutMs > mostMs) {
    throw usageError(
      `--timeout ${quote(text)} is not allowed; allowed: a duration from 1ms to 24h, such as 5s or 500ms, or a number of seconds`,
    );
  }
  return timeoutMs;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** A moment in RFC 3339, with up to nine decimals. */
export function parseMoment(flag: string, text: string | undefined): Timestamp | undefined {
  if (text === undefined) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = rfc3339.exec(text) ?? [];
  const wallMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const momentMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone?.toUpperCase()}`);
  // Date.parse takes 31 February for 3 March: the day must still be the one that was typed.
  if (Number.isNaN(momentMs) || new Date(wallMs).getUTCDate() !== Number(day)) {
    throw usageError(
      `${flag} ${quote(text)} is not allowed; allowed: a moment as in RFC 3339, such as 2027-01-31T18:00:00Z or 2027-01-31T18:00:00.5+01:00`,
    );
  }
  return {seconds: BigInt(momentMs / 1000), nanos: Number((fraction ?? '').padEnd(9, '0'))};
}

const uint64Most = 2n ** 64n - 1n;

export function parseRevision(flag: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,20}$/.test(text) || BigInt(text) > uint64Most) {
    throw usageError(`${flag} ${quote(text)} is not allowed; allowed: a revision, which is a whole number`);
  }
  return BigInt(text);
}

/** A signed 64-bit integer. */
export function parseInt64(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw usageError(`${name} ${quote(text)} is not allowed; allowed: a whole number from -2^63 to 2^63 - 1`);
  }
  return BigInt(text);
}

/** A count of at least 1. */
export function parseCount(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1) {
    throw usageError(`${flag} ${quote(text)} is not allowed; allowed: a whole number of at least 1`);
  }
  return Number(text);
}
