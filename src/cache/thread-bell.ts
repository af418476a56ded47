/**
 * How the watch hub of a thread hears of changes that other threads make, without
 * looking for them again and again: with nothing to do it sleeps at a word of shared
 * memory, and whoever changes something while any hub sleeps rings there.
 *
 *   word   0 how many hubs are asleep
 *          1 the bell, which is only waited at
 *
 * No change is missed between the last look at the log and the sleep: a hub waits at
 * the bell and counts itself, and then looks once more. Whoever makes a change after
 * that look finds it counted. So a change costs one load where nobody is asleep, and
 * otherwise one ring a turn of the event loop. A ring for nothing costs the hub a turn.
 *
 * A wait cannot be taken back. One that is still under way when its hub is woken by
 * something else is there for the hub's next sleep, so there is never more than one.
 */
import type {Schedule} from './schedule.js';

const word = {asleep: 0, bell: 1} as const;
const words = 2;

export interface BellOptions {
  buffer: SharedArrayBuffer;
  schedule: Schedule;
  /** Called in a hub that sleeps; it wakes up, or will be called again. */
  onRing: () => void;
}

export class ThreadBell {
  readonly #words: Int32Array;
  readonly #schedule: Schedule;
  readonly #onRing: () => void;
  #isAsleep = false;
  #isWaiting = false;
  #isRingScheduled = false;

  constructor({buffer, schedule, onRing}: BellOptions) {
    this.#words = new Int32Array(buffer);
    this.#schedule = schedule;
    this.#onRing = onRing;
  }

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * words);
  }

  /** Wakes the hubs that are asleep, at the end of this turn. To be called behind a change. */
  ring(): void {
    if (this.#isRingScheduled || Atomics.load(this.#words, word.asleep) === 0) return;
    this.#isRingScheduled = true;
    this.#schedule(() => {
      this.#isRingScheduled = false;
      Atomics.notify(this.#words, word.bell);
    });
  }

  /** Sleeps until there is a ring; not at all if the last look says that there is something to do. */
  sleep(isBehind: () => boolean): void {
    this.#wait();
    this.#isAsleep = true;
    Atomics.add(this.#words, word.asleep, 1);
    if (isBehind()) this.#onRing();
  }

  /** The hub has something to do, or nobody left to do it for. */
  wakeUp(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    Atomics.sub(this.#words, word.asleep, 1);
  }

  /** Ends the wait that may be under way. */
  close(): void {
    this.wakeUp();
    if (this.#isWaiting) Atomics.notify(this.#words, word.bell);
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    // Always a promise: what is waited at never changes.
    void Promise.resolve(Atomics.waitAsync(this.#words, word.bell, 0).value).then(() => {
      this.#isWaiting = false;
      if (this.#isAsleep) this.#onRing();
    });
  }
}
