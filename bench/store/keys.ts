/**
 * Keys of 16 bytes of text and where they come from. A key is written into one buffer
 * that each operation uses again, as bytes that came from a connection would lie in
 * one; making it costs a few nanoseconds, the same for every subject.
 */

export const keyBytes = 16;

/** `key-` and the number in twelve digits. */
export class KeyWriter {
  readonly bytes = Buffer.from('key-000000000000');
  readonly #words = new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, keyBytes / 4);
  readonly #digits = Uint32Array.from({length: 10_000}, (_, number) => {
    const digits = Uint8Array.from(Buffer.from(String(number).padStart(4, '0')));
    return new Uint32Array(digits.buffer)[0]!;
  });

  write(number: number): void {
    const rest = number % 1e8;
    this.#words[1] = this.#digits[Math.floor(number / 1e8)]!;
    this.#words[2] = this.#digits[Math.floor(rest / 1e4)]!;
    this.#words[3] = this.#digits[rest % 1e4]!;
  }
}

export type KeyChoice = 'uniform' | 'Zipf';

/** Numbers below `count`, drawn one after the other; the same sequence for the same seed. */
export function makeDraw(choice: KeyChoice, count: number, seed: number): () => number {
  let state = seed | 1;
  const share = () => {
    // xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  if (choice === 'uniform') return () => Math.floor(share() * count);
  const numbers = drawZipf(count, share);
  let at = 0;
  return () => numbers[at++ & (zipfDraws - 1)]!;
}

const zipfDraws = 2 ** 20;
const zipfExponent = 0.99;

/**
 * Zipf draws, made beforehand: the n-th most popular key has a weight of n^-0.99. Which
 * key is how popular is mixed, so that popular ones do not lie side by side.
 */
function drawZipf(count: number, share: () => number): Uint32Array {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + 1) ** -zipfExponent;
    sums[rank] = sum;
  }
  return Uint32Array.from({length: zipfDraws}, () => {
    const rank = firstAtLeast(sums, share() * sum);
    // A prime that divides no count used here, so that this is one-to-one.
    return (rank * 7_368_787) % count;
  });
}

function firstAtLeast(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
