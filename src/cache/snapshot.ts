/**
 * A snapshot for a watcher: the entries that there were at a revision, listed a few
 * at a time while changes go on, and nothing remembered for each key.
 *
 * Changes from the base revision on come through the log. An entry changed since then
 * has a later revision, so it is not listed: the log brings it. What is listed is
 * therefore never older than a change that was already sent. Where puts are not
 * wanted the log does not bring them, so then whatever is found is listed, once the
 * log has been followed so far.
 */
import {limits} from '../base/index.js';
import {type ChangeReader, type EntryView, type ScanCursor, type Store, typeNumber} from '../store/index.js';
import type {Entry} from './backend.js';
import type {SnapshotPosition} from './resume-token.js';
import {fitted, listedEvent, sizeOfEvent, type WatchPlan, wants} from './watch-plan.js';
import type {WatchEvent} from './watch-types.js';

/** How many records one step looks at. */
const stepRecords = 256;

export interface SnapshotParts {
  store: Store;
  entryOf(key: Uint8Array, view: EntryView, plan: WatchPlan): Entry;
}

export class Snapshot {
  readonly #plan: WatchPlan;
  readonly #parts: SnapshotParts;
  readonly #base: number;
  #keys: number;
  readonly #cursor: ScanCursor;
  /** When all is listed, the last revision then: the snapshot ends when the log has been followed so far. */
  endRevision: number | undefined;

  constructor(plan: WatchPlan, parts: SnapshotParts, from: SnapshotPosition) {
    this.#plan = plan;
    this.#parts = parts;
    this.#base = from.base;
    this.#keys = from.keys;
    this.#cursor = {position: from.position, revision: from.revision, recordsLeft: 0, done: false};
  }

  get position(): SnapshotPosition {
    const {position, revision} = this.#cursor;
    return {base: this.#base, keys: this.#keys, position, revision};
  }

  /**
   * Lists some more, given how far the log has been followed; the events fit into one
   * message. Empty where this step has found nothing.
   */
  list(followed: number): WatchEvent[] {
    const events: WatchEvent[] = [];
    let bytes = 0;
    const most = Math.min(this.#plan.maxBytes, limits.watchMessageBytes);
    this.#cursor.recordsLeft = stepRecords;
    while (this.#cursor.recordsLeft > 0 && bytes < most && this.endRevision === undefined) {
      const {keys, position, revision} = this.position;
      const event = this.#next();
      if (!event) continue;
      bytes += sizeOfEvent(event);
      // What the log has still to say of an entry before this one must not come after it.
      const isAhead = event.revision > followed;
      if (isAhead || (bytes > most && events.length > 0)) {
        // For the next message.
        this.#keys = keys;
        this.#cursor.position = position;
        this.#cursor.revision = revision;
        this.#cursor.done = false;
        break;
      }
      events.push(event);
    }
    return events;
  }

  /** Whether a change in the log is a touch of an entry that is still to be listed, with its new expiry. */
  willList(change: ChangeReader): boolean {
    if (change.typeNumber !== typeNumber.touch || !this.#isListed(change.entryRevision)) return false;
    const place = this.#plan.targets.placeOf(change.key);
    if (place !== undefined) return place >= this.#keys;
    const {position, revision} = this.#cursor;
    return (
      (this.#parts.store.positionOf(change.namespace, change.hash) - position || change.entryRevision - revision) > 0
    );
  }

  /** Whether an entry of this revision is part of the snapshot. */
  #isListed(revision: number): boolean {
    return revision <= this.#base || !wants(this.#plan, typeNumber.put);
  }

  /** The next entry, if one was found in one step. */
  #next(): WatchEvent | undefined {
    const {targets} = this.#plan;
    if (this.#keys < targets.keys.length) return this.#nextKey();
    if (targets.commonPrefix && !this.#cursor.done) return this.#nextScanned(targets.commonPrefix);
    this.endRevision = this.#parts.store.lastRevision;
    return undefined;
  }

  #nextKey(): WatchEvent | undefined {
    const {namespace, targets, keysOnly} = this.#plan;
    const key = targets.keys[this.#keys]!;
    this.#keys++;
    this.#cursor.recordsLeft--;
    const options = {metadataOnly: keysOnly, peek: true, uncounted: true};
    return this.#eventOf(key, this.#parts.store.get(namespace.id, key, options));
  }

  #nextScanned(prefix: Uint8Array): WatchEvent | undefined {
    const view = this.#parts.store.scan(this.#plan.namespace.id, prefix, this.#cursor, {
      metadataOnly: this.#plan.keysOnly,
    });
    return view && this.#plan.targets.matchesPrefix(view.key) ? this.#eventOf(view.key, view) : undefined;
  }

  #eventOf(key: Uint8Array, view: EntryView | undefined): WatchEvent | undefined {
    if (!view || !this.#isListed(view.revision)) return undefined;
    return fitted(listedEvent(this.#parts.entryOf(key, view, this.#plan)), this.#plan.maxBytes);
  }
}
