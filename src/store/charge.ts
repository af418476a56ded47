/** What the store keeps beside key and value for each entry, in bytes: links, deadline, revision, lengths. */
const entryOverheadBytes = 64;
const roundingBytes = 16;

/**
 * What an entry counts against the memory limit, in bytes. A content type counts
 * as part of the value.
 */
export function charge(keyBytes: number, valueBytes: number): number {
  return Math.ceil((entryOverheadBytes + keyBytes + valueBytes) / roundingBytes) * roundingBytes;
}
