/**
 * Messages within the DATA of a stream: a byte that says whether it is compressed, four
 * with its length, itself (gRPC over HTTP/2, "Length-Prefixed-Message").
 *
 * This is for the message that came in pieces; whole ones are read where they stand.
 * Memory grows with what has come, not with what was announced.
 */
import {StatusError} from '../../rpc/index.js';
import {bufferBytes, takeBuffer} from '../buffers.js';
import {copyInto, readUint32, writeUint32} from '../frame.js';
import {codes} from './status.js';

export const prefixBytes = 5;

const firstBytes = 4096;

export class MessageInPieces {
  #bytes = Buffer.allocUnsafe(prefixBytes);
  #have = 0;

  /** What has come of it. */
  get size(): number {
    return this.#have;
  }

  /** Undefined until the prefix is there. */
  get length(): number | undefined {
    return this.#have < prefixBytes ? undefined : readUint32(this.#bytes, 1);
  }

  get isComplete(): boolean {
    return this.#have >= prefixBytes && this.#have === prefixBytes + this.length!;
  }

  /** Takes what belongs to the message, first its prefix alone; answers where the rest begins. */
  take(bytes: Buffer, start: number, end: number): number {
    const whole = this.#have < prefixBytes ? prefixBytes : prefixBytes + this.length!;
    const count = Math.min(whole - this.#have, end - start);
    if (this.#have + count > this.#bytes.length) this.#grow(this.#have + count, whole);
    bytes.copy(this.#bytes, this.#have, start, start + count);
    this.#have += count;
    return start + count;
  }

  get isCompressed(): number {
    return this.#bytes[0]!;
  }

  get message(): Uint8Array {
    return viewOf(this.#bytes, prefixBytes, this.#have);
  }

  #grow(least: number, whole: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(whole, Math.max(least, firstBytes, 2 * this.#bytes.length)));
    this.#bytes.copy(larger, 0, 0, this.#have);
    this.#bytes = larger;
  }
}

/** Plain arrays are handed on, never Buffers, of which slice() is no copy. */
export function viewOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from);
}

/** A message with its prefix, in memory of its own: whole buffers, and what is left. */
export function framed(message: Uint8Array, isCompressed = false): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let piece = pieceFor(prefixBytes + message.length);
  let at = writePrefix(message.length, piece, 0);
  if (isCompressed) piece[0] = 1;
  for (let from = 0; ; at = 0) {
    const to = Math.min(message.length, from + piece.length - at);
    copyInto(piece, at, message, from, to);
    pieces.push(piece);
    from = to;
    if (from === message.length) return pieces;
    piece = pieceFor(message.length - from);
  }
}

function pieceFor(bytes: number): Uint8Array {
  return bytes >= bufferBytes ? takeBuffer() : Buffer.allocUnsafe(bytes);
}

/** Writes the prefix of a message that is not compressed, and answers where the message goes. */
export function writePrefix(length: number, bytes: Uint8Array, at: number): number {
  bytes[at] = 0;
  writeUint32(length, bytes, at + 1);
  return at + prefixBytes;
}

export function tooLarge(bytesMost: number): StatusError {
  return new StatusError(
    codes.resourceExhausted,
    `the request message is larger than ${bytesMost} bytes, the most allowed`,
  );
}
