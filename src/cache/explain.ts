/**
 * What last happened to a key: the change log is searched backwards, a block in each
 * step, until a change of the key or a purge of it is found.
 */
import type {Clock} from '../base/index.js';
import {limits} from '../base/index.js';
import {type Change, type ChangeLog, ChangeReader, type NamespaceId, typeNumber} from '../store/index.js';
import type {Schedule} from './schedule.js';
import {startsWith} from './watch-targets.js';

/** A key in the terms of the log. */
export interface SoughtKey {
  namespace: NamespaceId;
  key: Uint8Array;
  hash: number;
}

/** The last change of a key that the log holds; undefined if it holds none. */
export async function lastChange(
  log: ChangeLog,
  sought: SoughtKey,
  {clock, schedule}: {clock: Clock; schedule: Schedule},
): Promise<Change | undefined> {
  const reader = new ChangeReader(log);
  let end = log.head;
  let endMs = clock.nowMs() + limits.sliceMs;
  for (let start = log.startBefore(end); start !== undefined; start = log.startBefore(end)) {
    const change = lastBetween(reader, start, end, sought);
    if (change) return change;
    end = start;
    if (clock.nowMs() >= endMs) {
      await new Promise<void>(resolve => schedule(resolve));
      endMs = clock.nowMs() + limits.sliceMs;
    }
  }
  return undefined;
}

function lastBetween(reader: ChangeReader, start: number, end: number, sought: SoughtKey): Change | undefined {
  let last: Change | undefined;
  for (let at = start; at < end; at = reader.next) {
    const met = reader.meet(at);
    // What is gone by now was older than what is left, which was searched before.
    if (met !== 'change') break;
    if (reader.next <= end && concerns(reader, sought)) last = reader.change();
  }
  return last;
}

function concerns(reader: ChangeReader, {namespace, key, hash}: SoughtKey): boolean {
  if (reader.namespace !== namespace) return false;
  if (reader.typeNumber === typeNumber.purge) return startsWith(key, reader.key);
  return reader.hash === hash && Buffer.compare(reader.key, key) === 0;
}
