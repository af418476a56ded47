/**
 * All watchers of a thread. Those that are in step share one cursor in the change
 * log: each change is read once, its watchers are found in an index, and watchers with
 * the same plan, a group, are sent the same message. The others, followers, read on
 * their own until they have caught up.
 *
 * The work is done in turns of the event loop, a slice each. While a message is on its
 * way to a large group, and for a while behind it, the cursor waits, and what happens
 * meanwhile comes together in the next message: under load there are fewer and larger
 * messages, not a queue.
 */
import {CacheError, type Clock, limits} from '../base/index.js';
import {type ChangeLog, ChangeReader, type Store, typeNumber} from '../store/index.js';
import {decodeResumeToken, encodeResumeToken} from './resume-token.js';
import type {Schedule} from './schedule.js';
import type {SnapshotParts} from './snapshot.js';
import {ThreadBell} from './thread-bell.js';
import type {Delivery, Group} from './watch-group.js';
import {WatchIndex} from './watch-index.js';
import {WatchPace} from './watch-pace.js';
import {type EventMaker, fitted, shapes, sizeOfEvent, type WatchPlan, wants} from './watch-plan.js';
import type {WatchEvent, Watcher, WatchMessage, WatchRequest, WatchSink, WatchStats} from './watch-types.js';
import {WatcherState, type WatchParts} from './watcher.js';

/** After so many changes that nobody watches a turn looks at the clock; after anything else at once. */
const changesPerLook = 16;

export interface HubOptions extends SnapshotParts {
  clock: Clock;
  schedule: Schedule;
  events: EventMaker;
  /** Of resume tokens. */
  epoch: string;
  /** When the server started, in milliseconds since 1970. */
  startTimeMs: number;
  /** For counting the watchers of all threads. */
  watchersOpen: SharedArrayBuffer;
  /** Where other threads change entries as well; see thread-bell.ts. */
  bell?: SharedArrayBuffer;
}

export class WatchHub {
  readonly #store: Store;
  readonly #log: ChangeLog;
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #startTimeMs: number;
  readonly #parts: WatchParts;
  readonly #reader: ChangeReader;
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<WatcherState, Group>();
  readonly #index: WatchIndex<Group>;
  readonly #watchers = new Set<WatcherState>();
  /** One number: how many watchers there are on all threads. */
  readonly #open: Int32Array;
  /** Those that can read on. */
  readonly #followers = new Set<WatcherState>();
  readonly #deliveries: Delivery[] = [];
  readonly #dirty = new Set<Group>();
  readonly #pace: WatchPace;
  readonly #bell: ThreadBell | undefined;
  /** Up to where the log has been when this thread told of its changes. */
  #headTold = 0;
  /** Of the cursor that groups share. */
  #position = 0;
  #revision = 0;
  #isScheduled = false;
  #cancels = 0;
  #isStopped = false;

  constructor(options: HubOptions) {
    const {store, clock, schedule, events, entryOf, epoch, startTimeMs, bell} = options;
    this.#store = store;
    this.#log = store.changeLog!;
    this.#clock = clock;
    this.#schedule = schedule;
    this.#startTimeMs = startTimeMs;
    this.#pace = new WatchPace(clock, schedule, () => this.#wake());
    this.#open = new Int32Array(options.watchersOpen);
    this.#bell = bell && new ThreadBell({buffer: bell, schedule, onRing: () => this.#wake()});
    this.#reader = new ChangeReader(this.#log);
    const counts = {eventsDelivered: 0, resyncs: 0};
    this.#parts = {store, events, entryOf, counts, epoch, reader: this.#reader};
    this.#index = new WatchIndex((namespace, key) => store.hashOf(namespace, key));
  }

