/**
 * States what the code itself guarantees. A failure is a fault of ours, never of a
 * caller's input: that is a CacheError.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
