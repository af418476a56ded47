/** Reads a request's body whole, up to a limit, so that no client decides how much memory it takes. */
import {RequestError} from './status.js';

/**
 * Throws a RequestError as soon as there is more than `bytesMost`. The source is then
 * left where it is: who gave it knows whether to drain or to close it.
 */
export async function readWhole(source: AsyncIterable<Uint8Array>, bytesMost: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const iterator = source[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    length += next.value.length;
    checkLength(length, bytesMost);
    chunks.push(next.value);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}

export function checkLength(length: number, bytesMost: number): void {
  if (length > bytesMost) {
    throw new RequestError('BODY_TOO_LARGE', `the body is larger than ${bytesMost} bytes`, {field: 'body'});
  }
}
