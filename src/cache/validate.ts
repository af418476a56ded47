/**
 * What an input may be: each rule once, for every door. A check answers the value
 * in the form that the store wants, or throws a CacheError that says what was wrong
 * and what is allowed.
 */
import {CacheError, encodeUtf8Briefly, formatDuration, limits} from '../base/index.js';
import type {Lifetime} from './backend.js';

/** The bytes of a key, in memory that the next call overwrites. */
export function checkKey(key: string, maxKeyBytes: number): Uint8Array {
  if (key === '') throw CacheError.ofField('KEY_EMPTY', 'key', `is empty; allowed: 1 to ${maxKeyBytes} bytes of UTF-8`);
  return checkKeyLength(key, 'key', maxKeyBytes);
}

/** The bytes of a prefix, which may be empty. */
export function checkPrefix(prefix: string, maxKeyBytes: number): Uint8Array {
  return checkKeyLength(prefix, 'prefix', maxKeyBytes);
}

function checkKeyLength(text: string, field: string, maxKeyBytes: number): Uint8Array {
  const bytes = encodeUtf8Briefly(text);
  if (!bytes) {
    throw CacheError.ofField('INVALID_UTF8', field, 'is not valid Unicode: it has half of a surrogate pair');
  }
  if (bytes.length > maxKeyBytes) {
    throw CacheError.ofField('KEY_TOO_LONG', field, `has ${bytes.length} bytes; allowed: at most ${maxKeyBytes}`);
  }
  return bytes;
}

export function checkValue(value: Uint8Array, maxValueBytes: number): void {
  if (value.length > maxValueBytes) {
    throw CacheError.ofField(
      'VALUE_TOO_LARGE',
      'value',
      `has ${value.length} bytes; allowed: at most ${maxValueBytes}`,
    );
  }
}

/** It goes into HTTP headers, so it must not hold what would end one. */
export function checkContentType(contentType: string): void {
  if (contentType.length > limits.contentTypeBytesMost || !/^[\x20-\x7e]*$/.test(contentType)) {
    throw CacheError.ofField(
      'INVALID_CONTENT_TYPE',
      'content_type',
      `allowed: at most ${limits.contentTypeBytesMost} characters of printable ASCII, such as text/plain`,
    );
  }
}

/** At most one way of saying how long an entry lives. */
export function checkLifetime({ttlMs, expireTimeMs, keepTtl, noExpiry}: Lifetime): void {
  const given = [
    ttlMs && 'ttl',
    expireTimeMs !== undefined && 'expire_time',
    keepTtl && 'keep_ttl',
    noExpiry && 'no_expiry',
  ].filter(Boolean);
  if (given.length > 1) refuseTogether('INVALID_TTL', given);
}

/** A TTL in milliseconds, greater than 0. */
export function checkTtl(ttlMs: number, field = 'ttl'): number {
  // The comparison is this way round so that NaN is refused too.
  if (!(ttlMs > 0 && ttlMs <= limits.ttlMsMost)) {
    throw CacheError.ofField(
      'INVALID_TTL',
      field,
      `is ${Math.abs(ttlMs) < 1e15 ? `${ttlMs / 1000} s` : 'out of range'}; allowed: above 0 and at most ${formatDuration(limits.ttlMsMost)}`,
    );
  }
  return Math.ceil(ttlMs);
}

/** An expire_time, by the wall clock. */
export function checkExpireTime(expireTimeMs: number, wallMs: number): void {
  const ttlMs = expireTimeMs - wallMs;
  if (!(ttlMs > 0)) throw CacheError.ofField('INVALID_TTL', 'expire_time', 'is past; allowed: a moment to come');
  if (ttlMs > limits.ttlMsMost) {
    throw CacheError.ofField(
      'INVALID_TTL',
      'expire_time',
      `is too far away; allowed: at most ${formatDuration(limits.ttlMsMost)} from now; for none, set no_expiry`,
    );
  }
}

export function checkJitter(ttlJitter: number): void {
  if (!(ttlJitter >= 0 && ttlJitter <= 1)) {
    throw CacheError.ofField('INVALID_TTL', 'ttl_jitter', `is ${ttlJitter}; allowed: 0 to 1`);
  }
}

export function checkConditions(request: {ifAbsent: boolean; ifPresent: boolean; ifRevision?: number}): void {
  const {ifAbsent, ifPresent, ifRevision} = request;
  const given = [ifAbsent && 'if_absent', ifPresent && 'if_present', ifRevision !== undefined && 'if_revision'].filter(
    Boolean,
  );
  if (given.length > 1) refuseTogether('INVALID_CONDITION', given);
  checkRevision(ifRevision, 'if_revision');
}

export function checkRevision(revision: number | undefined, field: string): void {
  if (revision !== undefined && revision < 1) {
    throw CacheError.ofField(
      'INVALID_CONDITION',
      field,
      'is 0, which no entry has; allowed: at least 1; for "there is none", set if_absent',
    );
  }
}

export function checkBatchSize(size: number): void {
  if (size < 1 || size > limits.batchMost) {
    throw CacheError.ofField('BATCH_SIZE', 'requests', `has ${size} items; allowed: 1 to ${limits.batchMost}`);
  }
}

export function checkResponseBytes(maxResponseBytes: number): number {
  if (maxResponseBytes === 0) return limits.responseBytesDefault;
  if (maxResponseBytes < limits.responseBytesLeast) {
    throw CacheError.ofField(
      'INVALID_OPTION',
      'max_response_bytes',
      `is ${maxResponseBytes}; allowed: at least ${limits.responseBytesLeast}, or 0 for ${limits.responseBytesDefault}`,
    );
  }
  return Math.min(maxResponseBytes, limits.responseBytesMost);
}

/** Options of which a request may set one. */
export function refuseTogether(
  reason: 'INVALID_TTL' | 'INVALID_CONDITION' | 'INVALID_OPTION',
  fields: readonly unknown[],
): never {
  const names = fields.map(String);
  throw new CacheError(
    reason,
    `${names.join(' and ')} are both set; allowed: at most one of them`,
    names.map(field => ({field, description: 'allowed: at most one of them'})),
  );
}
