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
    const lifeMs = Math.min(this.#lifeMs(request, namespace), namespace.maxTtlMs ?? Number.POSITIVE_INFINITY);
    return lifeMs === Number.POSITIVE_INFINITY ? noDeadline : this.#clock.nowMs() + lifeMs;
  }

  /** The deadline that Get's touch_ttl asks for. */
  touchDeadline(touchTtlMs: number, namespace: NamespaceConfig): number {
    const ttlMs = checkTtl(touchTtlMs, 'touch_ttl');
    return this.#clock.nowMs() + Math.min(ttlMs, namespace.maxTtlMs ?? limits.ttlMsMost);
  }

  /** What users read, from what the store counts; undefined if the entry never expires. */
  expireTimeMs(deadlineMs: number): number | undefined {
    if (deadlineMs === noDeadline) return undefined;
    // To the millisecond: two readings of two clocks are no more exact, and one entry must read the same each time.
    return Math.round(this.#clock.wallMicros() / 1000 + (deadlineMs - this.#clock.nowMs()));
  }

  #lifeMs({ttlMs, expireTimeMs, noExpiry, ttlJitter}: Lifetime & {ttlJitter?: number}, namespace: NamespaceConfig) {
    if (noExpiry) return Number.POSITIVE_INFINITY;
    if (expireTimeMs !== undefined) return checkExpireTime(expireTimeMs, this.#clock.wallMicros() / 1000);
    const longestMs = ttlMs ? checkTtl(ttlMs) : namespace.defaultTtlMs;
    if (longestMs === undefined) return Number.POSITIVE_INFINITY;
    const share = ttlJitter ?? namespace.ttlJitter;
    // An entry with a jitter of 1 must still live for a moment.
    return Math.max(1, longestMs * (1 - share * this.#random()));
  }
}
