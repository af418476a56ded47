/**
 * Strings to UTF-8 and back, strictly: nothing is replaced, dropped or normalised,
 * so two different inputs never become the same key.
 */

const encoder = new TextEncoder();
// ignoreBOM keeps a leading byte order mark: it is part of the key like any other character.
const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** The UTF-8 bytes of a string; undefined if it holds a lone surrogate, which has none. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? encoder.encode(text) : undefined;
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
