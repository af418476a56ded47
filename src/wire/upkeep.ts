/**
 * How long a connection may be what it is: silent, slow, stalled, idle or old.
 *
 * Looked at about once a second for each connection, so no bound here is exact, and
 * none costs a timer.
 */
import {limits} from '../base/index.js';

export interface Lifetime {
  /** The connection is asked to go when it is so old; undefined: never. */
  maxAgeMs?: number;
  /** The same when it has had no call for so long. */
  maxIdleMs?: number;
}

export interface ConnectionState {
  /** It has said that it speaks HTTP/2. */
  hasPreface: boolean;
  /** Since when headers are incomplete, if they are. */
  headersSinceMs: number | undefined;
  streams: number;
  /** What is to be sent and has not been. */
  waitingBytes: number;
  /** All that has been sent. */
  sentBytes: number;
}

export type Verdict = 'ping' | 'leave' | 'destroy' | {slow: string} | undefined;

export class Upkeep {
  readonly #lifetime: Lifetime;
  readonly #beganMs: number;
  #heard = false;
  #heardMs: number;
  #pingedMs: number | undefined;
  #busyMs: number;
  #sentBytes = 0;
  #sentMs: number;

  constructor(lifetime: Lifetime, nowMs: number) {
    this.#lifetime = lifetime;
    this.#beganMs = nowMs;
    this.#heardMs = nowMs;
    this.#busyMs = nowMs;
    this.#sentMs = nowMs;
  }

  /** The peer sent something. */
  heard(): void {
    this.#heard = true;
  }

  check(nowMs: number, state: ConnectionState): Verdict {
    this.#note(nowMs, state);
    if (!state.hasPreface) return nowMs - this.#beganMs > limits.wirePrefaceMsMost ? 'destroy' : undefined;
    if (state.headersSinceMs !== undefined && nowMs - state.headersSinceMs > limits.wireHeadersMsMost) {
      return {slow: 'the headers of a request took too long'};
    }
    if (nowMs - this.#sentMs > limits.wireStallMsMost) return 'destroy';
    const {maxAgeMs, maxIdleMs} = this.#lifetime;
    if (maxAgeMs !== undefined && nowMs - this.#beganMs > maxAgeMs) return 'leave';
    if (maxIdleMs !== undefined && nowMs - this.#busyMs > maxIdleMs) return 'leave';
    return this.#keepAlive(nowMs);
  }

  #note(nowMs: number, {streams, waitingBytes, sentBytes}: ConnectionState): void {
    if (this.#heard) {
      this.#heard = false;
      this.#heardMs = nowMs;
      this.#pingedMs = undefined;
    }
    if (streams > 0) this.#busyMs = nowMs;
    if (waitingBytes === 0 || sentBytes !== this.#sentBytes) {
      this.#sentBytes = sentBytes;
      this.#sentMs = nowMs;
    }
  }

  #keepAlive(nowMs: number): Verdict {
    if (this.#pingedMs !== undefined) {
      return nowMs - this.#pingedMs > limits.wireKeepaliveAnswerMs ? 'destroy' : undefined;
    }
    if (nowMs - this.#heardMs <= limits.wireKeepaliveMs) return undefined;
    this.#pingedMs = nowMs;
    return 'ping';
  }
}
