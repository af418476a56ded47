/**
 * The Huffman code of header strings (RFC 7541, appendix B).
 *
 * The code is canonical: codes of one length are consecutive and in the order of
 * their symbols, and each length goes on where the shorter one ended. So the lengths
 * alone say everything; the codes follow from them.
 */

/** The bits of each symbol's code: of the 256 octets, then of EOS, which ends nothing and must not occur. */
export const codeLengths: readonly number[] = [
  // 0 to 31
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28,
  // 32 to 63: space, punctuation, digits
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  // 64 to 95: @, upper case
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  // 96 to 127: lower case
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  // 128 to 255
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22,
  23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22,
  22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27,
  24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26,
  27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  // EOS
  30,
];

export const endOfString = 256;

/** The code of each symbol, in its lowest bits. */
export const codes: readonly number[] = canonicalCodes(codeLengths);

function canonicalCodes(lengths: readonly number[]): number[] {
  const result = new Array<number>(lengths.length).fill(0);
  let next = 0;
  for (let bits = 1; bits <= 30; bits++) {
    next *= 2;
    for (const [symbol, length] of lengths.entries()) {
      if (length === bits) result[symbol] = next++;
    }
  }
  return result;
}
