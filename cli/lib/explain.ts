/** What the server knows of a key's last change, as a sentence and as JSON. */
import {type Clock, formatDuration, systemClock} from '../../src/base/index.js';
import type {Timestamp} from '../../src/gen/google/protobuf/timestamp.js';
import type {ExplainResponse} from '../../src/gen/krusty/cache/v1/admin_service.js';
import {EventType} from '../../src/gen/krusty/cache/v1/entry.js';
import {formatMoment, toJson} from './json.js';
import {evictionText} from './render.js';
import {quote} from './text.js';

export function explainText(key: string, answer: ExplainResponse, clock: Clock = systemClock): string {
  const presence = answer.present ? 'It is there now.' : 'There is no such entry now.';
  return `${happening(quote(key), answer, clock)}. ${presence}\n`;
}

function happening(key: string, answer: ExplainResponse, clock: Clock): string {
  const when = ago(answer.changeTime, clock);
  switch (answer.type) {
    case EventType.EVENT_TYPE_PUT:
      return `${key} was stored ${when}`;
    case EventType.EVENT_TYPE_TOUCH:
      return `${key} got a new expiry ${when}`;
    case EventType.EVENT_TYPE_DELETE:
      return `${key} was deleted ${when}`;
    case EventType.EVENT_TYPE_EXPIRE:
      return `${key} expired ${when}`;
    case EventType.EVENT_TYPE_EVICT:
      return `${key} was evicted ${when}, ${evictionText(answer.evictionLimit)} of its namespace`;
    case EventType.EVENT_TYPE_PURGE:
      return `${purged(answer.purgePrefix)} was purged ${when}`;
    case EventType.EVENT_TYPE_UNSPECIFIED:
      return `nothing happened to ${key} as far back as the history reaches, which began ${ago(answer.historyStartTime, clock)}`;
    default:
      return `${key} changed ${when}`;
  }
}

function purged(prefix: string): string {
  return prefix === '' ? 'every key of its namespace' : `every key that begins with ${quote(prefix)}`;
}

/** `3m12s ago (2027-01-31T18:00:00Z)`, in the two largest units that matter. */
function ago(moment: Timestamp | undefined, clock: Clock): string {
  if (!moment) return 'at an unknown time';
  const passedMs = clock.wallMicros() / 1000 - Number(moment.seconds) * 1000 - moment.nanos / 1e6;
  const exact = formatMoment(moment);
  if (passedMs < 1000) return `just now (${exact})`;
  const unitMs = passedMs < 3_600_000 ? 1000 : passedMs < 86_400_000 ? 60_000 : 3_600_000;
  return `${formatDuration(Math.floor(passedMs / unitMs) * unitMs)} ago (${exact})`;
}

/** The answer without the fields that do not apply to it, whose defaults would be untrue. */
export function explainJson({present, historyStartTime, ...change}: ExplainResponse): unknown {
  const {type, revision, changeTime, evictionLimit, purgePrefix} = change;
  return toJson({
    present,
    ...(type !== EventType.EVENT_TYPE_UNSPECIFIED && {type, revision, changeTime}),
    ...(type === EventType.EVENT_TYPE_EVICT && {evictionLimit}),
    ...(type === EventType.EVENT_TYPE_PURGE && {purgePrefix}),
    historyStartTime,
  });
}
