/** Entries as messages: which fields an answer carries. */
import type {Entry} from '../cache/index.js';
import {type Entry as EntryMessage, EntryView} from '../gen/krusty/cache/v1/entry.js';
import {timestampToWire} from './convert.js';

const noBytes = new Uint8Array(0);

/** The fields that a caller who knows the key needs; with the full view, all of them. */
export function entryMessage(entry: Entry, view: EntryView): EntryMessage {
  const full = view === EntryView.ENTRY_VIEW_FULL;
  return {
    key: full ? entry.key : '',
    namespace: full ? entry.namespace : '',
    value: entry.valueOmitted ? noBytes : entry.value,
    revision: BigInt(entry.revision),
    contentType: entry.contentType,
    expireTime: timestampToWire(entry.expireTimeMs),
    // A value's revision is made from the wall clock in microseconds when it is written.
    updateTime: full ? timestampToWire(entry.revision / 1000) : undefined,
    sizeBytes: full ? BigInt(entry.sizeBytes) : 0n,
    valueOmitted: entry.valueOmitted,
  };
}

/** The same with the key, for answers that bring entries nobody named. */
export function listedEntryMessage(entry: Entry, view: EntryView): EntryMessage {
  return {...entryMessage(entry, view), key: entry.key};
}
