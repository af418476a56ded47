/**
 * What is left to do in a turn of the event loop once what can be read has been, for all
 * connections.
 *
 * First what they have to say is sent, one connection behind the other: whoever reads
 * them has to be woken for the first alone, where a write after each read wakes its
 * reader each time anew.
 *
 * Then those go on that are behind: that sent more than is done at once, or are to be
 * sent more. They do so in turn, and for about wireTurnMs over all of them. So a small
 * call on another connection waits for no more than that, however much others ask for,
 * while one connection alone is served as fast as it would be without. Each turn of the
 * event loop costs something, so turns are only as short as they should be for small calls
 * (wireSharedTurnMs, wireSharedTurnCredit) while there are any.
 */
import {limits} from '../base/index.js';

export interface Turning {
  readonly output: {flush(): void};
  endTurn(): void;
  /** Does some of what is left, and sends what comes of it. */
  goOn(): void;
}

export interface TurnsOptions {
  /** Calls what it is given at the end of the turn. */
  soon: (run: () => void) => void;
  nowMs: () => number;
}

export class Turns {
  readonly #options: TurnsOptions;
  #waiting: Turning[] = [];
  /** Of those that wait, how many were flushed before the end. */
  #flushed = 0;
  /** In the order of their turns. */
  readonly #behind = new Set<Turning>();
  #isPlanned = false;
  #endMs = 0;
  #credit = limits.wireTurnCredit;
  /** For how many turns it is still assumed that somebody asks for little. */
  #sharedTurns = 0;
  /** What came of those that are behind and waits to be read. */
  unreadBytes = 0;
  /** How often a turn ended with connections that had to wait for the next. */
  cutTurns = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Whoever is added is told once, and may then be added again. */
  add(connection: Turning): void {
    if (this.#waiting.length - this.#flushed >= limits.wireBuffersMost) this.#flush();
    this.#waiting.push(connection);
    this.#plan();
  }

  /** It has more to do than is done at once. */
  addBehind(connection: Turning): void {
    this.#behind.add(connection);
    this.#plan();
  }

  leave(connection: Turning): void {
    this.#behind.delete(connection);
  }

  /** Credit for what a connection has just sent; all that it needs where too much waits already. */
  creditFor(bytes: number): number {
    if (this.unreadBytes >= limits.wireUnreadBytesMost) return Number.POSITIVE_INFINITY;
    // Who sends little is not to wait for those who send much.
    const least = bytes <= limits.wireSmallReadBytes ? limits.wireSmallReadCredit : 0;
    return Math.max(least, Math.min(limits.wireReadCredit, this.#credit));
  }

  /** Somebody is there who asks for little. */
  share(): void {
    this.#sharedTurns = limits.wireSharedTurns;
  }

  /** So much was done before the end of the turn. */
  spend(credit: number): void {
    this.#credit -= credit;
  }

  /** What can wait may be done in this turn. */
  get hasCredit(): boolean {
    return this.#credit > 0;
  }

  /** Who is behind has done enough for this turn. */
  get isOver(): boolean {
    return this.#options.nowMs() >= this.#endMs;
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#options.soon(() => this.#tell());
  }

  /** Each that waits may have a buffer. No more than this is done here: who is added may be in the middle of a write. */
  #flush(): void {
    while (this.#flushed < this.#waiting.length) this.#waiting[this.#flushed++]!.output.flush();
  }

  #tell(): void {
    this.#isPlanned = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#flushed = 0;
    // Who is behind has more to say in a moment.
    for (const connection of waiting) if (!this.#behind.has(connection)) connection.endTurn();
    if (this.#behind.size > 0) {
      this.#goOn();
      for (const connection of waiting) if (this.#behind.has(connection)) connection.endTurn();
    }
    this.#credit = this.#isShared && this.#behind.size > 0 ? limits.wireSharedTurnCredit : limits.wireTurnCredit;
  }

  get #isShared(): boolean {
    return this.#sharedTurns > 0;
  }

  #goOn(): void {
    this.#endMs = this.#options.nowMs() + (this.#isShared ? limits.wireSharedTurnMs : limits.wireTurnMs);
    if (this.#isShared) this.#sharedTurns--;
    // Each but once: who has more to do then comes behind the others.
    let left = this.#behind.size;
    for (const connection of this.#behind) {
      this.#behind.delete(connection);
      connection.goOn();
      if (--left === 0 || this.isOver) break;
    }
    if (this.#behind.size === 0) return;
    this.cutTurns++;
    this.#plan();
  }
}
