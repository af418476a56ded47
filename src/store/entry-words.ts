/**
 * Five words that say of an entry what is not in its content. Records of the store
 * (layout.ts) and of the change log (change-record.ts) both hold them, in this order:
 *
 *   0 revisionLow
 *   1 deadlineLow
 *   2 high          high bits: 21 of the revision, 11 of the deadline; all 11: there is none
 *   3 size          value bytes (27 bits), and 5 bits of the holder's own
 *   4 kind          key bytes (16), content type bytes (8), namespace (6), and 2 likewise
 */
import {noDeadline} from './types.js';

export const entryWords = 5;
export const entryWord = {revisionLow: 0, deadlineLow: 1, high: 2, size: 3, kind: 4} as const;

export const contentTypeShift = 16;
export const namespaceShift = 24;
export const valueBytesMask = 2 ** 27 - 1;
/** Bound here since the engine folds a module's own constants, but not exported ones. */
const {revisionLow, deadlineLow, high, size, kind} = entryWord;

const deadlineHighMask = 2 ** 11 - 1;
const noDeadlineHigh = deadlineHighMask;

export function revisionAt(words: Int32Array, at: number): number {
  return (words[at + high]! >>> 11) * 2 ** 32 + (words[at + revisionLow]! >>> 0);
}

export function setRevisionAt(words: Int32Array, at: number, revision: number): void {
  words[at + revisionLow] = revision | 0;
  words[at + high] = (Math.floor(revision / 2 ** 32) << 11) | (words[at + high]! & deadlineHighMask);
}

export function deadlineAt(words: Int32Array, at: number): number {
  const highBits = words[at + high]! & deadlineHighMask;
  return highBits === noDeadlineHigh ? noDeadline : highBits * 2 ** 32 + (words[at + deadlineLow]! >>> 0);
}

export function setDeadlineAt(words: Int32Array, at: number, deadlineMs: number): void {
  const isNone = deadlineMs === noDeadline;
  const highBits = isNone ? noDeadlineHigh : Math.floor(deadlineMs / 2 ** 32);
  words[at + deadlineLow] = isNone ? 0 : deadlineMs | 0;
  words[at + high] = (words[at + high]! & ~deadlineHighMask) | highBits;
}

export function valueBytesAt(words: Int32Array, at: number): number {
  return words[at + size]! & valueBytesMask;
}

export function keyBytesAt(words: Int32Array, at: number): number {
  return words[at + kind]! & 0xffff;
}

export function contentTypeBytesAt(words: Int32Array, at: number): number {
  return (words[at + kind]! >>> contentTypeShift) & 0xff;
}

export function namespaceAt(words: Int32Array, at: number): number {
  return (words[at + kind]! >>> namespaceShift) & 63;
}
