/** Messages of a watch, briefly. */
import {EventType, EvictionLimit} from '../../../src/gen/krusty/cache/v1/entry.js';
import {WatchEvent, type WatchGap_Reason, WatchResponse} from '../../../src/gen/krusty/cache/v1/watch.js';
import {bytes} from '../../helpers/text.js';

type Given = NonNullable<Parameters<typeof WatchEvent.create>[0]>;

export function created(resumeToken: string, revision = 1n): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'created', value: {revision}}});
}

export function events(resumeToken: string, ...list: WatchEvent[]): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'events', value: {events: list}}});
}

export function snapshotEnd(resumeToken: string, revision = 1n): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'snapshotEnd', value: {revision}}});
}

export function bookmark(resumeToken: string, revision = 1n): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'bookmark', value: {revision}}});
}

export function gap(resumeToken: string, reason: WatchGap_Reason): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'gap', value: {reason}}});
}

export function draining(resumeToken: string): WatchResponse {
  return WatchResponse.create({resumeToken, message: {$case: 'draining', value: {}}});
}

/** 2025-01-04T14:13:20Z, as revisions are made. */
const revision = 1_736_000_000_000_000n;

export function put(key: string, value: string | Uint8Array, more: Given = {}): WatchEvent {
  const stored = typeof value === 'string' ? bytes(value) : value;
  const entry = {key, value: stored, revision, ...more.entry};
  return WatchEvent.create({type: EventType.EVENT_TYPE_PUT, revision, ...more, entry});
}

export function listed(key: string, value: string): WatchEvent {
  return put(key, value, {listed: true});
}

export function touched(key: string, entry: Given['entry'] = {}): WatchEvent {
  return WatchEvent.create({
    type: EventType.EVENT_TYPE_TOUCH,
    revision,
    entry: {key, revision: 1n, valueOmitted: true, ...entry},
  });
}

/** A delete, an expiry, an eviction to keep the limit on memory, or a purge of a prefix. */
export function removed(how: 'DELETE' | 'EXPIRE' | 'EVICT' | 'PURGE', key: string, was?: string): WatchEvent {
  return WatchEvent.create({
    type: EventType[`EVENT_TYPE_${how}`],
    revision,
    entry: {key, revision},
    ...(was !== undefined && {previous: {key, value: bytes(was), revision: 7n}}),
    ...(how === 'EVICT' && {evictionLimit: EvictionLimit.EVICTION_LIMIT_MEMORY}),
  });
}
