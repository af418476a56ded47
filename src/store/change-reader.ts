/**
 * Reads the change log, in one thread, for any number of cursors. In a thread that
 * writes alone, records are looked at in place; where others write too, they are
 * copied a chunk at a time, and looked at there.
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
  /** Which positions the view shows, where it shows a copy. */
  #from = 0;
  #to = 0;

  constructor(log: ChangeLog) {
    this.#log = log;
    if (log.isShared) {
      const words = new Int32Array(chunkBytes / 4);
      this.#view = new ChangeView(words, new Uint8Array(words.buffer));
    } else {
      this.#view = log.viewInPlace();
    }
  }

  /** Looks at what is at a position. `next` is then behind it, and the getters tell of it. */
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

  #show(position: number): boolean {
    if (!this.#log.isShared) {
      this.#view.at = this.#log.wordAt(position);
      return true;
    }
    const holds = position >= this.#from && position < this.#to;
    if (holds) {
      this.#view.at = (position - this.#from) / 4;
      if (position + this.#view.length <= this.#to) return true;
    }
    this.#from = position;
    this.#to = position + this.#log.copyTo(this.#view, position);
    this.#view.at = 0;
    return this.#to > position;
  }
}
