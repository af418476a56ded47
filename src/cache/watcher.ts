/**
 * One watcher: what it asked for, how far it has come, and its stream.
 *
 * A watcher is a position in the change log, not a queue: whoever reads slowly costs
 * no more than that. It is in step with others of the same plan (watch-hub.ts), or it
 * reads the log on its own: after it was blocked, while it gets a snapshot, and from
 * where it resumed.
 */
import {CacheError, limits} from '../base/index.js';
import {type ChangeReader, type Store, typeNumber} from '../store/index.js';
import {encodeResumeToken, type ResumePosition, type TokenScope} from './resume-token.js';
import {Snapshot, type SnapshotParts} from './snapshot.js';
import {type EventMaker, fitted, sizeOfEvent, type WatchPlan, wants} from './watch-plan.js';
import type {GapReason, WatchEvent, WatchMessage, WatchNews, WatchSink} from './watch-types.js';

/** How many changes one step reads. */
const stepChanges = 256;

/** What all watchers of a thread have in common. */
export interface WatchParts extends SnapshotParts {
  store: Store;
  reader: ChangeReader;
  events: EventMaker;
  epoch: string;
  counts: {eventsDelivered: number; resyncs: number};
}

export class WatcherState {
  readonly plan: WatchPlan;
  readonly #parts: WatchParts;
  readonly #sink: WatchSink;
  readonly #scope: TokenScope;
  /** The position in the log behind what was delivered, while it reads on its own. */
  position = 0;
  /** All changes up to this revision were delivered. */
  revision = 0;
  isBlocked = false;
  isOver = false;
  /** When something was sent last, by the injected clock. */
  sentMs = 0;
  #snapshot: Snapshot | undefined;
  /** A gap that is still to be told. Until it is, tokens are the one that was given: whoever resumes with it is told then. */
  #gap: {reason: GapReason; token: string} | undefined;
  /** Log and snapshot take turns. */
  #listsNext = false;

  constructor(plan: WatchPlan, sink: WatchSink, parts: WatchParts) {
    this.plan = plan;
    this.#sink = sink;
    this.#parts = parts;
    this.#scope = {epoch: parts.epoch, targets: plan.targets.digest};
  }

  get hasSnapshot(): boolean {
    return this.#snapshot !== undefined;
  }

  /** Begins from now on, with a snapshot first if one is wanted. */
  begin(wantsSnapshot: boolean): void {
    this.#goToEnd();
    if (wantsSnapshot) this.#beginSnapshot();
    this.#send({kind: 'created', revision: this.revision});
  }

  /** Begins where a token says; what is gone by now is a gap. */
  resume(from: ResumePosition | 'restarted', token: string): void {
    const position = from === 'restarted' ? undefined : this.#parts.store.changeLog!.seek(from.revision);
    if (from === 'restarted' || position === undefined) {
      this.#goToEnd();
      const reason = from === 'restarted' ? 'restarted' : 'trimmed';
      if (this.plan.onGap === 'fail') throw positionGone(reason);
      this.#gap = {reason, token};
      this.#send({kind: 'created', revision: this.revision});
      return;
    }
    this.position = position;
    this.revision = from.revision;
    if (from.snapshot) this.#snapshot = new Snapshot(this.plan, this.#parts, from.snapshot);
    this.#send({kind: 'created', revision: this.revision});
  }

  /** Says that changes were missed, and begins again with a snapshot. */
  resync(reason: GapReason): void {
    if (this.plan.onGap === 'fail') {
      this.end(positionGone(reason));
      return;
    }
    this.#gap = undefined;
    this.#parts.counts.resyncs++;
    this.#goToEnd();
    this.#beginSnapshot();
    this.#send({kind: 'gap', reason});
  }

