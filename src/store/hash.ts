/**
 * A keyed hash of namespace and key: HalfSipHash-1-3 with 32 bits of output
 * (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, in the 32-bit
 * form that its authors' reference code calls HalfSipHash).
 *
 * The key is drawn at random for each process, so nobody outside can make keys that
 * collide and turn the index into a list.
 */

export type HashKey = readonly [number, number];

/** Other bits from a hash, each of which depends on all of its: the last steps of MurmurHash3 (Appleby, 2011). */
export function mix(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** A signed 32-bit integer. */
export function hashKey(namespace: number, key: Uint8Array, [k0, k1]: HashKey): number {
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = key.length;
  const end = length & ~3;
  for (let at = -4; at < end; at += 4) {
    // The namespace counts as a first word.
    const word =
      at < 0
        ? namespace
        : (key[at] as number) |
          ((key[at + 1] as number) << 8) |
          ((key[at + 2] as number) << 16) |
          ((key[at + 3] as number) << 24);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  let last = (length + 4) << 24;
  for (let at = end, shift = 0; at < length; at++, shift += 8) last |= (key[at] as number) << shift;
  // One round for the last word, then three to finish.
  v3 ^= last;
  for (let round = 0; round < 4; round++) {
    if (round === 1) {
      v0 ^= last;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
