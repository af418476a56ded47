/**
 * Watch: its request to that of the backend, and the backend's messages to the
 * stream. What many watchers get is encoded once: a message for all that get the
 * same one, an event for all messages that hold it.
 */
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {CacheError} from '../base/index.js';
import type {Backend, GapReason, WatchEvent, WatchMessage, WatchNews, WatchRequest, WatchSink} from '../cache/index.js';
import * as messages from '../gen/krusty/cache/v1/watch.js';
import {type ChangeType, changeTypeOf, encodeEvent} from './changes.js';
import {durationFromWire} from './convert.js';
import {decodeMessage, type OutStream, type ServerStreamMethod} from './method.js';

export function watchMethod(path: string, backend: Backend): ServerStreamMethod {
  return {
    kind: 'serverStream',
    path,
    handle(request, out) {
      const watcher = backend.watch(watchRequest(decodeMessage(messages.WatchRequest, request)), sinkOf(out));
      out.onDrain(() => watcher.drained());
      out.onClose(() => watcher.closed());
    },
  };
}

function watchRequest(request: messages.WatchRequest): WatchRequest {
  return {
    // An empty key is one that is not set.
    targets: request.targets.map(({key, prefix}) => ({key: key === '' ? undefined : key, prefix})),
    namespace: request.namespace,
    resumeToken: request.resumeToken,
    initialState: request.initialState,
    eventTypes: request.eventTypes.map(readEventType),
    keysOnly: request.keysOnly,
    includePrevious: request.includePrevious,
    bookmarkIntervalMs: durationFromWire(request.bookmarkInterval, 'bookmark_interval', 'INVALID_OPTION'),
    onGap: readOnGap(request.onGap),
    maxResponseBytes: request.maxResponseBytes,
  };
}

function readEventType(eventType: messages.WatchRequest['eventTypes'][number], index: number): ChangeType {
  const type = changeTypeOf(eventType);
  if (type) return type;
  throw CacheError.ofField(
    'INVALID_OPTION',
    `event_types[${index}]`,
    `is ${eventType}, which is no type of change; allowed: those of EventType but EVENT_TYPE_UNSPECIFIED`,
  );
}

function readOnGap(onGap: messages.WatchRequest_OnGap): WatchRequest['onGap'] {
  switch (onGap) {
    case messages.WatchRequest_OnGap.ON_GAP_UNSPECIFIED:
    case messages.WatchRequest_OnGap.ON_GAP_RESYNC:
      return 'resync';
    case messages.WatchRequest_OnGap.ON_GAP_FAIL:
      return 'fail';
    default:
      throw CacheError.ofField('INVALID_OPTION', 'on_gap', `is ${onGap}; allowed: ON_GAP_RESYNC or ON_GAP_FAIL`);
  }
}

/** A fault in a message ends its stream; the turn in which the backend serves others goes on. */
function sinkOf(out: OutStream): WatchSink {
  return {
    write: message => {
      try {
        message.encoded ??= encodeWatchMessage(message);
      } catch (fault) {
        out.end(fault);
        return false;
      }
      return out.write(message.encoded);
    },
    end: failure => out.end(failure),
  };
}

function encodeWatchMessage({resumeToken, news}: WatchMessage): Uint8Array {
  const writer = new BinaryWriter();
  messages.WatchResponse.encode({resumeToken, message: responseOf(news)}, writer);
  if (news.kind === 'events') writeEvents(news.events, writer);
  return writer.finish();
}

/** WatchResponse.events, around the bytes of each event. */
function writeEvents(events: readonly WatchEvent[], writer: BinaryWriter): void {
  writer.tag(3, WireType.LengthDelimited).fork();
  for (const event of events) writer.tag(1, WireType.LengthDelimited).bytes(encodeEvent(event));
  writer.join();
}

const gapReasons: Record<GapReason, messages.WatchGap_Reason> = {
  slowReader: messages.WatchGap_Reason.REASON_SLOW_READER,
  trimmed: messages.WatchGap_Reason.REASON_TRIMMED,
  restarted: messages.WatchGap_Reason.REASON_RESTARTED,
};

/** All news but events, which are written from their bytes. */
function responseOf(news: WatchNews): messages.WatchResponse['message'] {
  switch (news.kind) {
    case 'created':
    case 'snapshotEnd':
    case 'bookmark':
      return {$case: news.kind, value: {revision: BigInt(news.revision)}};
    case 'gap':
      return {$case: 'gap', value: {reason: gapReasons[news.reason]}};
    case 'draining':
      return {$case: 'draining', value: {}};
    case 'events':
      return undefined;
  }
}
