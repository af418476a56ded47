/**
 * The change log: what happened to entries, in the order of revisions, as far back
 * as its memory reaches. Each change is numbered and written in one step, so order
 * of revisions is order of effects. See change-ring.ts for where records are, and
 * change-record.ts for what is in them.
 *
 * Head, tail and what is counted may be looked at without the lock, as hints: by the
 * time they are used they may have moved on.
 */
import type {Clock} from '../base/index.js';
import {
  ChangeView,
  changeHeaderBytes,
  changeWord,
  flag,
  lastBytes,
  lastWord,
  limitShift,
  typeNumber,
} from './change-record.js';
import {ChangeRing, type ChangeRingBuffers, type ChangeRingOptions, reserveChangeRing} from './change-ring.js';
import {contentTypeShift, entryWord, entryWords, namespaceShift, setDeadlineAt, setRevisionAt} from './entry-words.js';
import type {Records} from './records.js';
import type {Revisions} from './revisions.js';
import type {EntryView, HistoryOptions} from './types.js';

/** Bound here since the engine folds a module's own constants, but not imported ones. */
const {hash, entry} = changeWord;
const {put} = typeNumber;
const headerBytes = changeHeaderBytes;

/** A record larger than this share of the ring keeps no value. */
const recordShareMost = 1 / 16;

/** As sent between threads. */
export interface ChangeLogBuffers extends ChangeRingBuffers {
  keepsPrevious: boolean;
}

export function reserveChangeLog({keepsPrevious, ...ring}: HistoryOptions & ChangeRingOptions): ChangeLogBuffers {
  return {...reserveChangeRing(ring), keepsPrevious};
}

export class ChangeLog {
  /** Whether a put writes down what it replaced. */
  readonly keepsPrevious: boolean;
  readonly #revisions: Revisions;
  readonly #clock: Clock;
  readonly #ring: ChangeRing;
  /** Of a record with more content, not every value is kept. */
  readonly #contentBytesMost: number;

  constructor(buffers: ChangeLogBuffers, revisions: Revisions, clock: Clock) {
    this.keepsPrevious = buffers.keepsPrevious;
    this.#ring = new ChangeRing(buffers, revisions);
    const otherBytes = changeHeaderBytes + lastBytes.replacement;
    this.#contentBytesMost = Math.floor(this.#ring.size * recordShareMost) - otherBytes;
    this.#revisions = revisions;
    this.#clock = clock;
  }

  /** Where the next record will be. */
  get head(): number {
    return this.#ring.head;
  }

  /** Where the oldest record is. */
  get tail(): number {
    return this.#ring.tail;
  }

  /** The revision of the last change that the log no longer holds; 0 if it holds all. */
  get trimmedRevision(): number {
    return this.#ring.trimmedRevision;
  }

  /** The head, and the revision of the last change before it. */
  end(): {position: number; revision: number} {
    return this.#revisions.exclusively(() => ({position: this.head, revision: this.#revisions.last}));
  }

  /** How often the oldest changes were given up. */
  get trims(): number {
    return this.#ring.trims;
  }

  get sizeBytes(): number {
    return this.#ring.size;
  }

  /**
   * Numbers a put, tells its record, and writes it down, if given with the entry that it
   * replaced. The value is the one that the record has: from where the caller has it, it
   * is copied sooner. Each value is kept that still fits into the share of a record.
   */
  appendPut(records: Records, ref: number, value: Uint8Array, replaced: EntryView | undefined): number {
    const nameBytes = records.nameBytes(ref);
    const contentBytes = nameBytes + value.length;
    if (replaced !== undefined || contentBytes > this.#contentBytesMost) {
      return this.#appendLongPut(records, ref, value, replaced);
    }
    const wallMicros = this.#clock.wallMicros();
    const ring = this.#ring;
    this.#revisions.enter();
    const at = ring.place(headerBytes + contentBytes, put);
    const revision = this.#revisions.take(wallMicros);
    records.setRevision(ref, revision);
    records.copyTo(ring.words, ring.bytes, at + hash, ref, nameBytes);
    ring.write(at * 4 + headerBytes + nameBytes, value);
    this.#revisions.leave();
    return revision;
  }

  /** Numbers and writes down any other change of a record, which has its new deadline, or is about to be removed. */
  append(type: number, records: Records, ref: number, limit = 0): number {
    const nameBytes = records.nameBytes(ref);
    const valueBytes = records.valueBytes(ref);
    const keepsValue = type !== typeNumber.touch && this.#keeps(valueBytes, nameBytes);
    const contentBytes = nameBytes + (keepsValue ? valueBytes : 0);
    const wallMicros = this.#clock.wallMicros();
    const ring = this.#ring;
    this.#revisions.enter();
    const at = ring.place(headerBytes + contentBytes + lastBytes.other, type);
    const revision = this.#revisions.take(wallMicros);
    records.copyTo(ring.words, ring.bytes, at + hash, ref, contentBytes);
    if (!keepsValue) ring.words[at + entry + entryWord.size]! |= flag.valueOmitted;
    this.#writeRevision(at, revision, limit);
    this.#revisions.leave();
    return revision;
  }

