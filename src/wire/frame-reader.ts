/**
 * Bytes to frames (RFC 9113, sections 3.4 and 4.1).
 *
 * A frame that came whole is handed out where it stands in the bytes received. Only
 * one that was cut is copied, as far as it has come, so a peer that announces much and
 * sends little makes us hold little.
 *
 * What came is read as far as there is credit, of which each frame takes some; the rest
 * is copied, and waits for readOn().
 */
import {limits} from '../base/index.js';
import {giveIfTaken, takeBuffer} from './buffers.js';
import {ConnectionFault} from './errors.js';
import {frameHeaderBytes, readUint31, types} from './frame.js';

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

/** A frame takes one unit of credit, and one more for so many bytes: those of headers are looked at one by one. */
const dataShift = 12;
const otherShift = 5;

export class FrameReader {
  readonly #handle: FrameHandler;
  #prefaceSeen = 0;
  /** The beginning of a frame whose rest has not come yet: its first `#have` bytes are good. */
  #partial: Buffer | undefined;
  #have = 0;
  /** Frames that came and wait: those from `restAt` to `restEnd`. */
  #rest: Buffer | undefined;
  #restAt = 0;
  #restEnd = 0;
  #stopped = false;
  /** What may be done before others have their turn, in units of about a microsecond. Whoever handles a frame may take more of it. */
  credit = 0;

  constructor(handle: FrameHandler) {
    this.#handle = handle;
  }

  get prefaceDone(): boolean {
    return this.#prefaceSeen === preface.length;
  }

  /** Bytes that wait for readOn(). */
  get restBytes(): number {
    return this.#restEnd - this.#restAt;
  }

  /** Nothing more is read, not even what has come already. */
  stop(): void {
    this.#stopped = true;
    this.#partial = undefined;
    // It may be in use by the frame that made us stop, and is left to the engine.
    this.#rest = undefined;
    this.#restAt = this.#restEnd;
  }

  read(chunk: Buffer): void {
    if (this.#rest !== undefined) {
      this.#addToRest(this.#rest, chunk);
      return;
    }
    let at = this.prefaceDone ? 0 : this.#readPreface(chunk);
    if (this.#partial !== undefined) at = this.#complete(chunk, at);
    at = this.#readFrames(chunk, at, chunk.length);
    if (this.#stopped || at === chunk.length) return;
    if (hasFrame(chunk, at, chunk.length)) this.#keepRest(chunk, at);
    else this.#keep(chunk, at, chunk.length);
  }

  /** Reads on in what waits. */
  readOn(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    const end = this.#restEnd;
    const at = this.#readFrames(rest, this.#restAt, end);
    if (this.#stopped) return;
    this.#restAt = at;
    if (hasFrame(rest, at, end)) return;
    if (at < end) this.#keep(rest, at, end);
    this.#rest = undefined;
    this.#restAt = this.#restEnd;
    giveIfTaken(rest);
  }

  /** Hands out whole frames while there is credit; answers where the next begins. */
  #readFrames(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (!this.#stopped && this.credit > 0 && hasFrame(bytes, at, end)) {
      const next = at + frameHeaderBytes + lengthAt(bytes, at);
      this.#hand(bytes, at, next);
      at = next;
    }
    return at;
  }

  #keepRest(chunk: Buffer, at: number): void {
    this.#rest = takeBuffer(chunk.length - at);
    this.#restAt = 0;
    this.#restEnd = chunk.copy(this.#rest, 0, at);
  }

  #addToRest(rest: Buffer, chunk: Buffer): void {
    if (this.#restEnd + chunk.length <= rest.length) {
      this.#restEnd += chunk.copy(rest, this.#restEnd);
      return;
    }
    this.#rest = Buffer.concat([rest.subarray(this.#restAt, this.#restEnd), chunk]);
    this.#restAt = 0;
    this.#restEnd = this.#rest.length;
    giveIfTaken(rest);
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

  #keep(chunk: Buffer, at: number, end: number): void {
    this.#partial = Buffer.allocUnsafe(Math.max(frameHeaderBytes, end - at));
    this.#have = chunk.copy(this.#partial, 0, at, end);
    // Found out now, a frame too large is never waited for.
    if (this.#have >= frameHeaderBytes) lengthAt(this.#partial, 0);
  }

  #hand(bytes: Buffer, at: number, end: number): void {
    this.credit -= 1 + ((end - at) >> (bytes[at + 3] === types.data ? dataShift : otherShift));
    this.#handle(bytes[at + 3]!, bytes[at + 4]!, readUint31(bytes, at + 5), bytes, at + frameHeaderBytes, end);
  }
}

function hasFrame(bytes: Buffer, at: number, end: number): boolean {
  return end - at >= frameHeaderBytes && lengthAt(bytes, at) <= end - at - frameHeaderBytes;
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if (length > limits.wireFrameBytesMost) {
    throw new ConnectionFault('FRAME_SIZE_ERROR', `a frame is larger than ${limits.wireFrameBytesMost} bytes`);
  }
  return length;
}
