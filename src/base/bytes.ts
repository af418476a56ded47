/**
 * Strings to UTF-8 and back, strictly: nothing is replaced, dropped or normalised,
 * so two different inputs never become the same key. And bytes to a copy of them.
 */
import {Beginnings} from './beginnings.js';

/** Up to this length a loop in JavaScript is faster than a call into the engine. */
const loopBytesMost = 64;

const encoder = new TextEncoder();
// ignoreBOM keeps a leading byte order mark: it is part of the key like any other character.
const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** What Buffer's toString calls for latin1. It is not in Node's documentation; without it, all is for the decoder. */
const {latin1Slice} = Buffer.prototype as unknown as {
  latin1Slice?: (this: Uint8Array, from: number, to: number) => string;
};

/** The UTF-8 bytes of a string; undefined if it holds a lone surrogate, which has none. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined;
}

/** Keys are short, so nearly all are written here. */
const keyScratch = new Uint8Array(3 * 1024);
const keys = new Beginnings(keyScratch);

/**
 * As encodeUtf8, but in memory that the next call overwrites: an array for each
 * operation would be most of the garbage that a lookup makes.
 */
export function encodeUtf8Briefly(text: string): Uint8Array | undefined {
  if (text.length > keyScratch.length / 3) return encodeUtf8(text);
  if (isWrittenAsAscii(text)) return keys.of(text.length);
  if (!text.isWellFormed()) return undefined;
  return keys.of(encoder.encodeInto(text, keyScratch).written);
}

/** Most keys are short and ASCII: then a loop takes less time than a call into the engine. */
function isWrittenAsAscii(text: string): boolean {
  const {length} = text;
  if (length > loopBytesMost) return false;
  let all = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    keyScratch[index] = code;
    all |= code;
  }
  return all < 0x80;
}

/** The string that these bytes spell, or those from `from` to `to`. Throws a TypeError where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (latin1Slice && to - from <= loopBytesMost && isAscii(bytes, from, to)) return latin1Slice.call(bytes, from, to);
  return decoder.decode(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  let all = 0;
  for (let at = from; at < to; at++) all |= bytes[at]!;
  return all < 0x80;
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Small copies are cut from a slab, since memory of its own costs each more than the copying. */
const slabBytes = 16 * 1024;
let slab = new ArrayBuffer(slabBytes);
let slabUsed = 0;

/** A copy of the bytes from `from` to `to`: a plain array, also of a Buffer's, for as long as it is held. */
export function copyBytes(bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array {
  const length = to - from;
  if (length > slabBytes / 4) return new Uint8Array(bytes.subarray(from, to));
  if (slabUsed + length > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    slabUsed = 0;
  }
  const copy = new Uint8Array(slab, slabUsed, length);
  slabUsed += length;
  if (length <= loopBytesMost) for (let index = 0; index < length; index++) copy[index] = bytes[from + index]!;
  else copy.set(length === bytes.length ? bytes : bytes.subarray(from, to));
  return copy;
}
