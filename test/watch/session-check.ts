/**
 * Follows one connection message by message. `upTo` is how far it has come: each event
 * has to be the next one behind it that was asked for, and each token, bookmark and
 * snapshot_end says of a revision that nothing up to it is missing.
 */
import type {GapReason, WatchEvent, WatchMessage, WatchNews} from '../../src/cache/index.js';
import type {ChangeType} from '../../src/store/index.js';
import type {Change} from './history.js';
import type {Place} from './place.js';
import {Replay} from './replay.js';
import {faultsOfListed, faultsOfReplay, mayLeaveOut, missingAtEnd, type SnapshotContext} from './snapshot-check.js';
import {readToken} from './token.js';
import type {Life, Moment, Receipt, Session} from './transcript.js';
import {faultsOfEvent, messageBytesMost, wants, wantsType} from './wanted.js';

const allTypes: readonly ChangeType[] = ['put', 'touch', 'delete', 'expire', 'evict', 'purge'];

export class SessionCheck {
  readonly faults: string[] = [];
  place: Place;
  readonly #session: Session;
  readonly #life: Life;
  readonly #isResumed: boolean;
  /** The changes that were asked for, and which of them is the first behind `upTo`. */
  readonly #wanted: readonly Change[];
  #next = 0;
  #moment: Moment;
  /** What is being looked at, for faults. */
  #what = 'the beginning';
  #count = 0;
  #isOver = false;
  /** Of the last token; of the one that was given back, at first. */
  #tokenRevision?: number;
  #epoch?: string;

