/** The base room: what every other room may use, and which itself knows none of them. */

export {assert} from './assert.js';
export {Beginnings} from './beginnings.js';
export {copyBytes, decodeUtf8, encodeUtf8, encodeUtf8Briefly, isUtf8} from './bytes.js';
export {type Clock, createSystemClock, reserveSystemClock, systemClock} from './clock.js';
export {CacheError, codeOfReason, type ErrorCode, type ErrorReason, type FieldViolation} from './errors.js';
export * as limits from './limits.js';
export {workSlice} from './slices.js';
export {formatBytes, formatDuration, parseBytes, parseDuration} from './units.js';
