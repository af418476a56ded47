/**
 * The messages of a watch as server-sent events (WHATWG HTML, section 9.2).
 *
 *     id: 2s3k.9f1c             where to go on behind it: the resume token
 *     event: put                put, touch, delete, expire, evict, purge, listed, …
 *     data: {"key":"greeting","revision":"1763…","text":"hello"}
 *
 * The data is the entry as the JSON routes give it (revision as text, times in RFC 3339),
 * but a value that is UTF-8 is `text`, readable as it stands; any other is `value`, in
 * base64, as all are with `base64`. With `text` the data is the value alone.
 *
 * What begins and what keeps a stream alive has no data, so that a browser takes the id and
 * tells nobody. Who gets the same message in the same form gets the same bytes, made once.
 */
import {decodeUtf8} from '../base/index.js';
import {type Entry, tokenBehind, type WatchEvent, type WatchMessage, type WatchNews} from '../rpc/index.js';

export const valueForms = ['json', 'base64', 'none', 'text'] as const;
export type ValueForm = (typeof valueForms)[number];

export function isValueForm(text: string): text is ValueForm {
  return (valueForms as readonly string[]).includes(text);
}

/** One form for all who want it. */
export class EventFormat {
  readonly #values: ValueForm;
  /** Kept as long as the hub keeps what they are made from. */
  readonly #messages = new WeakMap<WatchMessage, Uint8Array>();
  readonly #events = new WeakMap<WatchEvent, string>();

  constructor(values: ValueForm) {
    this.#values = values;
  }

  bytesOf(message: WatchMessage): Uint8Array {
    let bytes = this.#messages.get(message);
    if (!bytes) {
      bytes = Buffer.from(this.#textOf(message));
      this.#messages.set(message, bytes);
    }
    return bytes;
  }

  #textOf({resumeToken, news}: WatchMessage): string {
    return news.kind === 'events' ? this.#eventsText(news.events, resumeToken) : newsText(news, resumeToken);
  }

  /** A connection may break between any two events, so each change has an id; the last has that of the message. */
  #eventsText(events: readonly WatchEvent[], resumeToken: string): string {
    const last = events.length - 1;
    return events
      .map((event, index) => {
        if (index === last) return `id: ${resumeToken}\n${this.#eventText(event)}`;
        const id = event.listed ? '' : `id: ${tokenBehind(resumeToken, event.revision)}\n`;
        return id + this.#eventText(event);
      })
      .join('');
  }

  #eventText(event: WatchEvent): string {
    let text = this.#events.get(event);
    if (text === undefined) {
      text = this.#values === 'text' ? plainEvent(event) : field(nameOf(event), dataOf(event, this.#values));
      this.#events.set(event, text);
    }
    return text;
  }
}

/** Tells that changes may have been missed: everything that there is follows. */
export function gapText(reason: string, id: string): string {
  return `id: ${id}\n${field('gap', {reason})}`;
}

function newsText(news: Exclude<WatchNews, {kind: 'events'}>, id: string): string {
  switch (news.kind) {
    case 'created':
      return `: watching\nid: ${id}\n\n`;
    case 'bookmark':
      return `: still here\nid: ${id}\n\n`;
    case 'snapshotEnd':
      return `id: ${id}\n${field('snapshot-end', {revision: String(news.revision)})}`;
    case 'gap':
      return gapText(news.reason, id);
    case 'draining':
      return `id: ${id}\n${field('draining', {})}`;
  }
}

function nameOf({type, listed}: WatchEvent): string {
  return listed ? 'listed' : type;
}

/** JSON has no line ends of its own. */
function field(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function dataOf({type, key, revision, entry, previous, evictionLimit}: WatchEvent, values: ValueForm): object {
  return {
    ...(type === 'purge' ? {prefix: key} : {key}),
    // What is gone has no revision but that of its end.
    ...(entry ? entryFields(entry, values, type === 'touch') : {revision: String(revision)}),
    evictionLimit,
    previous: previous && entryFields(previous, values, false),
  };
}

/** `isTouched`: its value did not change, and is never there. */
function entryFields(entry: Entry, values: ValueForm, isTouched: boolean): object {
  const {revision, contentType, expireTimeMs} = entry;
  return {
    revision: String(revision),
    ...(isTouched || values === 'none' ? undefined : valueFields(entry, values)),
    contentType: contentType || undefined,
    expireTime: expireTimeMs === undefined ? undefined : new Date(expireTimeMs).toISOString(),
  };
}

function valueFields({value, valueOmitted}: Entry, values: ValueForm): object {
  if (valueOmitted) return {valueOmitted};
  const text = values === 'json' ? textOf(value) : undefined;
  return text === undefined ? {value: Buffer.from(value).toString('base64')} : {text};
}

/** The value alone, a line of data for each of its lines; `omitted` where it is not there or is no text. */
function plainEvent(event: WatchEvent): string {
  const {type, entry} = event;
  if (!entry || type === 'touch') return `event: ${nameOf(event)}\ndata\n\n`;
  const text = entry.valueOmitted ? undefined : textOf(entry.value);
  if (text === undefined) return 'event: omitted\ndata\n\n';
  const lines = text.split(/\r\n|\r|\n/).map(line => `data: ${line}\n`);
  return `event: ${nameOf(event)}\n${lines.join('')}\n`;
}

function textOf(value: Uint8Array): string | undefined {
  try {
    return decodeUtf8(value);
  } catch {
    return undefined;
  }
}
