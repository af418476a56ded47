/** Integers of header blocks, and what goes wrong in one (RFC 7541, section 5.1). */

/** A header block that cannot be read. What follows on its connection cannot be read either. */
export class HpackError extends Error {}

/** Enough for any length or index that a bounded block can hold; more bytes are an attack. */
const continuationBytesMost = 4;

/** Reads integers one after the other; `at` is where the next byte stands. */
export class IntegerReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;

  /** The integer whose prefix are the lowest bits of `first`, which has been read. */
  read(first: number, prefixMost: number): number {
    const prefix = first & prefixMost;
    if (prefix < prefixMost) return prefix;
    let value = prefixMost;
    for (let shift = 0; shift < 7 * continuationBytesMost; shift += 7) {
      if (this.at >= this.end) throw new HpackError('the block ends within an integer');
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HpackError('an integer is too large');
  }
}

/** Appends an integer; `pattern` are the bits above its prefix. */
export function writeInteger(value: number, prefixMost: number, pattern: number, out: number[]): void {
  if (value < prefixMost) {
    out.push(pattern | value);
    return;
  }
  out.push(pattern | prefixMost);
  let rest = value - prefixMost;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
