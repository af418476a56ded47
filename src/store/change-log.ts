/**
 * The change log: what happened to entries, in the order of revisions, as far back
 * as its memory reaches. Each change is numbered and written in one step, so order
 * of revisions is order of effects.
 *
 * It is a ring of bytes in shared memory. A position counts bytes from the first one
 * ever written; the ring holds those from tail to head. It is cut into blocks, and a
 * table says for each block which record is the first that begins in it: that is how
 * a revision is found, and how room is made, by the oldest blocks at a time.
 */
import type {Clock} from '../base/index.js';
import {ChangeView, changeHeaderBytes, changeWord, flag, packWhat, typeNumber, withPrevious} from './change-record.js';
import {field} from './layout.js';
import type {Records} from './records.js';
import type {Revisions} from './revisions.js';
import type {EntryView} from './types.js';
import {noDeadline} from './types.js';

const blocks = 256;
/** A record larger than this share of the ring keeps no value. */
const recordShareMost = 1 / 16;
const state = {head: 0, tail: 1, trimmedRevision: 2, blockEnd: 3, trims: 4} as const;
const stateNumbers = 5;
/** For each block: position of the first record that begins in it, and the revision before that record. */
const rowNumbers = 2;

/** As sent between threads. */
export interface ChangeLogBuffers {
  ring: SharedArrayBuffer;
  numbers: SharedArrayBuffer;
  keepsPrevious: boolean;
}

/** Reserves a log of about so many bytes. */
export function reserveChangeLog(bytes: number, keepsPrevious: boolean): ChangeLogBuffers {
  const blockBytes = Math.max(8, Math.floor(bytes / blocks / 8) * 8);
  const buffers: ChangeLogBuffers = {
    ring: new SharedArrayBuffer(blockBytes * blocks),
    numbers: new SharedArrayBuffer(8 * (stateNumbers + blocks * rowNumbers)),
    keepsPrevious,
  };
  new Float64Array(buffers.numbers).fill(-1, stateNumbers);
  return buffers;
}

export class ChangeLog {
  /** Whether a put writes down what it replaced. */
  readonly keepsPrevious: boolean;
  readonly #revisions: Revisions;
  readonly #clock: Clock;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #state: Float64Array;
  readonly #size: number;
  readonly #blockBytes: number;

  constructor(buffers: ChangeLogBuffers, revisions: Revisions, clock: Clock) {
    this.keepsPrevious = buffers.keepsPrevious;
    this.#revisions = revisions;
    this.#clock = clock;
    this.#words = new Int32Array(buffers.ring);
    this.#bytes = new Uint8Array(buffers.ring);
    this.#state = new Float64Array(buffers.numbers);
    this.#size = buffers.ring.byteLength;
    this.#blockBytes = this.#size / blocks;
  }

  /** Where the next record will be. */
  get head(): number {
    return this.#state[state.head]!;
  }

  /** Where the oldest record is. */
  get tail(): number {
    return this.#state[state.tail]!;
  }

  /** The revision of the last change that the log no longer holds; 0 if it holds all. */
  get trimmedRevision(): number {
    return this.#state[state.trimmedRevision]!;
  }

  /** The head, and the revision of the last change before it. */
  end(): {position: number; revision: number} {
    return this.#revisions.exclusively(() => ({position: this.head, revision: this.#revisions.last}));
  }

  /** How often the oldest changes were given up. */
  get trims(): number {
    return this.#state[state.trims]!;
  }

  get sizeBytes(): number {
    return this.#size;
  }

