/** Events as a server without fault makes them, for transcripts that tests write and break. */
import type {Entry, WatchEvent, WatchRequest} from '../../src/cache/index.js';
import type {Change, Content} from './history.js';
import type {Life} from './transcript.js';
import {namespaceOf, partsOf} from './wanted.js';

export function eventOf(change: Change, request: WatchRequest, life: Life): WatchEvent {
  const {type, revision, key, evictionLimit} = change;
  const {entry, previous} = partsOf(change, request, life);
  const entryOf = (content: Content, isTouch: boolean) =>
    shownEntry(key, content, {request, omits: request.keysOnly || isTouch});
  return {
    type,
    revision,
    key,
    entry: entry && entryOf(entry, type === 'touch'),
    previous: previous && entryOf(previous, false),
    listed: false,
    evictionLimit,
  };
}

export function listedEventOf(key: string, content: Content, request: WatchRequest): WatchEvent {
  const entry = shownEntry(key, content, {request, omits: request.keysOnly});
  return {type: 'put', revision: content.revision, key, entry, listed: true};
}

function shownEntry(key: string, content: Content, {request, omits}: {request: WatchRequest; omits: boolean}): Entry {
  const {value, contentType, revision, expireTimeMs} = content;
  return {
    key,
    namespace: namespaceOf(request),
    value: omits ? new Uint8Array(0) : value,
    valueOmitted: omits,
    revision,
    contentType,
    expireTimeMs,
    sizeBytes: 0,
  };
}