  add(plan: WatchPlan, request: WatchRequest, sink: WatchSink): Watcher {
    if (this.#isStopped) throw new CacheError('DRAINING', 'the server is going away');
    if (Atomics.load(this.#open, 0) >= limits.watchersMost) {
      throw new CacheError('TOO_MANY_WATCHERS', `${limits.watchersMost} watches are open, and no more are allowed`);
    }
    const watcher = new WatcherState(plan, sink, this.#parts);
    const scope = {epoch: this.#parts.epoch, targets: plan.targets.digest};
    const {resumeToken: token, initialState} = request;
    if (token === '') watcher.begin(initialState);
    else watcher.resume(decodeResumeToken(token, scope, this.#store.lastRevision), token);
    watcher.sentMs = this.#clock.nowMs();
    this.#watchers.add(watcher);
    Atomics.add(this.#open, 0, 1);
    this.#follow(watcher);
    this.#wake();
    return {
      drained: () => {
        watcher.isBlocked = false;
        this.#follow(watcher);
        this.#wake();
      },
      closed: () => this.#end(watcher),
    };
  }

  /** To be called behind whatever may have changed entries. What a snapshot finds expired, other threads hear of with the next sweep. */
  changed(): void {
    const {head} = this.#log;
    if (head === this.#headTold) return;
    this.#headTold = head;
    this.#wake();
    this.#bell?.ring();
  }

  /** There may be something to do. */
  #wake(): void {
    if (this.#isScheduled) return;
    this.#bell?.wakeUp();
    if (this.#watchers.size === 0) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      const {head} = this.#log;
      if (!this.#turn()) this.#wake();
      else this.#sleep(head);
    });
  }

  /** Sends the bookmarks that are due. To be called again and again. */
  tick(): void {
    const nowMs = this.#clock.nowMs();
    // A group's message that is still on its way tells of less than the cursor has passed.
    const late = new Set(this.#deliveries.flatMap(({watchers, next}) => watchers.slice(next)));
    for (const [watcher] of this.#groupOf) {
      const {bookmarkMs} = watcher.plan;
      if (bookmarkMs === undefined || nowMs - watcher.sentMs < bookmarkMs || late.has(watcher)) continue;
      watcher.revision = this.#revision;
      watcher.bookmark();
      this.#sent(watcher, nowMs, this.#position);
    }
  }

  /** Tells every watcher that the server is going away, and where to go on; ends their streams, and takes no more. */
  stop(): void {
    this.#isStopped = true;
    for (const {watchers, next} of this.#deliveries) for (const watcher of watchers.slice(next)) this.#leave(watcher);
    for (const [watcher] of this.#groupOf) watcher.revision = this.#revision;
    for (const watcher of [...this.#watchers]) {
      this.#remove(watcher);
      watcher.drain();
    }
    this.#bell?.close();
  }

  stats(): WatchStats {
    const end = this.#log.end();
    let slowest = this.#groups.size > 0 ? {position: this.#position, revision: this.#revision} : end;
    for (const watcher of this.#watchers) {
      if (!this.#groupOf.has(watcher) && watcher.position < slowest.position) slowest = watcher;
    }
    return {
      historyBytes: this.#log.sizeBytes,
      historyStartMs: this.historyStartMs,
      trims: this.#log.trims,
      watchers: this.#watchers.size,
      ...this.#parts.counts,
      slowestLagRevisions: Math.max(0, end.revision - slowest.revision),
      slowestLagBytes: Math.max(0, end.position - slowest.position),
      cancels: this.#cancels,
    };
  }

  /** Since when every change is known, in milliseconds since 1970. */
  get historyStartMs(): number {
    const trimmed = this.#log.trimmedRevision;
    return trimmed === 0 ? this.#startTimeMs : trimmed / 1000;
  }

  /** Until there are changes behind where the head was, if there is anybody to tell of them. */
  #sleep(head: number): void {
    const isListening = this.#groups.size > 0 || this.#followers.size > 0;
    if (isListening && !this.#isScheduled) this.#bell?.sleep(() => this.#log.end().position !== head);
  }

  /** Works for a slice; true if nothing is left to do. */
  #turn(): boolean {
    const endMs = this.#clock.nowMs() + limits.sliceMs;
    const isOver = () => this.#clock.nowMs() >= endMs;
    let isDone = this.#deliver(isOver);
    if (isDone && !this.#rests()) {
      isDone = this.#read(isOver);
      this.#flush();
      isDone = this.#deliver(isOver) && isDone;
    }
    // One at least, however long the rest takes.
    return this.#followAll(isOver) && isDone;
  }

  /** True if the next changes are to wait, unless there is a message full of them: the log must not pass those in step while they rest. */
  #rests(): boolean {
    const fullBytes = Math.min(limits.watchMessageBytes, this.#log.sizeBytes / 4);
    return this.#log.head - this.#position < fullBytes && this.#pace.rests();
  }

  /** Moves the shared cursor on; true if it has come to the end. */
  #read(isOver: () => boolean): boolean {
    if (this.#groups.size === 0) return true;
    const reader = this.#reader;
    for (let step = 1; ; step++) {
      const met = reader.meet(this.#position);
      if (met === 'gone') {
        this.#loseAll();
        return true;
      }
      const isWatched = met === 'change' && this.#collect();
      if (met === 'change') this.#revision = reader.revision;
      this.#position = reader.next;
      if (met === 'end') return true;
      if ((isWatched || step % changesPerLook === 0) && isOver()) return false;
    }
  }

  /** Adds the change that the reader has met to the batches of those who watch it; true if anybody may. */
  #collect(): boolean {
    const {namespace, hash, typeNumber: type} = this.#reader;
    const made = new Array<WatchEvent | undefined>(shapes);
    if (type === typeNumber.purge) {
      this.#index.forEachUnder(namespace, this.#reader.key, group => this.#addTo(group, made));
      return true;
    }
    if (!this.#index.mayWatch(namespace, hash)) return false;
    this.#index.forEachOf(namespace, this.#reader.key, hash, group => this.#addTo(group, made));
    return true;
  }

  #addTo(group: Group, made: (WatchEvent | undefined)[]): void {
    const {plan, batch} = group;
    const reader = this.#reader;
    if (!wants(plan, reader.typeNumber) || batch.at(-1)?.revision === reader.revision) return;
    made[plan.shape] ??= this.#parts.events.ofChange(reader.change(), plan);
    const event = fitted(made[plan.shape]!, plan.maxBytes);
    const bytes = sizeOfEvent(event);
    const most = Math.min(plan.maxBytes, limits.watchMessageBytes);
    if (batch.length > 0 && group.batchBytes + bytes > most) this.#flushGroup(group);
    group.batch.push(event);
    group.batchBytes += bytes;
    this.#dirty.add(group);
  }

  #flush(): void {
    for (const group of this.#dirty) this.#flushGroup(group);
  }

  /** What a group has collected becomes a message; it tells of all that the cursor has passed. */
  #flushGroup(group: Group): void {
    this.#dirty.delete(group);
    if (group.batch.length === 0) return;
    const resumeToken = encodeResumeToken({revision: this.#revision}, {epoch: this.#parts.epoch, targets: 0});
    const message: WatchMessage = {resumeToken, news: {kind: 'events', events: group.batch}};
    group.batch = [];
    group.batchBytes = 0;
    const watchers = [...group.watchers];
    if (this.#deliveries.length === 0) this.#pace.beginRound();
    this.#deliveries.push({group, watchers, next: 0, message, position: this.#position, revision: this.#revision});
  }

  /** Sends what is on its way; true if all is sent. */
  #deliver(isOver: () => boolean): boolean {
    if (this.#deliveries.length === 0) return true;
    const nowMs = this.#clock.nowMs();
    while (this.#deliveries.length > 0) {
      const delivery = this.#deliveries[0]!;
      const {group, watchers, message, position, revision} = delivery;
      while (delivery.next < watchers.length) {
        const watcher = watchers[delivery.next++]!;
        // It may have left since, or have left and come back further on.
        if (this.#groupOf.get(watcher) === group && watcher.position < position) {
          watcher.deliver(message, revision);
          this.#sent(watcher, nowMs, position);
        }
        if (isOver()) return false;
      }
      this.#deliveries.shift();
    }
    this.#pace.endRound();
    return true;
  }

  /** Notes that a watcher in step was sent something, behind which it is at a position. */
  #sent(watcher: WatcherState, nowMs: number, position: number): void {
    watcher.sentMs = nowMs;
    watcher.position = position;
    if (watcher.isOver) this.#end(watcher);
    else if (watcher.isBlocked) this.#leave(watcher);
  }

  /** Lets followers read on; true if none has more to do for now. */
  #followAll(isOver: () => boolean): boolean {
    let isDone = true;
    let left = this.#followers.size;
    for (const watcher of [...this.#followers]) {
      if (!this.#stepOf(watcher)) isDone = false;
      left--;
      if (isOver()) break;
    }
    return isDone && left === 0;
  }

  /** Lets a follower read on, and join its group where it has caught up; true if there is nothing more for it to do. */
  #stepOf(watcher: WatcherState): boolean {
    const isBehind = this.#groups.size > 0 && watcher.position < this.#position && !watcher.hasSnapshot;
    const until = isBehind ? this.#position : Number.POSITIVE_INFINITY;
    const before = watcher.position;
    const hadSnapshot = watcher.hasSnapshot;
    watcher.sentMs = this.#clock.nowMs();
    watcher.step(until);
    // The next comes first next time.
    this.#followers.delete(watcher);
    if (watcher.isOver) this.#end(watcher);
    if (watcher.isOver || watcher.isBlocked) return true;
    if (!watcher.hasSnapshot && this.#isInStep(watcher)) {
      this.#join(watcher);
      return true;
    }
    this.#followers.add(watcher);
    // What a step for the snapshot did not come to in the log is left for the next.
    return !hadSnapshot && !watcher.hasSnapshot && watcher.position === before;
  }

  #isInStep({position}: WatcherState): boolean {
    return this.#groups.size > 0 ? position === this.#position : position >= this.#log.head;
  }

  #join(watcher: WatcherState): void {
    if (this.#groups.size === 0) {
      this.#position = watcher.position;
      this.#revision = watcher.revision;
    }
    let group = this.#groups.get(watcher.plan.text);
    if (!group) {
      group = {plan: watcher.plan, watchers: new Set(), batch: [], batchBytes: 0};
      this.#groups.set(watcher.plan.text, group);
      this.#index.add(group);
    }
    group.watchers.add(watcher);
    this.#groupOf.set(watcher, group);
  }

  /** Out of its group, where it is. */
  #leave(watcher: WatcherState): void {
    const group = this.#groupOf.get(watcher);
    if (!group) return;
    this.#groupOf.delete(watcher);
    group.watchers.delete(watcher);
    if (group.watchers.size > 0) return;
    this.#groups.delete(group.plan.text);
    this.#dirty.delete(group);
    this.#index.delete(group);
  }

  /** The log has passed the shared cursor: nobody is in step any more, and each will find on its own that there is a gap. */
  #loseAll(): void {
    for (const [watcher] of [...this.#groupOf]) {
      this.#leave(watcher);
      watcher.position = this.#position;
      watcher.revision = this.#revision;
      this.#follow(watcher);
    }
  }

  #follow(watcher: WatcherState): void {
    if (!watcher.isOver && !watcher.isBlocked && !this.#groupOf.has(watcher)) this.#followers.add(watcher);
  }

  /** The stream has ended, or is to. */
  #end(watcher: WatcherState): void {
    watcher.isOver = true;
    if (this.#watchers.has(watcher)) this.#cancels++;
    this.#remove(watcher);
  }

  #remove(watcher: WatcherState): void {
    this.#leave(watcher);
    this.#followers.delete(watcher);
    if (this.#watchers.delete(watcher)) Atomics.sub(this.#open, 0, 1);
  }
}
