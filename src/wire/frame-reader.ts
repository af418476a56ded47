/**
 * Bytes to frames (RFC 9113, sections 3.4 and 4.1).
 *
 * A frame that came whole is handed out where it stands in the bytes received. Only
 * one that was cut is copied, as far as it has come, so a peer that announces much and
 * sends little makes us hold little.
 */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';
import {frameHeaderBytes, readUint31} from './frame.js';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Takes one frame; its payload are the bytes from `start` to `end`, which are only good until it returns. */
export type FrameHandler = (
  type: number,
  flags: number,
  streamId: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

export class FrameReader {
  readonly #handle: FrameHandler;
  #prefaceSeen = 0;
  /** The beginning of a frame whose rest has not come yet: its first `#have` bytes are good. */
  #partial: Buffer | undefined;
  #have = 0;
  #stopped = false;

  constructor(handle: FrameHandler) {
    this.#handle = handle;
  }

  get prefaceDone(): boolean {
    return this.#prefaceSeen === preface.length;
  }

  /** Nothing more is read, not even what has come already. */
  stop(): void {
    this.#stopped = true;
    this.#partial = undefined;
  }

  read(chunk: Buffer): void {
    let at = this.prefaceDone ? 0 : this.#readPreface(chunk);
    if (this.#partial !== undefined) at = this.#complete(chunk, at);
    while (!this.#stopped && chunk.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + lengthAt(chunk, at);
      if (end > chunk.length) break;
      this.#hand(chunk, at, end);
      at = end;
    }
    if (!this.#stopped && at < chunk.length) this.#keep(chunk, at);
  }

  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && !this.prefaceDone) {
      if (chunk[at] !== preface[this.#prefaceSeen]) {
        throw new ConnectionFault('PROTOCOL_ERROR', 'the connection does not begin as HTTP/2 does');
      }
      at++;
      this.#prefaceSeen++;
    }
    return at;
  }

  /** Fills up the frame that was cut, and answers where the next begins. */
  #complete(chunk: Buffer, start: number): number {
    let at = this.#take(chunk, start, frameHeaderBytes);
    if (this.#have < frameHeaderBytes) return at;
    const whole = frameHeaderBytes + lengthAt(this.#partial!, 0);
    at = this.#take(chunk, at, whole);
    if (this.#have < whole) return at;
    const frame = this.#partial!;
    this.#partial = undefined;
    this.#have = 0;
    this.#hand(frame, 0, whole);
    return at;
  }

  /** Moves bytes into the partial frame until it has so many, or there are no more. */
  #take(chunk: Buffer, at: number, wanted: number): number {
    const count = Math.max(0, Math.min(wanted - this.#have, chunk.length - at));
    const have = this.#have + count;
    if (have > this.#partial!.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(wanted, Math.max(have, 2 * this.#partial!.length)));
      this.#partial!.copy(larger, 0, 0, this.#have);
      this.#partial = larger;
    }
    chunk.copy(this.#partial!, this.#have, at, at + count);
    this.#have = have;
    return at + count;
  }

  #keep(chunk: Buffer, at: number): void {
    this.#partial = Buffer.allocUnsafeSlow(Math.max(frameHeaderBytes, chunk.length - at));
    this.#have = chunk.copy(this.#partial, 0, at);
    // Found out now, a frame too large is never waited for.
    if (this.#have >= frameHeaderBytes) lengthAt(this.#partial, 0);
  }

  #hand(bytes: Buffer, at: number, end: number): void {
    this.#handle(bytes[at + 3]!, bytes[at + 4]!, readUint31(bytes, at + 5), bytes, at + frameHeaderBytes, end);
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if (length > limits.wireFrameBytesMost) {
    throw new ConnectionFault('FRAME_SIZE_ERROR', `a frame is larger than ${limits.wireFrameBytesMost} bytes`);
  }
  return length;
}