  /** Reads on, no further than `until`, and sends at most a few messages. */
  step(until: number): void {
    if (this.#gap) {
      this.resync(this.#gap.reason);
      return;
    }
    this.#listsNext = !this.#listsNext;
    if (this.#snapshot && this.#listsNext) this.#list(this.#snapshot);
    else this.#read(until);
    this.#endSnapshot();
  }

  /** Delivers a message that was made for several, which says all up to a revision. */
  deliver(message: WatchMessage, revision: number): void {
    this.revision = revision;
    this.#write(message);
  }

  bookmark(): void {
    this.#send({kind: 'bookmark', revision: this.revision});
  }

  drain(): void {
    this.#send({kind: 'draining'});
    this.end(new CacheError('DRAINING', 'the server is going away; watch again with the last resume_token'));
  }

  end(failure: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#sink.end(failure);
  }

  #goToEnd(): void {
    const {position, revision} = this.#parts.store.changeLog!.end();
    this.position = position;
    this.revision = revision;
  }

  #beginSnapshot(): void {
    this.#snapshot = new Snapshot(this.plan, this.#parts, {base: this.revision, keys: 0, position: 0, revision: 0});
  }

  #list(snapshot: Snapshot): void {
    const events = snapshot.list(this.revision);
    if (events.length > 0) this.#send({kind: 'events', events});
  }

  #read(until: number): void {
    const {reader, events: maker} = this.#parts;
    const events: WatchEvent[] = [];
    const most = Math.min(this.plan.maxBytes, limits.watchMessageBytes);
    let bytes = 0;
    for (let change = 0; change < stepChanges && bytes < most && this.position < until; change++) {
      const met = reader.meet(this.position);
      if (met === 'gone') {
        if (events.length > 0) break;
        // It may be no more than the unused end of the ring that is gone.
        const position = this.#parts.store.changeLog!.seek(this.revision);
        if (position === undefined) {
          this.resync('slowReader');
          return;
        }
        this.position = position;
        continue;
      }
      if (met === 'change' && this.#shows(reader)) {
        const event = fitted(maker.ofChange(reader.change(), this.plan), this.plan.maxBytes);
        bytes += sizeOfEvent(event);
        // It comes first in the next message.
        if (bytes > most && events.length > 0) break;
        events.push(event);
      }
      this.position = reader.next;
      if (met === 'end') break;
      this.revision = reader.revision;
    }
    if (events.length > 0) this.#send({kind: 'events', events});
  }

  /** Whether the change that the reader has met is one for this watcher. */
  #shows(reader: ChangeReader): boolean {
    const {plan} = this;
    if (reader.namespace !== plan.namespace.id || !wants(plan, reader.typeNumber)) return false;
    const {key} = reader;
    const isFor = reader.typeNumber === typeNumber.purge ? plan.targets.overlaps(key) : plan.targets.matches(key);
    return isFor && !this.#snapshot?.willList(reader);
  }

  #endSnapshot(): void {
    const endRevision = this.#snapshot?.endRevision;
    if (endRevision === undefined || this.isOver || this.isBlocked) return;
    if (this.revision < endRevision && this.#parts.reader.meet(this.position) !== 'end') return;
    this.#snapshot = undefined;
    this.#send({kind: 'snapshotEnd', revision: this.revision});
  }

  #send(news: WatchNews): void {
    this.#write({resumeToken: this.#token(), news});
  }

  #token(): string {
    if (this.#gap) return this.#gap.token;
    return encodeResumeToken({revision: this.revision, snapshot: this.#snapshot?.position}, this.#scope);
  }

  #write(message: WatchMessage): void {
    if (this.isOver) return;
    if (message.news.kind === 'events') this.#parts.counts.eventsDelivered += message.news.events.length;
    if (!this.#sink.write(message)) this.isBlocked = true;
  }
}

function positionGone(reason: GapReason): CacheError {
  const why: Record<GapReason, string> = {
    slowReader: 'the watcher read too slowly, and the history passed it',
    trimmed: 'the history no longer holds the position of the resume_token',
    restarted: 'the resume_token is of an earlier life of the server, which began empty',
  };
  return new CacheError('POSITION_GONE', `${why[reason]}; watch again without a token, with initial_state`);
}
