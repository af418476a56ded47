/**
 * Reads the change log, in one thread, for any number of cursors. In a thread that
 * writes alone, records are looked at in place, and what is seen there lasts until the
 * next change. Where others write too, they are copied a chunk at a time, with the log
 * held for no longer than that takes, and looked at there.
 */
import type {ChangeLog} from './change-log.js';
import {type Change, ChangeView, typeNumber} from './change-record.js';

/** How much is copied at a time where others write. */
const chunkBytes = 64 * 1024;

/** What is at a position: a change; nothing yet; or nothing any more. */
export type Met = 'change' | 'end' | 'gone';

export class ChangeReader {
  /** The position behind what was met last. */
  next = 0;
  readonly #log: ChangeLog;
  readonly #view: ChangeView;
  readonly #chunk: Int32Array;
  /** Which positions the view shows, where it shows a copy. */
  #from = 0;
  #to = 0;

  constructor(log: ChangeLog) {
    this.#log = log;
    this.#chunk = new Int32Array(log.isShared ? chunkBytes / 4 : 0);
    this.#view = log.isShared ? new ChangeView(this.#chunk) : log.viewInPlace();
  }

  /**
   * Looks at what is at a position. `next` is then behind it, and the getters tell of
   * it. Head and tail are looked at while others move them: what is behind the head
   * that was seen is met next time, and what is copied has been whole.
   */
  meet(position: number): Met {
    let at = position;
    for (;;) {
      this.next = at;
      if (at < this.#log.tail) return 'gone';
      if (at >= this.#log.head) return 'end';
      if (!this.#show(at)) return 'gone';
      this.next = at + this.#view.length;
      if (this.#view.type !== typeNumber.pad) return 'change';
      at = this.next;
    }
  }

  get typeNumber(): number {
    return this.#view.type;
  }

  get namespace(): number {
    return this.#view.namespace;
  }

  get hash(): number {
    return this.#view.hash;
  }

  get revision(): number {
    return this.#view.revision;
  }

  /** Of the value that was in force after the change, or before a removal. */
  get entryRevision(): number {
    return this.#view.entryRevision;
  }

  /** To be looked at before the next call, not kept. */
  get key(): Uint8Array {
    return this.#view.key;
  }

  /** The whole change, copied. */
  change(): Change {
    return this.#view.copy();
  }

  /** Lets the view show the record at a position; false if it is gone. */
  #show(position: number): boolean {
    if (!this.#log.isShared) {
      this.#view.at = this.#log.wordAt(position);
      return true;
    }
    if (this.#shows(position)) return true;
    this.#copy(position, this.#chunk);
    // One larger than a chunk has memory of its own, until it has been looked at.
    if (this.#to > position && !this.#shows(position)) this.#copy(position, new Int32Array(this.#view.length / 4));
    return this.#to > position;
  }

  /** Whether the copy has the whole record; the view is then at it. */
  #shows(position: number): boolean {
    if (position < this.#from || position >= this.#to) return false;
    this.#view.at = (position - this.#from) / 4;
    return position + this.#view.length <= this.#to;
  }

  #copy(position: number, words: Int32Array): void {
    this.#view.show(words);
    this.#from = position;
    this.#to = position + this.#log.copyTo(this.#view.bytes, position);
  }
}