  /** Numbers and writes down a purge of a prefix. */
  appendPurge(namespace: number, prefix: Uint8Array): number {
    const wallMicros = this.#clock.wallMicros();
    const ring = this.#ring;
    this.#revisions.enter();
    const at = ring.place(headerBytes + prefix.length + lastBytes.other, typeNumber.purge);
    const revision = this.#revisions.take(wallMicros);
    ring.words.fill(0, at + hash, at + headerBytes / 4);
    ring.words[at + entry + entryWord.kind] = prefix.length | (namespace << namespaceShift);
    ring.write(at * 4 + headerBytes, prefix);
    this.#writeRevision(at, revision, 0);
    this.#revisions.leave();
    return revision;
  }

  /** The position behind the change of this revision; undefined if changes behind it are gone. */
  seek(revision: number): number | undefined {
    return this.#revisions.exclusively(() => {
      if (revision < this.trimmedRevision) return undefined;
      if (revision >= this.#revisions.last) return this.head;
      const view = new ChangeView(this.#ring.words);
      let at = this.tail;
      for (const {start, revisionBefore} of this.#ring.starts()) if (revisionBefore <= revision) at = start;
      while (at < this.head) {
        view.at = this.#ring.wordAt(at);
        if (view.type !== typeNumber.pad && view.revision > revision) break;
        at += view.length;
      }
      return at;
    });
  }

  /** The last position before this one at which a block's first record begins; undefined if it is gone. */
  startBefore(position: number): number | undefined {
    return this.#revisions.exclusively(() => this.#ring.startBefore(position));
  }

  /** Copies what is written from a position on, as much as there is room for; answers how many bytes, 0 if the position is gone. */
  copyTo(target: Uint8Array, position: number): number {
    return this.#revisions.exclusively(() => {
      if (position < this.tail) return 0;
      const at = position % this.#ring.size;
      const bytes = Math.min(this.head - position, this.#ring.size - at, target.length);
      target.set(this.#ring.bytes.subarray(at, at + bytes));
      return bytes;
    });
  }

  /** A view of the ring itself, for the only thread that writes it. */
  viewInPlace(): ChangeView {
    return new ChangeView(this.#ring.words);
  }

  /** Which word of the ring is at a position. */
  wordAt(position: number): number {
    return this.#ring.wordAt(position);
  }

  /** Whether several threads write. */
  get isShared(): boolean {
    return this.#revisions.locked;
  }

  /** A put that is written down with the entry that it replaced, or without its value. */
  #appendLongPut(records: Records, ref: number, value: Uint8Array, replaced: EntryView | undefined): number {
    const nameBytes = records.nameBytes(ref);
    const allNameBytes = nameBytes + (replaced ? replaced.contentType.length : 0);
    const keepsValue = this.#keeps(value.length, allNameBytes);
    const valueBytes = keepsValue ? value.length : 0;
    const keepsReplaced = replaced !== undefined && this.#keeps(replaced.value.length, allNameBytes + valueBytes);
    const contentBytes = allNameBytes + valueBytes + (keepsReplaced ? replaced.value.length : 0);
    const wallMicros = this.#clock.wallMicros();
    const ring = this.#ring;
    this.#revisions.enter();
    const at = ring.place(headerBytes + contentBytes + (replaced ? lastBytes.replacement : 0), put);
    const revision = this.#revisions.take(wallMicros);
    records.setRevision(ref, revision);
    records.copyTo(ring.words, ring.bytes, at + hash, ref, nameBytes);
    const valueAt = at * 4 + headerBytes + nameBytes;
    if (keepsValue) ring.write(valueAt, value);
    else ring.words[at + entry + entryWord.size]! |= flag.valueOmitted;
    if (replaced) this.#writeReplaced(at, valueAt + valueBytes, replaced, keepsReplaced);
    this.#revisions.leave();
    return revision;
  }

  /** Whether a value fits into the share of a record, beside other content. */
  #keeps(valueBytes: number, otherBytes: number): boolean {
    return valueBytes <= Math.max(0, this.#contentBytesMost - otherBytes);
  }

  #writeReplaced(at: number, contentAt: number, replaced: EntryView, keepsValue: boolean): void {
    const ring = this.#ring;
    const {words} = ring;
    const {revision, deadlineMs, contentType, value} = replaced;
    words[at + entry + entryWord.size]! |= flag.hasPrevious;
    const last = ring.endOf(at) + lastWord.previous;
    words.fill(0, last, last + entryWords);
    setRevisionAt(words, last, revision);
    setDeadlineAt(words, last, deadlineMs);
    words[last + entryWord.size] = value.length | (keepsValue ? 0 : flag.valueOmitted);
    words[last + entryWord.kind] = contentType.length << contentTypeShift;
    if (contentType.length > 0) ring.write(contentAt, Buffer.from(contentType, 'latin1'));
    if (keepsValue) ring.write(contentAt + contentType.length, value);
  }

  #writeRevision(at: number, revision: number, limit: number): void {
    const {words} = this.#ring;
    const end = this.#ring.endOf(at);
    words[end + lastWord.revisionLow] = revision | 0;
    words[end + lastWord.revisionHigh] = Math.floor(revision / 2 ** 32) | (limit << limitShift);
  }
}
