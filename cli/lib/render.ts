/** Answers as text for a person. */
import {formatDuration, systemClock} from '../../src/base/index.js';
import type {Timestamp} from '../../src/gen/google/protobuf/timestamp.js';
import {type Entry, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import {formatMoment} from './json.js';
import {oneLine} from './text.js';

/** When an entry expires: `never`, `in 4m59s` as seen from a moment. Where the clocks disagree, the moment itself. */
export function expiryText(expireTime: Timestamp | undefined, seenMs = systemClock.wallMicros() / 1000): string {
  if (!expireTime) return 'never';
  const leftMs = Number(expireTime.seconds) * 1000 + expireTime.nanos / 1e6 - seenMs;
  if (leftMs <= 0) return `at ${formatMoment(expireTime)}`;
  return `in ${shortDuration(leftMs)}`;
}

/** A duration in whole seconds, unless it is shorter than one. */
export function shortDuration(durationMs: number): string {
  return formatDuration(durationMs < 1000 ? durationMs : Math.round(durationMs / 1000) * 1000);
}

/** `expires in 5m`, `never expires`. */
export function expiresText(expireTime: Timestamp | undefined, seenMs?: number): string {
  return expireTime ? `expires ${expiryText(expireTime, seenMs)}` : 'never expires';
}

/** Why an entry was evicted. */
export function evictionText(limit: EvictionLimit): string {
  if (limit === EvictionLimit.EVICTION_LIMIT_ENTRIES) return 'to keep the limit on entries';
  if (limit === EvictionLimit.EVICTION_LIMIT_MEMORY) return 'to keep the limit on memory';
  return 'to keep another limit';
}

/** All of an entry but its value, a field a line. */
export function entryTable(entry: Entry): string {
  return table([
    ['key', oneLine(entry.key)],
    ['namespace', entry.namespace],
    ['revision', entry.revision.toString()],
    ['content type', entry.contentType || 'none'],
    ['expires', entry.expireTime ? `${expiryText(entry.expireTime)}, at ${formatMoment(entry.expireTime)}` : 'never'],
    ['updated', entry.updateTime ? formatMoment(entry.updateTime) : 'unknown'],
    ['size', `${entry.sizeBytes.toLocaleString('en')} bytes with its key and overhead`],
  ]);
}

/** Names on the left, values beside them. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

export const listHeader = longRow(['REVISION', 'BYTES', 'EXPIRES', 'KEY']);

/** An entry as a row of `list --long`. The key comes last, since it alone has no bound. */
export function listRow(entry: Entry): string {
  return longRow([
    entry.revision.toString(),
    entry.sizeBytes.toString(),
    expiryText(entry.expireTime),
    oneLine(entry.key),
  ]);
}

function longRow([revision, bytes, expires, key]: readonly [string, string, string, string]): string {
  return `${revision.padStart(16)}  ${bytes.padStart(9)}  ${expires.padEnd(14)}  ${key}\n`;
}
