/**
 * A change as the log holds it.
 *
 *   word  0 bytes and type  of the whole record, a multiple of 8; its 3 low bits are the type
 *         1 hash            of namespace and key, as in the store
 *         2 to 6 entry      as in its record (entry-words.ts), with flags beside the size
 *   then key, content type, value
 *   then, in a put that shows the entry that it replaced: that one's content type and value,
 *   and as the record's last words
 *        -6 to -2 previous  like the entry; of kind, only the content type's length
 *        -1 spare
 *   or, in whatever is no put, as the record's last words
 *        -2 revisionLow     of the change; that of a put is its entry's
 *        -1 revisionHigh    21 bits; above them, of an eviction, the limit that it kept
 *
 * The entry is the one after a PUT or TOUCH, and the one that a DELETE, EXPIRE or
 * EVICT removed. A PURGE has the prefix for a key, and nothing else.
 *
 * From the entry on it is as in the store, and as far from a multiple of 4: so both are
 * copied in words, in one go. What most changes lack comes last: a put is the commonest.
 */
import {
  contentTypeBytesAt,
  deadlineAt,
  entryWord,
  keyBytesAt,
  namespaceAt,
  revisionAt,
  valueBytesAt,
} from './entry-words.js';

export const changeWord = {bytesAndType: 0, hash: 1, entry: 2} as const;
/** From the record's end. */
export const lastWord = {previous: -6, revisionLow: -2, revisionHigh: -1} as const;

export const changeHeaderBytes = 28;
/** Of the last words: of a put that shows what it replaced, and of what is no put. */
export const lastBytes = {replacement: 24, other: 8} as const;

const typeMask = 7;

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
export const limitShift = 21;

/** In the word of an entry's size. */
export const flag = {valueOmitted: 1 << 29, hasPrevious: 1 << 30} as const;

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
    return this.words[this.at + changeWord.bytesAndType]! & ~typeMask;
  }

  get type(): number {
    return this.words[this.at + changeWord.bytesAndType]! & typeMask;
  }

  get namespace(): number {
    return namespaceAt(this.words, this.at + changeWord.entry);
  }

  get hash(): number {
    return this.words[this.at + changeWord.hash]!;
  }

  get revision(): number {
    if (this.type === typeNumber.put) return this.entryRevision;
    const high = this.#revisionHigh & (2 ** limitShift - 1);
    return high * 2 ** 32 + (this.words[this.#end + lastWord.revisionLow]! >>> 0);
  }

  /** Of the value in force after a put or a touch, or before a removal. */
  get entryRevision(): number {
    return revisionAt(this.words, this.at + changeWord.entry);
  }

  /** In the ring's own memory, or its copy's: to be looked at, not kept. */
  get key(): Uint8Array {
    const start = this.#contentStart;
    return this.bytes.subarray(start, start + keyBytesAt(this.words, this.at + changeWord.entry));
  }

  /** The change, copied. */
  copy(): Change {
    const type = changeTypes[this.type] as ChangeType;
    const key = this.key.slice();
    const change: Change = {type, namespace: this.namespace, key, revision: this.revision};
    if (type === 'purge') return change;
    const entryAt = this.at + changeWord.entry;
    const from = this.#contentStart + key.length;
    const entry = this.#entry(entryAt, from);
    if (type === 'put' || type === 'touch') change.entry = entry;
    else change.previous = entry;
    if ((this.words[entryAt + entryWord.size]! & flag.hasPrevious) !== 0) {
      const previousFrom = from + contentTypeBytesAt(this.words, entryAt) + entry.value.length;
      change.previous = this.#entry(this.#end + lastWord.previous, previousFrom);
    }
    if (type === 'evict') change.evictionLimit = limitNames[this.#revisionHigh >>> limitShift]!;
    return change;
  }

  get #revisionHigh(): number {
    return this.words[this.#end + lastWord.revisionHigh]!;
  }

  get #end(): number {
    return this.at + this.length / 4;
  }

  get #contentStart(): number {
    return this.at * 4 + changeHeaderBytes;
  }

  /** The entry whose words are at `at`, and its content type and value at byte `from`. */
  #entry(at: number, from: number): LoggedEntry {
    const {words, bytes} = this;
    const valueFrom = from + contentTypeBytesAt(words, at);
    const valueOmitted = (words[at + entryWord.size]! & flag.valueOmitted) !== 0;
    return {
      value: bytes.slice(valueFrom, valueOmitted ? valueFrom : valueFrom + valueBytesAt(words, at)),
      valueOmitted,
      revision: revisionAt(words, at),
      contentType: valueFrom === from ? '' : latin1(bytes.subarray(from, valueFrom)),
      deadlineMs: deadlineAt(words, at),
    };
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
