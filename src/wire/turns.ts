/**
 * Connections that have something to do at the end of this turn of the event loop, when
 * what can be read has been. What they have to say is then sent, one connection behind
 * the other: whoever reads them has to be woken for the first alone, where a write after
 * each read wakes its reader each time anew.
 */
import {limits} from '../base/index.js';

export interface Turning {
  readonly output: {flush(): void};
  endTurn(): void;
}

export class Turns {
  readonly #soon: (run: () => void) => void;
  #waiting: Turning[] = [];
  /** Of those that wait, how many were flushed before the end. */
  #flushed = 0;

  /** `soon` calls what it is given at the end of the turn. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  /** Whoever is added is told once, and may then be added again. */
  add(connection: Turning): void {
    if (this.#waiting.length - this.#flushed >= limits.wireBuffersMost) this.#flush();
    if (this.#waiting.push(connection) === 1) this.#soon(() => this.#tell());
  }

  /** Each that waits may have a buffer. No more than this is done here: who is added may be in the middle of a write. */
  #flush(): void {
    while (this.#flushed < this.#waiting.length) this.#waiting[this.#flushed++]!.output.flush();
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#flushed = 0;
    for (const connection of waiting) connection.endTurn();
  }
}
