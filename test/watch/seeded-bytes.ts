/**
 * The random bytes that the server draws (keys of hashes, epochs of tokens), drawn
 * from a seed instead: so the same seed gives the same run, order of scans included.
 */
import {createRequire, syncBuiltinESMExports} from 'node:module';
import type {Random} from '../helpers/random.js';

const crypto: {randomBytes: unknown} = createRequire(import.meta.url)('node:crypto');

export function drawBytesFrom(random: Random): void {
  crypto.randomBytes = (length: number) => Buffer.from(random.bytes(length));
  syncBuiltinESMExports();
}
