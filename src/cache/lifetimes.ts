/**
 * From what a request says about an entry's life to a deadline: the request's own
 * word, or else the namespace's default, shortened by jitter, never longer than the
 * namespace's maximum.
 */
import {type Clock, limits} from '../base/index.js';
import {noDeadline} from '../store/index.js';
import type {Lifetime} from './backend.js';
import type {NamespaceConfig} from './namespaces.js';
import {checkExpireTime, checkJitter, checkLifetime, checkTtl} from './validate.js';

export class Lifetimes {
  readonly #clock: Clock;
  readonly #random: () => number;

  /** `random` draws from 0 up to but not including 1. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The deadline of an entry written now. With keepTtl, the one that counts if there is nothing to keep. */
  deadlineOf(request: Lifetime & {ttlJitter?: number}, namespace: NamespaceConfig): number {
    checkLifetime(request);
    if (request.ttlJitter !== undefined) checkJitter(request.ttlJitter);
    const latestMs = this.#clock.nowMs() + (namespace.maxTtlMs ?? Number.POSITIVE_INFINITY);
    return Math.min(this.#wantedDeadline(request, namespace), latestMs);
  }

  /** The deadline that Get's touch_ttl asks for. */
  touchDeadline(touchTtlMs: number, namespace: NamespaceConfig): number {
    const ttlMs = checkTtl(touchTtlMs, 'touch_ttl');
    return this.#clock.nowMs() + Math.min(ttlMs, namespace.maxTtlMs ?? limits.ttlMsMost);
  }

  /** What users read, from what the store counts; undefined if the entry never expires. */
  expireTimeMs(deadlineMs: number): number | undefined {
    if (deadlineMs === noDeadline) return undefined;
    return Math.round(deadlineMs + this.#clock.wallAheadMs());
  }

  /** noDeadline for none. */
  #wantedDeadline(request: Lifetime & {ttlJitter?: number}, namespace: NamespaceConfig): number {
    const {ttlMs, expireTimeMs, noExpiry, ttlJitter} = request;
    if (noExpiry) return noDeadline;
    if (expireTimeMs !== undefined) {
      checkExpireTime(expireTimeMs, this.#clock.wallMicros() / 1000);
      return Math.round(Math.ceil(expireTimeMs) - this.#clock.wallAheadMs());
    }
    const longestMs = ttlMs ? checkTtl(ttlMs) : namespace.defaultTtlMs;
    if (longestMs === undefined) return noDeadline;
    const share = ttlJitter ?? namespace.ttlJitter;
    // An entry with a jitter of 1 must still live for a moment.
    return this.#clock.nowMs() + Math.max(1, longestMs * (1 - share * this.#random()));
  }
}
