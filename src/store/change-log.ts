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
import {ChangeView, changeHeaderBytes, changeWord, flag, packWhat, typeNumber, withPrevious} from './change-record.js';
import {ChangeRing, type ChangeRingBuffers, reserveChangeRing} from './change-ring.js';
import {field} from './layout.js';
import type {Records} from './records.js';
import type {Revisions} from './revisions.js';
import {type EntryView, type HistoryOptions, noDeadline} from './types.js';

/** A record larger than this share of the ring keeps no value. */
const recordShareMost = 1 / 16;

/** As sent between threads. */
export interface ChangeLogBuffers extends ChangeRingBuffers {
  keepsPrevious: boolean;
}

export function reserveChangeLog(history: HistoryOptions, maxKeyBytes: number): ChangeLogBuffers {
  return {...reserveChangeRing(history.bytes, maxKeyBytes), keepsPrevious: history.keepsPrevious};
}

export class ChangeLog {
  /** Whether a put writes down what it replaced. */
  readonly keepsPrevious: boolean;
  readonly #revisions: Revisions;
  readonly #clock: Clock;
  readonly #ring: ChangeRing;

  constructor(buffers: ChangeLogBuffers, revisions: Revisions, clock: Clock) {
    this.keepsPrevious = buffers.keepsPrevious;
    this.#ring = new ChangeRing(buffers);
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
   * Writes down what happens to a record, which has its new content or still the one
   * that it is about to lose. Answers the revision of the change. Each value is kept
   * that still fits into the share of a record.
   */
  append(type: number, records: Records, ref: number, limit = 0, previous?: EntryView): number {
    const wallMicros = this.#clock.wallMicros();
    const keyBytes = records.keyBytes(ref);
    const contentTypeBytes = records.contentTypeBytes(ref);
    const namesBytes = keyBytes + contentTypeBytes + (previous ? previous.contentType.length : 0);
    const most = Math.max(0, this.#ring.size * recordShareMost - changeHeaderBytes - namesBytes);
    const entryBytes = records.valueBytes(ref);
    const keepsValue = type !== typeNumber.touch && entryBytes <= most;
    const valueBytes = keepsValue ? entryBytes : 0;
    const keepsPrevious = previous !== undefined && valueBytes + previous.value.length <= most;
    const previousBytes = keepsPrevious ? previous.value.length : 0;
    let what = packWhat(type, limit, records.namespace(ref), contentTypeBytes);
    if (!keepsValue) what |= flag.valueOmitted;
    if (previous) what = withPrevious(what, previous.contentType.length, !keepsPrevious);

    this.#revisions.enter();
    const before = this.#revisions.last;
    const revision = this.#revisions.take(wallMicros);
    const at = this.#ring.place(changeHeaderBytes + namesBytes + valueBytes + previousBytes, before);
    const words = this.#ring.words;
    this.#writeHead(at, what, revision);
    words[at + changeWord.hash] = records.get(ref, field.hash);
    words[at + changeWord.keyBytes] = keyBytes;
    words[at + changeWord.valueBytes] = valueBytes;
    words[at + changeWord.previousValueBytes] = previousBytes;
    words[at + changeWord.entry] = records.get(ref, field.revisionLow);
    words[at + changeWord.entry + 1] = records.get(ref, field.deadlineLow);
    words[at + changeWord.entry + 2] = records.get(ref, field.high);
    const contentBytes = keyBytes + contentTypeBytes + valueBytes;
    const contentAt = at * 4 + changeHeaderBytes;
    records.copyContent(ref, contentBytes, words, this.#ring.bytes, contentAt);
    if (previous) this.#writePrevious(at, contentAt + contentBytes, previous, previousBytes);
    this.#revisions.leave();
    return revision;
  }

  /** Writes down a purge of a prefix. */
  appendPurge(namespace: number, prefix: Uint8Array): number {
    const wallMicros = this.#clock.wallMicros();
    this.#revisions.enter();
    const before = this.#revisions.last;
    const revision = this.#revisions.take(wallMicros);
    const at = this.#ring.place(changeHeaderBytes + prefix.length, before);
    this.#ring.words.fill(0, at + changeWord.what, at + changeHeaderBytes / 4);
    this.#writeHead(at, packWhat(typeNumber.purge, 0, namespace, 0), revision);
    this.#ring.words[at + changeWord.keyBytes] = prefix.length;
    this.#ring.bytes.set(prefix, at * 4 + changeHeaderBytes);
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

  #writeHead(at: number, what: number, revision: number): void {
    this.#ring.words[at + changeWord.what] = what;
    this.#ring.words[at + changeWord.revisionLow] = revision | 0;
    this.#ring.words[at + changeWord.revisionHigh] = Math.floor(revision / 2 ** 32);
  }

  #writePrevious(at: number, contentAt: number, previous: EntryView, valueBytes: number): void {
    const words = this.#ring.words;
    const {revision, deadlineMs, contentType, value} = previous;
    const deadlineHigh = deadlineMs === noDeadline ? 0x7ff : Math.floor(deadlineMs / 2 ** 32);
    words[at + changeWord.previous] = revision | 0;
    words[at + changeWord.previous + 1] = deadlineMs === noDeadline ? 0 : deadlineMs | 0;
    words[at + changeWord.previous + 2] = (Math.floor(revision / 2 ** 32) << 11) | deadlineHigh;
    if (contentType.length > 0) this.#ring.bytes.set(Buffer.from(contentType, 'latin1'), contentAt);
    if (valueBytes > 0) this.#ring.bytes.set(value, contentAt + contentType.length);
  }
}