  constructor(lives: readonly Life[], session: Session, from?: Place) {
    this.#session = session;
    this.#life = lives[session.life]!;
    this.#moment = session.begun;
    this.#isResumed = from !== undefined;
    this.#wanted = this.#life.history.changes.filter(change => wants(session.request, change));
    this.place = from ?? {life: session.life, upTo: session.begun.revision};
    if (from && !this.#mustHeal) this.#tokenRevision = readToken(session.request.resumeToken)?.revision;
    this.#goTo(this.place.upTo);
  }

  receive({message, moment}: Receipt): void {
    const {news, resumeToken} = message;
    this.#moment = moment;
    this.#what = `message ${this.#count} (${news.kind}, token ${resumeToken})`;
    if (this.#isOver) this.#fault('it comes after draining');
    if ((this.#count === 0) !== (news.kind === 'created')) this.#fault('`created` comes first, and once');
    this.#count++;
    // Entries are listed as they are when the log has been followed as far as the token says.
    const lists = news.kind === 'events' && news.events.some(({listed}) => listed);
    if (lists) this.#takeToken(resumeToken);
    this.#takeNews(news, message);
    if (!lists) this.#takeToken(resumeToken);
    if (news.kind === 'snapshotEnd') this.#compareReplay();
  }

  /** How it ended. */
  end(): void {
    const {ended, ranDry} = this.#session;
    if (ended) this.#takeEnd(ended);
    else if (ranDry) this.#takeRest(ranDry);
  }

  #takeEnd({reason, moment}: {reason?: string; moment: Moment}): void {
    const {request, stopped} = this.#session;
    this.#what = `the end (${reason})`;
    this.#moment = moment;
    const isDrained = reason === 'DRAINING' && (this.#isOver || (stopped && this.#count === 0));
    const isLost = reason === 'POSITION_GONE' && request.onGap === 'fail' && this.#gapIsTrue();
    if (!isDrained && !isLost) this.#fault('there is no reason for it');
  }

  /** At the end of the run all that there is has been delivered. */
  #takeRest(moment: Moment): void {
    this.#what = 'the end of the run';
    this.#moment = moment;
    if (this.#count === 0) this.#fault('nothing has come, not even `created`');
    else if (this.#mustHeal) this.#fault('the server has started again, but there was no gap');
    else if (this.place.snapshot) this.#fault('the snapshot has not come to its end');
    this.#advance(moment.revision, 'all was given the time to come');
    this.#compareReplay();
  }

  #takeNews(news: WatchNews, message: WatchMessage): void {
    if (this.#mustHeal && (news.kind === 'events' || news.kind === 'snapshotEnd' || news.kind === 'bookmark')) {
      this.#fault('the server has started again, but there was no gap');
    }
    if (news.kind === 'created') this.#takeCreated(news.revision);
    if (news.kind === 'gap') this.#takeGap(news.reason, message.resumeToken);
    if (news.kind === 'events') this.#takeEvents(news.events);
    if (news.kind === 'bookmark') this.#takeBookmark(news.revision);
    if (news.kind === 'snapshotEnd') this.#takeSnapshotEnd(news.revision);
    if (news.kind === 'draining') this.#takeDraining();
  }

  #takeCreated(revision: number): void {
    const {begun, request} = this.#session;
    if (this.#isResumed) {
      if (!this.#gapIsTrue()) this.#takeRevision(revision);
      return;
    }
    if (revision < begun.revision)
      this.#fault(`it begins at ${revision}, before it was asked for at ${begun.revision}`);
    if (revision > this.#moment.revision) this.#fault(`it begins at ${revision}, which is still to come`);
    this.#goTo(revision);
    if (request.initialState) this.#beginSnapshot(revision);
  }

  #takeGap(reason: GapReason, token: string): void {
    const {place} = this;
    const {request, begun, life} = this.#session;
    if (request.onGap === 'fail') this.#fault('the watcher had asked for the call to fail');
    if (!this.#gapIsTrue()) this.#fault('nothing that it has not had was given up');
    const wasTrimmed = this.#isResumed && this.#count === 2 && begun.trimmedRevision > this.#tokenRevision!;
    const should = this.#mustHeal ? 'restarted' : wasTrimmed ? 'trimmed' : 'slowReader';
    const {isShared} = this.#life;
    if (reason !== should && !isShared) this.#fault(`its reason is ${reason} instead of ${should}`);
    const from = readToken(token)?.revision ?? this.#moment.revision;
    if (!this.#mustHeal && from < place.upTo) this.#fault(`it goes back to ${from} from ${place.upTo}`);
    if (from < this.#moment.trimmedRevision && !isShared) this.#fault('its token is of what was given up');
    place.life = life;
    this.#goTo(from);
    this.#beginSnapshot(from);
  }

  #beginSnapshot(from: number): void {
    this.place.snapshot = {from, listed: new Map(), touched: new Map()};
    // A client knows all entries only if it hears of each change.
    const hearsAll = allTypes.every(type => wantsType(this.#session.request, type));
    if (hearsAll) this.place.replay ??= new Replay();
    this.place.replay?.beginSnapshot();
  }

  #takeEvents(events: readonly WatchEvent[]): void {
    if (events.length === 0) this.#fault('it has no events');
    const bytes = events.reduce((sum, {entry, previous}) => sum + sizeOf(entry) + sizeOf(previous), 0);
    if (events.length > 1 && bytes > messageBytesMost(this.#session.request)) this.#fault(`it has ${bytes} bytes`);
    const message = this.#what;
    for (const [index, event] of events.entries()) {
      this.#what = `${message}, ${event.listed ? 'listed ' : ''}${nameOf(event)}`;
      if (event.listed) this.#takeListed(event);
      else this.#takeChange(event, index === 0);
      this.place.replay?.apply(event);
    }
    this.#what = message;
  }

  /** It has to be the next one that is wanted. */
  #takeChange(event: WatchEvent, isFirst: boolean): void {
    const {place} = this;
    const {upTo} = place;
    const change = this.#wanted[indexBehind(this.#wanted, event.revision) - 1];
    if (change?.revision !== event.revision) {
      const happened = this.#life.history.changes.some(({revision}) => revision === event.revision);
      this.#fault(happened ? 'it was not asked for' : 'no such change was made');
      return;
    }
    if (event.revision > this.#moment.revision) this.#fault('it comes before it has happened');
    if (event.revision === upTo && isFirst) this.#fault('its revision is split over messages, or comes twice');
    else if (event.revision <= upTo) this.#fault(`it comes twice, or too late: all was there up to ${upTo}`);
    this.#advance(event.revision - 1, 'this came');
    for (const fault of faultsOfEvent(event, change, this.#session.request, this.#life)) this.#fault(fault);
    const listed = place.snapshot?.listed.get(event.key) ?? 0;
    if (listed >= event.revision) this.#fault(`it comes after the entry was listed as it was later, at ${listed}`);
    if (event.type === 'touch') this.#takeTouch(event.key, change.entry!.revision);
    this.#goTo(Math.max(upTo, event.revision));
  }

  #takeTouch(key: string, entryRevision: number): void {
    const {snapshot, replay} = this.place;
    // The entry may have been there, and be gone again before it could be listed.
    if (snapshot) snapshot.touched.set(key, entryRevision);
    else if (replay && !replay.entries.has(key)) this.#fault('the client does not have the entry that it touches');
  }

  #takeListed(event: WatchEvent): void {
    const context = this.#snapshotContext();
    if (!context) return;
    for (const fault of faultsOfListed(event, this.#life.history, context)) this.#fault(fault);
    context.snapshot.listed.set(event.key, event.revision);
  }

  #takeBookmark(revision: number): void {
    if (this.#session.request.bookmarkIntervalMs === undefined) this.#fault('nobody asked for it');
    this.#takeRevision(revision);
  }

  #takeSnapshotEnd(revision: number): void {
    const context = this.#snapshotContext();
    this.#takeRevision(revision);
    if (!context) return;
    for (const key of missingAtEnd(this.#life.history, revision, context)) {
      this.#fault(`"${key}" was there all the time, but was not listed`);
    }
    this.place.snapshot = undefined;
    this.place.replay?.endSnapshot();
  }

  #takeDraining(): void {
    if (!this.#session.stopped) this.#fault('the server was not told to stop');
    this.#isOver = true;
  }

  /** The message says that all up to this revision was delivered. */
  #takeRevision(revision: number): void {
    if (revision < this.place.upTo) this.#fault(`it says ${revision}, but ${this.place.upTo} was there already`);
    if (revision > this.#moment.revision) this.#fault(`it says ${revision}, which is still to come`);
    this.#advance(revision, `all is said to be there up to ${revision}`);
  }

  #takeToken(text: string): void {
    const token = readToken(text);
    if (!token) {
      this.#fault('its token cannot be read');
      return;
    }
    const {revision, epoch} = token;
    if (this.#mustHeal) {
      const given = readToken(this.#session.request.resumeToken);
      if (epoch !== given?.epoch) this.#fault('who resumes with its token is not told of the gap');
      return;
    }
    if (epoch !== (this.#epoch ?? epoch)) this.#fault('its token is of another epoch than the one before');
    if (revision < (this.#tokenRevision ?? 0)) this.#fault(`its token goes back from ${this.#tokenRevision}`);
    if (revision < this.place.upTo) this.#fault(`its token goes back behind ${this.place.upTo}, which was delivered`);
    if (revision > this.#moment.revision) this.#fault('its token is of what is still to come');
    this.#advance(revision, `its token goes on behind ${revision}`);
    this.#epoch = epoch;
    this.#tokenRevision = revision;
  }

  /** Goes on to a revision; whatever was wanted up to it and not delivered is missing. */
  #advance(to: number, why: string): void {
    const {place} = this;
    for (let change = this.#wanted[this.#next]; change && change.revision <= to; change = this.#wanted[this.#next]) {
      const mayMiss = mayLeaveOut(change, place.snapshot, this.#session.request);
      if (!mayMiss) this.#fault(`left out: ${nameOf(change)}, though ${why}`);
      this.#next++;
    }
    place.upTo = Math.max(place.upTo, to);
  }

  /** Goes on from a revision, whatever was before it. */
  #goTo(revision: number): void {
    this.place.upTo = revision;
    this.#next = indexBehind(this.#wanted, revision);
  }

  #compareReplay(): void {
    const {replay, upTo} = this.place;
    if (!replay) return;
    const context = {request: this.#session.request, revision: upTo, moment: this.#moment};
    for (const fault of faultsOfReplay(replay, this.#life.history, context)) this.#fault(fault);
  }

  #snapshotContext(): SnapshotContext | undefined {
    const {place} = this;
    if (place.snapshot) {
      return {place, snapshot: place.snapshot, request: this.#session.request, moment: this.#moment};
    }
    this.#fault('there is no snapshot under way');
    return undefined;
  }

  /** Whether the ring has given up what was still to be delivered, or the server has started again. */
  #gapIsTrue(): boolean {
    return this.#mustHeal || this.#moment.trimmedRevision > (this.#tokenRevision ?? this.place.upTo);
  }

  /** The server has started again, and this was not told yet. */
  get #mustHeal(): boolean {
    return this.place.life !== this.#session.life;
  }

  #fault(text: string): void {
    this.faults.push(`${this.#what}: ${text}`);
  }
}

/** How many of the changes are up to a revision. */
function indexBehind(changes: readonly Change[], revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (changes[middle]!.revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nameOf({type, key, revision}: {type: ChangeType; key: string; revision: number}): string {
  return `${type.toUpperCase()} "${key}" at ${revision}`;
}

function sizeOf(entry: WatchEvent['entry']): number {
  return entry ? entry.key.length + entry.value.length + entry.contentType.length : 0;
}
