/**
 * How often a peer may do what costs us and brings nobody anything: so many times at
 * once, and from then on so many a second. The clock is looked at only at the limit.
 */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';

export interface Guarded {
  most: number;
  perSecond: number;
  /** What is counted, for the message. */
  what: string;
}

export interface GuardOptions extends Guarded {
  nowMs: () => number;
}

export const idleFrames: Guarded = {
  most: limits.wireIdleFramesMost,
  perSecond: limits.wireIdleFramesPerSecond,
  what: 'frames that move nothing on',
};

export const resets: Guarded = {
  most: limits.wireResetsMost,
  perSecond: limits.wireResetsPerSecond,
  what: 'streams ended early',
};

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
