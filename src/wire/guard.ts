/**
 * How often a peer may do what costs us and brings nobody anything: so many times at
 * once, and from then on so many a second. The clock is looked at only at the limit.
 */
import {ConnectionFault} from './errors.js';

export interface GuardOptions {
  most: number;
  perSecond: number;
  /** What is counted, for the message. */
  what: string;
  nowMs: () => number;
}

export class Guard {
  readonly #options: GuardOptions;
  #count = 0;
  #sinceMs: number;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#sinceMs = options.nowMs();
  }

  /** Throws a ConnectionFault once it has happened too often. */
  count(): void {
    if (++this.#count > this.#options.most) this.#forgive();
  }

  /** Something useful came between: counting begins again. */
  reset(): void {
    this.#count = 0;
  }

  #forgive(): void {
    const {most, perSecond, what, nowMs} = this.#options;
    const now = nowMs();
    const forgiven = Math.floor(((now - this.#sinceMs) / 1000) * perSecond);
    if (forgiven < 1) throw new ConnectionFault('ENHANCE_YOUR_CALM', `too many ${what}`);
    this.#count = Math.max(0, this.#count - forgiven);
    this.#sinceMs = now;
    if (this.#count > most) throw new ConnectionFault('ENHANCE_YOUR_CALM', `too many ${what}`);
  }
}
