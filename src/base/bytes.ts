/**
 * Strings to UTF-8 and back, strictly: nothing is replaced, dropped or normalised,
 * so two different inputs never become the same key. And bytes to a copy of them.
 */

const encoder = new TextEncoder();
// ignoreBOM keeps a leading byte order mark: it is part of the key like any other character.
const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** The UTF-8 bytes of a string; undefined if it holds a lone surrogate, which has none. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined;
}

/** Keys are short, so nearly all are written here; views of the beginnings are kept, since making one costs as much as the rest. */
const keyScratch = new Uint8Array(3 * 1024);
const keyViews: Uint8Array[] = [];

/**
 * As encodeUtf8, but in memory that the next call overwrites: an array for each
 * operation would be most of the garbage that a lookup makes.
 */
export function encodeUtf8Briefly(text: string): Uint8Array | undefined {
  if (text.length > keyScratch.length / 3) return encodeUtf8(text);
  if (!text.isWellFormed()) return undefined;
  const length = encoder.encodeInto(text, keyScratch).written;
  for (let next = keyViews.length; next <= length; next++) keyViews.push(keyScratch.subarray(0, next));
  return keyViews[length]!;
}

/** The string that these bytes spell. Throws a TypeError where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
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
/** Up to this length a loop is faster than set() and its view. */
const loopBytesMost = 64;
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
