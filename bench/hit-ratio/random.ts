/** Draws that are the same in each run. */

/** From 0 up to but not including 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Keys from 0, the first the most popular: the n-th is drawn as often as n to the power of -exponent. */
export function zipf({keys, exponent, random}: {keys: number; exponent: number; random: () => number}): () => number {
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let index = 0; index < keys; index++) {
    sum += (index + 1) ** -exponent;
    sums[index] = sum;
  }
  return () => {
    const drawn = random() * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
