/**
 * Records that have a deadline, by the tick in which it falls: a calendar.
 *
 * A read checks its own record, so nothing expired is ever returned; this is what
 * frees the memory of those that nobody reads. Adding and removing cost the same
 * however many there are.
 */

/** How exactly deadlines are kept apart here; a record is found at most this long after its own. */
const tickMs = 100;

export interface WithDeadline {
  deadlineMs: number;
}

export class Deadlines<R extends WithDeadline> {
  readonly #recordsByTick = new Map<number, Set<R>>();
  #sweptTick = Number.NEGATIVE_INFINITY;

  add(record: R): void {
    if (record.deadlineMs === Number.POSITIVE_INFINITY) return;
    const tick = tickOf(record);
    let records = this.#recordsByTick.get(tick);
    if (!records) {
      records = new Set();
      this.#recordsByTick.set(tick, records);
      this.#sweptTick = Math.min(this.#sweptTick, tick - 1);
    }
    records.add(record);
  }

  remove(record: R): void {
    const tick = tickOf(record);
    const records = this.#recordsByTick.get(tick);
    records?.delete(record);
    if (records?.size === 0) this.#recordsByTick.delete(tick);
  }

  /** Some record whose deadline has passed; undefined if there is none. */
  next(nowMs: number): R | undefined {
    const nowTick = Math.floor(nowMs / tickMs);
    if (nowTick <= this.#sweptTick) return undefined;
    for (const tick of this.#ticksUpTo(nowTick)) {
      const records = this.#recordsByTick.get(tick);
      for (const record of records ?? []) return record;
      if (tick === this.#sweptTick + 1) this.#sweptTick = tick;
    }
    this.#sweptTick = nowTick;
    return undefined;
  }

  /** The ticks that are due: counted up, or looked for where a jump of the clock makes that longer. */
  *#ticksUpTo(nowTick: number): Iterable<number> {
    if (nowTick - this.#sweptTick <= this.#recordsByTick.size) {
      for (let tick = this.#sweptTick + 1; tick <= nowTick; tick++) yield tick;
    } else {
      for (const tick of this.#recordsByTick.keys()) if (tick <= nowTick) yield tick;
    }
  }
}

/** Rounded up, so that every record of a tick that has begun is past its deadline. */
function tickOf(record: WithDeadline): number {
  return Math.ceil(record.deadlineMs / tickMs);
}
