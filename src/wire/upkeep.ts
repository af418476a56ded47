/**
 * How long a connection may be what it is: silent, slow, stalled, idle or old.
 *
 * Looked at about once a second for each connection, so no bound here is exact, and
 * none costs a timer.
 */
import {limits} from '../base/index.js';
import type {ConnectionLifetime} from '../rpc/index.js';

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
  /** All that has come. */
  receivedBytes: number;
}

/** A peer that took too long, and what it makes sense to tell it: of the connection, of each call, or nothing. */
export interface Slow {
  slow: string;
  says: 'goAway' | 'stop' | 'nothing';
}

export type Verdict = 'ping' | 'leave' | Slow | undefined;

const slow = (what: string, says: Slow['says'] = 'nothing'): Slow => ({slow: what, says});

export class Upkeep {
  readonly #lifetime: ConnectionLifetime;
  readonly #beganMs: number;
  #heard = false;
  #heardMs: number;
  #pingedMs: number | undefined;
  #busyMs: number;
  #sentBytes = 0;
  #sentMs: number;
  /** All that had moved at the last check, and at the one before. */
  #movedBytes = 0;
  #movedBefore = 0;
  /** When it was asked to go. */
  #leftMs: number | undefined;

  constructor(lifetime: ConnectionLifetime, nowMs: number) {
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
    if (!state.hasPreface) {
      return nowMs - this.#beganMs > limits.wirePrefaceMsMost ? slow('the preface took too long') : undefined;
    }
    if (state.headersSinceMs !== undefined && nowMs - state.headersSinceMs > limits.wireHeadersMsMost) {
      return slow('the headers of a request took too long', 'goAway');
    }
    if (nowMs - this.#sentMs > limits.wireStallMsMost) return slow('nothing was taken of what was sent');
    if (this.#leftMs !== undefined && nowMs - this.#leftMs > limits.connectionGraceMs) {
      return slow('the connection was asked to go and stayed', 'stop');
    }
    if (this.#leftMs === undefined && this.#hasLived(nowMs)) {
      this.#leftMs = nowMs;
      return 'leave';
    }
    return this.#keepAlive(nowMs);
  }

  #hasLived(nowMs: number): boolean {
    const {maxAgeMs = Infinity, maxIdleMs = Infinity} = this.#lifetime;
    return nowMs - this.#beganMs > maxAgeMs || nowMs - this.#busyMs > maxIdleMs;
  }

  /** Of all bytes that have moved both ways, those since the check before the last. */
  movedSince(movedBytes: number): number {
    return movedBytes - this.#movedBefore;
  }

  #note(nowMs: number, {streams, waitingBytes, sentBytes, receivedBytes}: ConnectionState): void {
    this.#movedBefore = this.#movedBytes;
    this.#movedBytes = sentBytes + receivedBytes;
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
      return nowMs - this.#pingedMs > limits.keepaliveAnswerMs ? slow('a ping was not answered') : undefined;
    }
    if (nowMs - this.#heardMs <= (this.#lifetime.keepaliveMs ?? limits.keepaliveMsDefault)) return undefined;
    this.#pingedMs = nowMs;
    return 'ping';
  }
}
