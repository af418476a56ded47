/** The turns of the event loop, which a test makes by hand, and those that are to come later. */
import type {Clock} from '../../src/base/index.js';
import type {Schedule} from '../../src/cache/schedule.js';

export class ManualTurns {
  readonly #clock: Clock;
  readonly #waiting: {atMs: number; turn: () => void}[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly schedule: Schedule = (turn, afterMs = 0) => {
    this.#waiting.push({atMs: this.#clock.nowMs() + afterMs, turn});
  };

  /** The next turn whose time has come, to be called. */
  take(): (() => void) | undefined {
    const nowMs = this.#clock.nowMs();
    const index = this.#waiting.findIndex(({atMs}) => atMs <= nowMs);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0]!.turn;
  }

  /** In how many milliseconds there is a turn; undefined if none is wanted. */
  get nextInMs(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    return Math.max(0, Math.min(...this.#waiting.map(({atMs}) => atMs)) - this.#clock.nowMs());
  }

  /** Turns until none is wanted for now. */
  rest(): void {
    while (this.nextInMs === 0) this.take()?.();
  }
}
