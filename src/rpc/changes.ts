/** Changes as messages: their types, the limits that evictions kept, and the events of a watch. */
import type {WatchEvent} from '../cache/index.js';
import {Entry, EntryView, EventType, EvictionLimit} from '../gen/krusty/cache/v1/entry.js';
import * as messages from '../gen/krusty/cache/v1/watch.js';
import {encodeMessage} from './encode.js';
import {listedEntryMessage} from './entries.js';

export type ChangeType = WatchEvent['type'];

export const eventTypes: Record<ChangeType, EventType> = {
  put: EventType.EVENT_TYPE_PUT,
  touch: EventType.EVENT_TYPE_TOUCH,
  delete: EventType.EVENT_TYPE_DELETE,
  expire: EventType.EVENT_TYPE_EXPIRE,
  evict: EventType.EVENT_TYPE_EVICT,
  purge: EventType.EVENT_TYPE_PURGE,
};

const changeTypes = new Map(Object.entries(eventTypes).map(([type, number]) => [number, type as ChangeType]));

/** Undefined for what is no change, or none that this version knows. */
export function changeTypeOf(eventType: EventType): ChangeType | undefined {
  return changeTypes.get(eventType);
}

const evictionLimits: Record<NonNullable<WatchEvent['evictionLimit']>, EvictionLimit> = {
  entries: EvictionLimit.EVICTION_LIMIT_ENTRIES,
  memory: EvictionLimit.EVICTION_LIMIT_MEMORY,
};

export function evictionLimitOf(limit: WatchEvent['evictionLimit']): EvictionLimit {
  return limit === undefined ? EvictionLimit.EVICTION_LIMIT_UNSPECIFIED : evictionLimits[limit];
}

/** The bytes of an event: made once, for all messages that hold it. */
export function encodeEvent(event: WatchEvent): Uint8Array {
  event.encoded ??= encodeMessage(messages.WatchEvent, eventMessage(event));
  return event.encoded;
}

function eventMessage({type, revision, key, entry, previous, listed, evictionLimit}: WatchEvent): messages.WatchEvent {
  return {
    type: eventTypes[type],
    entry: entry
      ? listedEntryMessage(entry, EntryView.ENTRY_VIEW_BASIC)
      : // What is gone has a key, and a revision at which it went.
        Entry.fromPartial({key, revision: BigInt(revision)}),
    previous: previous && listedEntryMessage(previous, EntryView.ENTRY_VIEW_BASIC),
    listed,
    evictionLimit: evictionLimitOf(evictionLimit),
    revision: BigInt(revision),
  };
}