  /**
   * Writes down what happens to a record, which has its new content or still the one
   * that it is about to lose. Answers the revision of the change.
   */
  append(type: number, records: Records, ref: number, limit = 0, previous?: EntryView): number {
    const keyBytes = records.keyBytes(ref);
    const contentTypeBytes = records.contentTypeBytes(ref);
    let valueBytes = type === typeNumber.touch ? 0 : records.valueBytes(ref);
    let previousBytes = previous ? previous.value.length : 0;
    const namesBytes = keyBytes + contentTypeBytes + (previous ? previous.contentType.length : 0);
    const most = this.#size * recordShareMost - changeHeaderBytes - namesBytes;
    const keepsPrevious = valueBytes + previousBytes <= most;
    if (!keepsPrevious) previousBytes = 0;
    const keepsValue = type !== typeNumber.touch && valueBytes <= most;
    if (!keepsValue) valueBytes = 0;
    let what = packWhat(type, limit, records.namespace(ref), contentTypeBytes);
    if (!keepsValue) what |= flag.valueOmitted;
    if (previous) what = withPrevious(what, previous.contentType.length, !keepsPrevious);

    const {revision, at} = this.#begin(changeHeaderBytes + namesBytes + valueBytes + previousBytes);
    const words = this.#words;
    words[at + changeWord.what] = what;
    words[at + changeWord.hash] = records.get(ref, field.hash);
    words[at + changeWord.keyBytes] = keyBytes;
    words[at + changeWord.valueBytes] = valueBytes;
    words[at + changeWord.previousValueBytes] = previousBytes;
    words[at + changeWord.entry] = records.get(ref, field.revisionLow);
    words[at + changeWord.entry + 1] = records.get(ref, field.deadlineLow);
    words[at + changeWord.entry + 2] = records.get(ref, field.high);
    const contentBytes = keyBytes + contentTypeBytes + valueBytes;
    const contentAt = at * 4 + changeHeaderBytes;
    records.copyContent(ref, contentBytes, words, this.#bytes, contentAt);
    if (previous) this.#writePrevious(at, contentAt + contentBytes, previous, previousBytes);
    this.#end();
    return revision;
  }

  /** Writes down a purge of a prefix. */
  appendPurge(namespace: number, prefix: Uint8Array): number {
    const {revision, at} = this.#begin(changeHeaderBytes + prefix.length);
    const words = this.#words;
    words[at + changeWord.what] = packWhat(typeNumber.purge, 0, namespace, 0);
    words[at + changeWord.keyBytes] = prefix.length;
    words[at + changeWord.valueBytes] = 0;
    this.#bytes.set(prefix, at * 4 + changeHeaderBytes);
    this.#end();
    return revision;
  }

  /** The position behind the change of this revision; undefined if changes behind it are gone. */
  seek(revision: number): number | undefined {
    return this.#revisions.exclusively(() => {
      if (revision < this.trimmedRevision) return undefined;
      if (revision >= this.#revisions.last) return this.head;
      let at = this.tail;
      for (let start = this.#nextStart(this.tail); start !== undefined; start = this.#nextStart(start + 1)) {
        if (this.#revisionBefore(start) > revision) break;
        at = start;
      }
      const view = new ChangeView(this.#words, this.#bytes);
      while (at < this.head) {
        view.at = (at % this.#size) / 4;
        if (view.type !== typeNumber.pad && view.revision > revision) break;
        at += view.length;
      }
      return at;
    });
  }

  /** The last position before this one at which a block's first record begins; undefined if it is gone. */
  startBefore(position: number): number | undefined {
    return this.#revisions.exclusively(() => {
      for (let block = this.#blockOf(position - 1); block >= this.#blockOf(this.tail); block--) {
        const start = this.#startOf(block);
        if (start !== undefined && start < position) return start;
      }
      // The newest block may have taken the row of the oldest, of which some records are still there.
      return this.tail < position ? this.tail : undefined;
    });
  }

  /**
   * Copies what is written from a position on to a view's memory, one record at least
   * and else no more than it has room for; answers how many bytes, 0 if the position is gone.
   */
  copyTo(view: ChangeView, position: number): number {
    return this.#revisions.exclusively(() => {
      if (position < this.tail) return 0;
      const at = position % this.#size;
      const there = Math.min(this.head - position, this.#size - at);
      const first = this.#words[at / 4]!;
      if (first > view.bytes.length) view.words = new Int32Array(first / 4);
      if (first > view.bytes.length) view.bytes = new Uint8Array(view.words.buffer);
      const length = Math.min(there, view.bytes.length);
      view.bytes.set(this.#bytes.subarray(at, at + length));
      return length;
    });
  }

  /** A view of the ring itself, for the only thread that writes it. */
  viewInPlace(): ChangeView {
    return new ChangeView(this.#words, this.#bytes);
  }

  /** Which word of the ring is at a position. */
  wordAt(position: number): number {
    return (position % this.#size) / 4;
  }

  /** Whether several threads write. */
  get isShared(): boolean {
    return this.#revisions.locked;
  }

  /** Takes the next revision and a place for a record; #end() must follow. */
  #begin(contentBytes: number): {revision: number; at: number} {
    const wall = this.#clock.wallMicros();
    this.#revisions.enter();
    const before = this.#revisions.last;
    const revision = this.#revisions.take(wall);
    const bytes = (contentBytes + 7) & ~7;
    let head = this.#state[state.head]!;
    const rest = this.#size - (head % this.#size);
    if (bytes > rest) {
      this.#place(head, rest, before);
      this.#words[(head % this.#size) / 4 + changeWord.what] = typeNumber.pad;
      head += rest;
    }
    const at = this.#place(head, bytes, before);
    this.#words[at + changeWord.revisionLow] = revision | 0;
    this.#words[at + changeWord.revisionHigh] = Math.floor(revision / 2 ** 32);
    return {revision, at};
  }

  #end(): void {
    this.#revisions.leave();
  }

  /** Makes room for a record at the head, and enters it; answers its first word. */
  #place(head: number, bytes: number, revisionBefore: number): number {
    const until = head + bytes;
    if (until - this.#size > this.#state[state.tail]!) this.#trim(until - this.#size, head, revisionBefore);
    if (head >= this.#state[state.blockEnd]!) {
      const block = this.#blockOf(head);
      const row = stateNumbers + (block % blocks) * rowNumbers;
      this.#state[row] = head;
      this.#state[row + 1] = revisionBefore;
      this.#state[state.blockEnd] = (block + 1) * this.#blockBytes;
    }
    const at = (head % this.#size) / 4;
    this.#words[at + changeWord.bytes] = bytes;
    this.#state[state.head] = until;
    return at;
  }

  /** Gives up the oldest blocks, so that the log begins at this position or later. */
  #trim(least: number, head: number, revisionBefore: number): void {
    const start = this.#nextStart(least);
    this.#state[state.tail] = start ?? head;
    this.#state[state.trimmedRevision] = start === undefined ? revisionBefore : this.#revisionBefore(start);
    this.#state[state.trims]!++;
  }

  #writePrevious(at: number, contentAt: number, previous: EntryView, valueBytes: number): void {
    const words = this.#words;
    const {revision, deadlineMs, contentType, value} = previous;
    const deadlineHigh = deadlineMs === noDeadline ? 0x7ff : Math.floor(deadlineMs / 2 ** 32);
    words[at + changeWord.previous] = revision | 0;
    words[at + changeWord.previous + 1] = deadlineMs === noDeadline ? 0 : deadlineMs | 0;
    words[at + changeWord.previous + 2] = (Math.floor(revision / 2 ** 32) << 11) | deadlineHigh;
    if (contentType.length > 0) this.#bytes.set(Buffer.from(contentType, 'latin1'), contentAt);
    if (valueBytes > 0) this.#bytes.set(value, contentAt + contentType.length);
  }

  #blockOf(position: number): number {
    return Math.floor(position / this.#blockBytes);
  }

  /** The first record that begins in a block; undefined if none does, or the block is gone. */
  #startOf(block: number): number | undefined {
    const start = this.#state[stateNumbers + (block % blocks) * rowNumbers]!;
    return start >= 0 && this.#blockOf(start) === block ? start : undefined;
  }

  /** The first block's start from this position on. */
  #nextStart(position: number): number | undefined {
    for (let block = this.#blockOf(position); block * this.#blockBytes < this.head; block++) {
      const start = this.#startOf(block);
      if (start !== undefined && start >= position) return start;
    }
    return undefined;
  }

  #revisionBefore(start: number): number {
    return this.#state[stateNumbers + (this.#blockOf(start) % blocks) * rowNumbers + 1]!;
  }
}
