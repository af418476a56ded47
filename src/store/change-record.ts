/**
 * A change as the log holds it.
 *
 *   word  0 bytes           of the whole record, a multiple of 8
 *         1 what            type (3 bits), eviction limit (2), namespace (6), flags (3),
 *                           content type bytes (8) and those of the previous entry (8)
 *         2 hash            of namespace and key, as in the store
 *         3 key bytes
 *         4 value bytes     as many as the record holds
 *         5 previous value  likewise
 *         6, 7 revision     low and high half
 *         8 to 10 entry     revisionLow, deadlineLow and high of its record (layout.ts)
 *        11 to 13 previous  likewise
 *        14 spare
 *   then key, content type, value; then content type and value of the previous entry.
 *
 * The entry is the one after a PUT or TOUCH, and the one that a DELETE, EXPIRE or
 * EVICT removed. A previous one beside it is only in a PUT. The content begins 4
 * bytes behind a multiple of 8, as in the store, so that it is copied in words.
 */
import {noDeadline} from './types.js';

export const changeWord = {
  bytes: 0,
  what: 1,
  hash: 2,
  keyBytes: 3,
  valueBytes: 4,
  previousValueBytes: 5,
  revisionLow: 6,
  revisionHigh: 7,
  entry: 8,
  previous: 11,
} as const;

export const changeHeaderBytes = 60;

/** What a record says; `pad` fills the end of the ring, where the next one would not fit. */
export const changeTypes = ['pad', 'put', 'touch', 'delete', 'expire', 'evict', 'purge'] as const;
export type ChangeType = Exclude<(typeof changeTypes)[number], 'pad'>;

export const typeNumber = Object.fromEntries(changeTypes.map((type, index) => [type, index])) as Record<
  (typeof changeTypes)[number],
  number
>;

/** Which limit an eviction kept. */
export const limitNumber = {entries: 1, memory: 2} as const;
export type EvictionLimit = keyof typeof limitNumber;
const limitNames = [undefined, 'entries', 'memory'] as const;

const limitShift = 3;
const namespaceShift = 5;
export const flag = {valueOmitted: 1 << 11, hasPrevious: 1 << 12, previousOmitted: 1 << 13} as const;
const contentTypeShift = 16;
const previousContentTypeShift = 24;

/** An entry as it was when a change was made. */
export interface LoggedEntry {
  /** Empty where it is omitted. */
  value: Uint8Array;
  valueOmitted: boolean;
  revision: number;
  contentType: string;
  deadlineMs: number;
}

/** One change, in memory of its own. */
export interface Change {
  type: ChangeType;
  namespace: number;
  /** Of a purge, the prefix. */
  key: Uint8Array;
  revision: number;
  /** After a put or a touch. */
  entry?: LoggedEntry;
  /** Before: of what was removed always, of what was replaced where the log keeps it. */
  previous?: LoggedEntry;
  /** Of an eviction. */
  evictionLimit?: EvictionLimit;
}

/** The word `what` of a record. */
export function packWhat(type: number, limit: number, namespace: number, contentTypeBytes: number): number {
  return type | (limit << limitShift) | (namespace << namespaceShift) | (contentTypeBytes << contentTypeShift);
}

export function withPrevious(what: number, contentTypeBytes: number, omitted: boolean): number {
  return (
    what | flag.hasPrevious | (omitted ? flag.previousOmitted : 0) | (contentTypeBytes << previousContentTypeShift)
  );
}

/** A record in place, over the words of a ring or of a copy of it. */
export class ChangeView {
  words!: Int32Array;
  bytes!: Uint8Array;
  /** The record's first word. */
  at = 0;

  constructor(words: Int32Array) {
    this.show(words);
  }

  /** Goes to other words. */
  show(words: Int32Array): void {
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
    this.at = 0;
  }

  get length(): number {
    return this.words[this.at + changeWord.bytes]!;
  }

  get type(): number {
    return this.#what & 7;
  }

  get namespace(): number {
    return (this.#what >>> namespaceShift) & 63;
  }

  get hash(): number {
    return this.words[this.at + changeWord.hash]!;
  }

  get revision(): number {
    return (
      this.words[this.at + changeWord.revisionHigh]! * 2 ** 32 + (this.words[this.at + changeWord.revisionLow]! >>> 0)
    );
  }

  /** Of the value in force after a put or a touch, or before a removal. */
  get entryRevision(): number {
    return this.type === typeNumber.put ? this.revision : this.#packedRevision(changeWord.entry);
  }

  /** In the ring's own memory, or its copy's: to be looked at, not kept. */
  get key(): Uint8Array {
    const start = this.#contentStart;
    return this.bytes.subarray(start, start + this.words[this.at + changeWord.keyBytes]!);
  }

  /** The change, copied. */
  copy(): Change {
    const type = changeTypes[this.type] as ChangeType;
    const what = this.#what;
    const key = this.key.slice();
    const change: Change = {type, namespace: this.namespace, key, revision: this.revision};
    if (type === 'purge') return change;
    const from = this.#contentStart + key.length;
    const valueBytes = this.words[this.at + changeWord.valueBytes]!;
    const contentTypeBytes = (what >>> contentTypeShift) & 0xff;
    const entry = this.#entry(changeWord.entry, from, contentTypeBytes, valueBytes, (what & flag.valueOmitted) !== 0);
    entry.revision = this.entryRevision;
    if (type === 'put' || type === 'touch') change.entry = entry;
    else change.previous = entry;
    if ((what & flag.hasPrevious) !== 0) {
      const previousBytes = this.words[this.at + changeWord.previousValueBytes]!;
      const omitted = (what & flag.previousOmitted) !== 0;
      const previousFrom = from + contentTypeBytes + valueBytes;
      change.previous = this.#entry(
        changeWord.previous,
        previousFrom,
        what >>> previousContentTypeShift,
        previousBytes,
        omitted,
      );
    }
    if (type === 'evict') change.evictionLimit = limitNames[(what >>> limitShift) & 3]!;
    return change;
  }

  get #what(): number {
    return this.words[this.at + changeWord.what]!;
  }

  get #contentStart(): number {
    return this.at * 4 + changeHeaderBytes;
  }

  #entry(word: number, from: number, contentTypeBytes: number, valueBytes: number, omitted: boolean): LoggedEntry {
    const valueFrom = from + contentTypeBytes;
    const high = this.words[this.at + word + 2]! & 0x7ff;
    const low = this.words[this.at + word + 1]! >>> 0;
    return {
      value: this.bytes.slice(valueFrom, valueFrom + valueBytes),
      valueOmitted: omitted,
      revision: this.#packedRevision(word),
      contentType: contentTypeBytes === 0 ? '' : latin1(this.bytes.subarray(from, valueFrom)),
      deadlineMs: high === 0x7ff ? noDeadline : high * 2 ** 32 + low,
    };
  }

  #packedRevision(word: number): number {
    return (this.words[this.at + word + 2]! >>> 11) * 2 ** 32 + (this.words[this.at + word]! >>> 0);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
