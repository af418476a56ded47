/**
 * What a watcher asked for, checked, and what of a change it is shown. Watchers with
 * the same plan are shown the same.
 */
import {CacheError, limits} from '../base/index.js';
import {type Change, type LoggedEntry, typeNumber} from '../store/index.js';
import type {Entry} from './backend.js';
import {sizeOfEntry, withoutValue} from './batch.js';
import type {Namespace} from './namespaces.js';
import {checkKey, checkPrefix, checkResponseBytes} from './validate.js';
import {WatchTargets} from './watch-targets.js';
import type {WatchEvent, WatchRequest, WatchTarget} from './watch-types.js';

export interface WatchPlan {
  namespace: Namespace;
  targets: WatchTargets;
  /** A bit for each typeNumber. */
  wanted: number;
  keysOnly: boolean;
  includePrevious: boolean;
  /** No message is larger. */
  maxBytes: number;
  onGap: 'resync' | 'fail';
  bookmarkMs: number | undefined;
  /** The same for watchers who are shown the same. */
  text: string;
  /** Tells plans that show changes in different shapes; below `shapes`. */
  shape: number;
}

/** How many shapes an event can have. */
export const shapes = 4;

/** Throws a CacheError for what the caller did wrong. */
export function planOf(request: WatchRequest, namespace: Namespace, maxKeyBytes: number): WatchPlan {
  const targets = checkTargets(request.targets, maxKeyBytes);
  checkBookmark(request.bookmarkIntervalMs);
  const {keysOnly, includePrevious, eventTypes, onGap, bookmarkIntervalMs} = request;
  const maxBytes = checkResponseBytes(request.maxResponseBytes);
  const wanted = eventTypes.length === 0 ? -1 : eventTypes.reduce((bits, type) => bits | (1 << typeNumber[type]), 0);
  const shape = (keysOnly ? 1 : 0) + (includePrevious ? 2 : 0);
  return {
    namespace,
    targets,
    wanted,
    keysOnly,
    includePrevious,
    maxBytes,
    onGap,
    bookmarkMs: bookmarkIntervalMs,
    text: `${namespace.id} ${wanted} ${shape} ${maxBytes} ${targets.text}`,
    shape,
  };
}

export function wants(plan: WatchPlan, type: number): boolean {
  return (plan.wanted & (1 << type)) !== 0;
}

/** Makes what watchers are shown of changes and entries. */
export class EventMaker {
  readonly #expireTimeMs: (deadlineMs: number) => number | undefined;

  constructor(expireTimeMs: (deadlineMs: number) => number | undefined) {
    this.#expireTimeMs = expireTimeMs;
  }

  /** A change, as a plan of this shape shows it. */
  ofChange(change: Change, plan: WatchPlan): WatchEvent {
    const {type, revision, evictionLimit} = change;
    const key = Buffer.from(change.key).toString('utf8');
    const bringsPrevious = plan.includePrevious || ((type === 'expire' || type === 'evict') && !plan.keysOnly);
    return {
      type,
      revision,
      key,
      entry: change.entry && this.#entry(key, change.entry, plan),
      previous: bringsPrevious && change.previous ? this.#entry(key, change.previous, plan) : undefined,
      listed: false,
      evictionLimit,
    };
  }

  #entry(key: string, logged: LoggedEntry, {namespace, keysOnly}: WatchPlan): Entry {
    const {value, valueOmitted, revision, contentType, deadlineMs} = logged;
    const entry: Entry = {
      key,
      namespace: namespace.name,
      value,
      valueOmitted,
      revision,
      contentType,
      expireTimeMs: this.#expireTimeMs(deadlineMs),
      sizeBytes: 0,
    };
    return keysOnly ? withoutValue(entry) : entry;
  }
}

/** An entry of a snapshot. */
export function listedEvent(entry: Entry): WatchEvent {
  return {type: 'put', revision: entry.revision, key: entry.key, entry, listed: true};
}

/** What an event takes in a message at most, in bytes. */
export function sizeOfEvent({key, entry, previous}: WatchEvent): number {
  const keyBytes = 3 * key.length;
  return 64 + keyBytes + (entry ? sizeOfEntry(entry) : 0) + (previous ? sizeOfEntry(previous) : 0);
}

/** An event that fits into a message, if need be without its values. */
export function fitted(event: WatchEvent, maxBytes: number): WatchEvent {
  if (sizeOfEvent(event) <= maxBytes) return event;
  const smaller = {...event, previous: event.previous && withoutValue(event.previous), encoded: undefined};
  if (sizeOfEvent(smaller) <= maxBytes) return smaller;
  return {...smaller, entry: smaller.entry && withoutValue(smaller.entry)};
}

function checkTargets(targets: readonly WatchTarget[], maxKeyBytes: number): WatchTargets {
  if (targets.length === 0) {
    throw CacheError.ofField(
      'NO_TARGET',
      'targets',
      `is empty; allowed: 1 to ${limits.watchTargetsMost} keys and prefixes; for everything, an empty prefix`,
    );
  }
  if (targets.length > limits.watchTargetsMost) {
    throw CacheError.ofField(
      'INVALID_TARGET',
      'targets',
      `has ${targets.length} items; allowed: 1 to ${limits.watchTargetsMost}`,
    );
  }
  const keys: string[] = [];
  const prefixes: string[] = [];
  targets.forEach((target, index) => {
    try {
      checkTarget(target, maxKeyBytes);
    } catch (error) {
      throw error instanceof CacheError ? error.within(`targets[${index}]`) : error;
    }
    if (target.prefix !== undefined) prefixes.push(target.prefix);
    else keys.push(target.key!);
  });
  return new WatchTargets(keys, prefixes);
}

function checkTarget({key, prefix}: WatchTarget, maxKeyBytes: number): void {
  if (prefix === undefined) {
    checkKey(key ?? '', maxKeyBytes);
  } else {
    if (key) throw CacheError.ofField('INVALID_TARGET', 'key', 'is set beside prefix; allowed: one of the two');
    checkPrefix(prefix, maxKeyBytes);
  }
}

function checkBookmark(intervalMs: number | undefined): void {
  if (intervalMs === undefined) return;
  // The comparison is this way round so that NaN is refused too.
  if (!(intervalMs >= limits.bookmarkMsLeast && intervalMs <= limits.bookmarkMsMost)) {
    throw CacheError.ofField(
      'INVALID_OPTION',
      'bookmark_interval',
      `is ${intervalMs / 1000} s; allowed: ${limits.bookmarkMsLeast / 1000} s to ${limits.bookmarkMsMost / 1000} s, or unset for none`,
    );
  }
}
