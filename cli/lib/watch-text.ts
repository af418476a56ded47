/**
 * A watch as lines for a person: when, what happened, to which key, and the value as
 * far as there is room for it.
 */
import {type Clock, decodeUtf8, formatBytes} from '../../src/base/index.js';
import {type Entry, EventType} from '../../src/gen/krusty/cache/v1/entry.js';
import {type WatchEvent, WatchGap_Reason, type WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {evictionText, expiresText} from './render.js';
import {oneLine, quote, terminalText} from './text.js';

const gapCauses: Readonly<Record<number, string>> = {
  [WatchGap_Reason.REASON_SLOW_READER]: 'they were read too slowly',
  [WatchGap_Reason.REASON_TRIMMED]: 'the history no longer has them',
  [WatchGap_Reason.REASON_RESTARTED]: 'the server was restarted',
};

const verbs: Readonly<Record<number, string>> = {
  [EventType.EVENT_TYPE_PUT]: 'stored',
  [EventType.EVENT_TYPE_TOUCH]: 'touched',
  [EventType.EVENT_TYPE_DELETE]: 'deleted',
  [EventType.EVENT_TYPE_EXPIRE]: 'expired',
  [EventType.EVENT_TYPE_EVICT]: 'evicted',
  [EventType.EVENT_TYPE_PURGE]: 'purged',
};

/** What time and verb take of a line, and the least that is shown of a value. */
const startColumns = 19;
const valueColumnsLeast = 16;

export class WatchText {
  readonly #clock: Clock;
  readonly #columns: () => number;
  /** Entries listed since the beginning or the last gap. */
  #listed = 0;
  #isAfterGap = false;

  constructor({clock, columns}: {clock: Clock; columns: () => number}) {
    this.#clock = clock;
    this.#columns = columns;
  }

  /** The lines of a message; empty if a person need not know of it. */
  lines({message}: WatchResponse): string {
    switch (message?.$case) {
      case 'events':
        return message.value.events.map(event => this.#eventLine(event)).join('');
      case 'gap':
        this.#listed = 0;
        this.#isAfterGap = true;
        return this.#line(
          'gap',
          `changes were missed: ${gapCauses[message.value.reason] ?? 'the server does not say why'}`,
        );
      case 'snapshotEnd':
        return this.#snapshotEndLine();
      case 'bookmark':
        return this.#line('quiet', `no change up to revision ${message.value.revision}`);
      default:
        return '';
    }
  }

  #snapshotEndLine(): string {
    const listed = `${this.#listed.toLocaleString('en')} ${this.#listed === 1 ? 'entry' : 'entries'} listed`;
    const rest = this.#isAfterGap ? 'what else there was is gone' : 'changes follow';
    this.#listed = 0;
    this.#isAfterGap = false;
    return this.#line('complete', `${listed}; ${rest}`);
  }

  #eventLine(event: WatchEvent): string {
    if (event.listed) this.#listed++;
    const verb = event.listed ? 'listed' : (verbs[event.type] ?? 'changed');
    // Revisions are made from the server's wall clock, in microseconds.
    const whenMs = event.listed ? this.#nowMs() : Number(event.revision) / 1000;
    return this.#line(verb, this.#details(event, whenMs), whenMs);
  }

  #details({type, entry, previous, evictionLimit}: WatchEvent, whenMs: number): string {
    const key = entry?.key ?? '';
    if (type === EventType.EVENT_TYPE_PURGE)
      return key === '' ? 'every key' : `every key that begins with ${quote(key)}`;
    const after = type === EventType.EVENT_TYPE_PUT && !entry?.valueOmitted ? entry : undefined;
    const before = previous?.valueOmitted ? undefined : previous;
    const rest: string[] = [];
    if (evictionLimit) rest.push(evictionText(evictionLimit));
    if (entry?.expireTime || type === EventType.EVENT_TYPE_TOUCH) rest.push(expiresText(entry?.expireTime, whenMs));

    const room = this.#columns() - startColumns - [oneLine(key), ...rest].join('  ').length;
    const most = Math.max(valueColumnsLeast, Math.floor(after && before ? room / 2 : room) - '  was '.length);
    if (before) rest.unshift(`was ${valueText(before, most)}`);
    return [after ? `${oneLine(key)} = ${valueText(after, most)}` : oneLine(key), ...rest].join('  ');
  }

  #line(verb: string, details: string, whenMs = this.#nowMs()): string {
    return `${new Date(whenMs).toTimeString().slice(0, 8)}  ${verb.padEnd(8)} ${details}\n`;
  }

  #nowMs(): number {
    return this.#clock.wallMicros() / 1000;
  }
}

/** A value as one line: text, cut if it is longer than `most` characters; of anything else the size. */
function valueText({value, contentType}: Entry, most: number): string {
  const size = formatBytes(value.length);
  if (terminalText(value) === undefined) return `${size} of ${contentType ? oneLine(contentType) : 'bytes'}`;
  const text = oneLine(decodeUtf8(value));
  const end = `… (${size})`;
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most ? text : characters.slice(0, most - end.length).join('') + end;
}
