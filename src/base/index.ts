/** The base room: what every other room may use, and which itself knows none of them. */

export {assert} from './assert.js';
export {decodeUtf8, encodeUtf8, isUtf8} from './bytes.js';
export {type Clock, systemClock} from './clock.js';
export {CacheError, codeOfReason, type ErrorCode, type ErrorReason, type FieldViolation} from './errors.js';
export * as limits from './limits.js';
export {formatBytes, formatDuration, parseBytes, parseDuration} from './units.js';
