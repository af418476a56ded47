/** The decimal text of signed 64-bit integers, as Increment reads and writes it. */
import {CacheError} from '../base/index.js';

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** The number that a value spells. Throws NOT_A_NUMBER. */
export function parseNumber(value: Uint8Array): bigint {
  // The longest such text has 20 characters.
  const text = value.length <= 20 ? Buffer.from(value).toString('latin1') : '';
  const number = /^(0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : undefined;
  if (number === undefined || number < least || number > most) {
    throw CacheError.ofField(
      'NOT_A_NUMBER',
      'key',
      'holds a value that is not a number; allowed: the decimal text of a signed 64-bit integer, such as 42 or -7',
    );
  }
  return number;
}

export function formatNumber(number: bigint): Uint8Array {
  return Buffer.from(String(number), 'latin1');
}

/** Throws NUMBER_OVERFLOW past 64 bits. */
export function addNumbers(number: bigint, delta: bigint): bigint {
  const sum = number + delta;
  if (sum < least || sum > most) {
    throw CacheError.ofField(
      'NUMBER_OVERFLOW',
      'delta',
      `${number} + ${delta} is past 64 bits; allowed: ${least} to ${most}`,
    );
  }
  return sum;
}
