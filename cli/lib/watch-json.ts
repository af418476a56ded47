/** A watch as JSON: an object for each event and for each message about the watch itself. */
import {EventType} from '../../src/gen/krusty/cache/v1/entry.js';
import type {WatchEvent, WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {entryToJson, toJson} from './json.js';

export interface WatchObject {
  /** What an object without `json.type` says: `GAP`, `SNAPSHOT_END`, `CREATED`, `BOOKMARK`; else the event's type. */
  name: string;
  event?: WatchEvent;
  json: {resumeToken: string};
}

/**
 * The objects of a message. Only the last has the message's token: who stops before it
 * must get the message again, so the others have `tokenBefore`, that of the message before.
 */
export function watchObjects({resumeToken, message}: WatchResponse, tokenBefore: string): WatchObject[] {
  if (message?.$case === 'events') {
    const {events} = message.value;
    return events.map((event, index) => ({
      name: eventName(event.type),
      event,
      json: {...eventJson(event), resumeToken: index === events.length - 1 ? resumeToken : tokenBefore},
    }));
  }
  if (!message || message.$case === 'draining') return [];
  const name = message.$case === 'snapshotEnd' ? 'SNAPSHOT_END' : message.$case.toUpperCase();
  return [{name, json: {[message.$case]: toJson(message.value), resumeToken}}];
}

/** `PUT` of EVENT_TYPE_PUT. */
export function eventName(type: EventType): string {
  const name = Object.keys(EventType).find(key => EventType[key as keyof typeof EventType] === type);
  return name?.replace('EVENT_TYPE_', '') ?? String(type);
}

export function jsonLine({json}: WatchObject): string {
  return `${JSON.stringify(json)}\n`;
}

/** An event without the fields that do not apply to it, whose defaults would be untrue. */
function eventJson({type, revision, listed, entry, previous, evictionLimit}: WatchEvent): object {
  const leavesEntry = type === EventType.EVENT_TYPE_PUT || type === EventType.EVENT_TYPE_TOUCH;
  const known = toJson({type, revision, listed, ...(type === EventType.EVENT_TYPE_EVICT && {evictionLimit})}) as object;
  return {
    ...known,
    entry: leavesEntry && entry ? entryToJson(entry) : {key: entry?.key ?? ''},
    ...(previous && {previous: entryToJson(previous)}),
  };
}
