/**
 * Records by deadline: a hierarchical timing wheel (Varghese and Lauck, "Hashed and
 * hierarchical timing wheels", 1987). Adding and removing cost the same however many
 * there are; time passing costs one step a tick, and one step for each record that
 * is due or moves to a finer level.
 *
 *   level 0   64 slots of one tick (64 ms)
 *   level 1   64 slots of 64 ticks (4 s)
 *   …
 *   level 5   64 slots of 64^5 ticks (2 years); in all 139 years
 *
 * A slot is a list through the records. The first of a slot names it, as -1 - slot,
 * where the others name the record before them.
 */
import {assert} from '../base/index.js';
import {field} from './layout.js';
import type {Records} from './records.js';
import {noDeadline} from './types.js';

/** Words of a record, bound here as in records.ts. */
const {wheelPrev: wheelPrevWord, wheelNext: wheelNextWord} = field;

export const tickMs = 64;
const slotsPerLevel = 64;
const levels = 6;
const slotCount = levels * slotsPerLevel;

/** Nothing is due any more. */
const none = 0;

export class TimingWheel {
  readonly #records: Records;
  readonly #slots: Int32Array;
  /** The last tick that is done with, and how many records are in the wheel. */
  readonly #state: Float64Array;

  constructor(records: Records, slots: Int32Array, state: Float64Array) {
    this.#records = records;
    this.#slots = slots;
    this.#state = state;
  }

  static readonly slotWords = slotCount;
  static readonly stateNumbers = 2;

  initialize(nowMs: number): void {
    this.#state[0] = Math.floor(nowMs / tickMs);
  }

  get size(): number {
    return this.#state[1]!;
  }

  /** A record that is not in the wheel, by its deadline; one without any stays out. */
  add(ref: number): void {
    this.#state[1]! += this.#addFrom(ref, this.#state[0]! + 1) ? 1 : 0;
  }

  remove(ref: number): void {
    const records = this.#records;
    const previous = records.get(ref, wheelPrevWord);
    if (previous === 0) return;
    const next = records.get(ref, wheelNextWord);
    if (previous < 0) this.#slots[-1 - previous] = next;
    else records.set(previous, wheelNextWord, next);
    if (next !== 0) records.set(next, wheelPrevWord, previous);
    records.set(ref, wheelPrevWord, 0);
    this.#state[1]!--;
  }

  moved(to: number): void {
    const records = this.#records;
    const previous = records.get(to, wheelPrevWord);
    if (previous === 0) return;
    const next = records.get(to, wheelNextWord);
    if (previous < 0) this.#slots[-1 - previous] = to;
    else records.set(previous, wheelNextWord, to);
    if (next !== 0) records.set(next, wheelPrevWord, to);
  }

  /**
   * A record that is due by now; 0 if none is, or if the steps are used up first.
   * To be called until it answers 0; whoever calls removes the record.
   */
  nextDue(nowMs: number, steps: {left: number}): number {
    const nowTick = Math.floor(nowMs / tickMs);
    while (this.#state[0]! < nowTick) {
      if (this.#state[1] === 0) {
        this.#state[0] = nowTick;
        return none;
      }
      const tick = this.#state[0]! + 1;
      if (!this.#cascade(tick, steps)) return none;
      const due = this.#slots[tick % slotsPerLevel]!;
      if (steps.left-- <= 0) return none;
      if (due !== 0) return due;
      this.#state[0] = tick;
    }
    return none;
  }

  /** For the walk of invariants: the records of each slot, and the ticks that the slot stands for. */
  *walk(): Iterable<{ref: number; slot: number; before: number}> {
    for (let slot = 0; slot < slotCount; slot++) {
      let before = -1 - slot;
      for (let ref = this.#slots[slot]!; ref !== 0; ref = this.#records.get(ref, wheelNextWord)) {
        yield {ref, slot, before};
        before = ref;
      }
    }
  }

  /** For the walk: whether a record's slot will be looked at no later than at its deadline, rounded up to a tick. */
  isWellPlaced(ref: number, slot: number): boolean {
    const level = Math.floor(slot / slotsPerLevel);
    const span = slotsPerLevel ** level;
    const nextTick = this.#state[0]! + 1;
    const tick = Math.max(this.#tickOf(ref), nextTick);
    return Math.floor(tick / span) % slotsPerLevel === slot % slotsPerLevel && tick - nextTick <= span * slotsPerLevel;
  }

  /** Distributes over finer slots what begins with this tick; false if the steps are used up first. */
  #cascade(tick: number, steps: {left: number}): boolean {
    for (let level = levels - 1; level > 0; level--) {
      const span = slotsPerLevel ** level;
      if (tick % span !== 0) continue;
      const slot = level * slotsPerLevel + (Math.floor(tick / span) % slotsPerLevel);
      for (let ref = this.#slots[slot]!; ref !== 0; ref = this.#slots[slot]!) {
        if (steps.left-- <= 0) return false;
        this.#slots[slot] = this.#records.get(ref, wheelNextWord);
        this.#addFrom(ref, tick);
        const next = this.#slots[slot]!;
        if (next !== 0) this.#records.set(next, wheelPrevWord, -1 - slot);
      }
    }
    return true;
  }

  /** Adds a record to the slot of its deadline, as seen from the tick that is to be done next. */
  #addFrom(ref: number, nextTick: number): boolean {
    const records = this.#records;
    if (records.deadlineMs(ref) === noDeadline) {
      records.set(ref, wheelPrevWord, 0);
      return false;
    }
    const tick = Math.max(this.#tickOf(ref), nextTick);
    let span = 1;
    let level = 0;
    while (tick - nextTick >= span * slotsPerLevel) {
      span *= slotsPerLevel;
      level++;
    }
    assert(level < levels, 'no deadline is further away than the wheel reaches');
    const slot = level * slotsPerLevel + (Math.floor(tick / span) % slotsPerLevel);
    const first = this.#slots[slot]!;
    records.set(ref, wheelPrevWord, -1 - slot);
    records.set(ref, wheelNextWord, first);
    if (first !== 0) records.set(first, wheelPrevWord, ref);
    this.#slots[slot] = ref;
    return true;
  }

  /** Rounded up, so that a record is past its deadline when its tick has come. */
  #tickOf(ref: number): number {
    return Math.ceil(this.#records.deadlineMs(ref) / tickMs);
  }
}
