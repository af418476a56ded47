/**
 * The store's change log against the model's plain list of changes: what each step
 * adds, and what is left of the whole where the ring is too small for it. Throws what
 * differs.
 */
import {isDeepStrictEqual} from 'node:util';
import {type Change, type ChangeLog, ChangeReader, type LoggedEntry} from '../../src/store/index.js';
import {Random} from './random.js';

/** A ring of this size is read from end to end after each step. */
const smallRingBytes = 64 * 1024;
const seeksPerStep = 6;
/** What a record is besides key, content types and values; and the share of the ring from which on it keeps no value. */
const headerBytes = 52;
const recordShareMost = 1 / 16;

export class HistoryCheck {
  readonly #log: ChangeLog;
  readonly #changes: Change[];
  readonly #reader: ChangeReader;
  readonly #random = new Random(1);
  /** Where the next step's changes begin, in the log and in the list. */
  #position = 0;
  #count = 0;

  constructor(log: ChangeLog, changes: Change[]) {
    this.#log = log;
    this.#changes = changes;
    this.#reader = new ChangeReader(log);
  }

  /** To be called after each step. */
  compareAdded(): void {
    const added = this.#readFrom(this.#position);
    if (added) same('changes added', added, this.#expected(this.#count));
    else same('changes added are gone, and trimmed', this.#log.tail > this.#position, true);
    this.#position = this.#log.head;
    this.#count = this.#changes.length;
    if (this.#log.sizeBytes <= smallRingBytes) this.compareLeft();
  }

  /**
   * To be called after a sweep, of which the model cannot know in what order it met
   * what was due: what it has written down takes the order that the log has.
   */
  takeOrder(): void {
    const places = new Map<string, number>();
    const left = this.#readFrom(Math.max(this.#position, this.#log.tail)) ?? [];
    for (const [place, change] of left.entries()) places.set(nameOf(change), place);
    const added = this.#changes.splice(this.#count);
    const revisions = added.map(change => change.revision);
    const placeOf = (change: Change) => places.get(nameOf(change)) ?? -1;
    added.sort((one, other) => placeOf(one) - placeOf(other));
    this.#changes.push(...added.map((change, index) => ({...change, revision: revisions[index]!})));
  }

  /** What is left is the end of the list, and can be found by revision and by block. */
  compareLeft(): void {
    const left = this.#readFrom(this.#log.tail) ?? [];
    const goneCount = this.#changes.length - left.length;
    same('what is left', left, this.#expected(goneCount));
    same('trimmed revision', this.#log.trimmedRevision, this.#changes[goneCount - 1]?.revision ?? 0);
    same('whether there were trims', this.#log.trims > 0, goneCount > 0);
    for (let count = 0; count < seeksPerStep; count++) this.#trySeek();
    this.#walkBack(left);
  }

  /** Where a revision is sought, the next greater one follows; where that one is gone, nothing is answered. */
  #trySeek(): void {
    const near = this.#changes.length > 0 ? this.#random.pick(this.#changes).revision : 0;
    const revision = this.#random.pick([near, Math.max(0, near - 1), near + 1, this.#log.trimmedRevision, 0]);
    const position = this.#log.seek(revision);
    same(`whether ${revision} is gone`, position === undefined, revision < this.#log.trimmedRevision);
    if (position === undefined) return;
    const met = this.#reader.meet(position);
    const expected = this.#changes.find(each => each.revision > revision);
    same(`what follows ${revision}`, met === 'change' ? this.#reader.revision : met, expected?.revision ?? 'end');
  }

  /** From block to block back to the tail, every change is met once. */
  #walkBack(left: readonly Change[]): void {
    const revisions: number[] = [];
    let end = this.#log.head;
    for (let start = this.#log.startBefore(end); start !== undefined; start = this.#log.startBefore(end)) {
      revisions.unshift(...(this.#readFrom(start, end) ?? []).map(change => change.revision));
      end = start;
    }
    same('where the walk back ends', end, this.#log.tail);
    same(
      'what the walk back meets',
      revisions,
      left.map(change => change.revision),
    );
  }

  /** Every change from a position on; undefined if the position is gone. */
  #readFrom(position: number, end = this.#log.head): Change[] | undefined {
    const changes: Change[] = [];
    let at = position;
    for (let met = this.#reader.meet(at); met !== 'end'; met = this.#reader.meet(at)) {
      if (met === 'gone') return undefined;
      if (this.#reader.next > end) break;
      changes.push(this.#reader.change());
      at = this.#reader.next;
    }
    return changes;
  }

  #expected(from: number): Change[] {
    return this.#changes.slice(from).map(change => asLogged(change, this.#log.sizeBytes));
  }
}

/** The change without what a ring of this size would not keep of it: each value is kept that still fits. */
function asLogged(change: Change, ringBytes: number): Change {
  const {type, key, entry, previous} = change;
  const replaced = type === 'put' ? previous : undefined;
  const about = entry ?? previous;
  if (!about) return change;
  const namesBytes = key.length + about.contentType.length + (replaced?.contentType.length ?? 0);
  let left = Math.max(0, ringBytes * recordShareMost - headerBytes - namesBytes);
  const kept = (of: LoggedEntry) => {
    if (of.value.length > left) return {...of, value: new Uint8Array(0), valueOmitted: true};
    left -= of.value.length;
    return of;
  };
  const logged: Change = {...change};
  if (entry) logged.entry = kept(entry);
  if (previous) logged.previous = kept(previous);
  return logged;
}

function nameOf({namespace, key}: Change): string {
  return `${namespace} ${Buffer.from(key).toString('latin1')}`;
}

function same(what: string, ofLog: unknown, ofModel: unknown): void {
  if (isDeepStrictEqual(ofLog, ofModel)) return;
  throw new Error(`${what}\n  of the log:   ${show(ofLog)}\n  of the model: ${show(ofModel)}`);
}

/** Bytes as text, cut. */
function show(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (each === Number.POSITIVE_INFINITY) return 'never';
    if (!(each instanceof Uint8Array)) return each;
    return `${Buffer.from(each.subarray(0, 20)).toString('latin1')} (${each.length} bytes)`;
  });
}
