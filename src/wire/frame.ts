/** Frames: their types, flags and layout (RFC 9113, sections 4 and 6). */
import {type ErrorName, errorCodes} from './errors.js';
import type {Output} from './output.js';
import {sentFrameBytesMost} from './peer-settings.js';

/*
 *  0        3      4       5                  9
 *  +--------+------+-------+------------------+- - - - - -
 *  | length | type | flags | 0, stream number | payload …
 *  +--------+------+-------+------------------+- - - - - -
 */
export const frameHeaderBytes = 9;

export const types = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

export const flags = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** The most that a window or a stream's number can be. */
export const most31 = 2 ** 31 - 1;

export function readUint31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readUint31(bytes, at) + (bytes[at]! >= 0x80 ? 2 ** 31 : 0);
}

export function writeUint32(value: number, bytes: Uint8Array, at: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes the first nine bytes of a frame, and answers where its payload begins. */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  frameFlags: number,
  streamId: number,
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = frameFlags;
  writeUint32(streamId, bytes, at + 5);
  return at + frameHeaderBytes;
}

/** Room for a whole frame in the output, with its header written; answers where its payload goes. */
function beginFrame(output: Output, length: number, type: number, frameFlags: number, streamId: number): number {
  const at = output.reserve(frameHeaderBytes + length);
  return writeFrameHeader(output.bytes, at, length, type, frameFlags, streamId);
}

export function sendRstStream(output: Output, streamId: number, code: ErrorName): void {
  const at = beginFrame(output, 4, types.rstStream, 0, streamId);
  writeUint32(errorCodes[code], output.bytes, at);
}

export function sendWindowUpdate(output: Output, streamId: number, increment: number): void {
  const at = beginFrame(output, 4, types.windowUpdate, 0, streamId);
  writeUint32(increment, output.bytes, at);
}

export function sendSettings(output: Output, settings: readonly (readonly [id: number, value: number])[]): void {
  let at = beginFrame(output, 6 * settings.length, types.settings, 0, 0);
  for (const [id, value] of settings) {
    output.bytes[at] = id >>> 8;
    output.bytes[at + 1] = id;
    writeUint32(value, output.bytes, at + 2);
    at += 6;
  }
}

export function sendSettingsAck(output: Output): void {
  beginFrame(output, 0, types.settings, flags.ack, 0);
}

/** `data` are the eight bytes at `start`, which an answer repeats. */
export function sendPing(output: Output, frameFlags: number, data: Uint8Array, start: number): void {
  const at = beginFrame(output, 8, types.ping, frameFlags, 0);
  for (let index = 0; index < 8; index++) output.bytes[at + index] = data[start + index]!;
}

export function sendGoAway(output: Output, lastStreamId: number, code: ErrorName, message: string): void {
  const text = Buffer.from(message, 'utf8');
  const at = beginFrame(output, 8 + text.length, types.goAway, 0, 0);
  writeUint32(lastStreamId, output.bytes, at);
  writeUint32(errorCodes[code], output.bytes, at + 4);
  output.bytes.set(text, at + 8);
}

/** A header block, in as many frames as its size asks for (RFC 9113, section 6.10). */
export function sendHeaders(output: Output, streamId: number, block: Uint8Array, endStream: boolean): void {
  const endFlag = endStream ? flags.endStream : 0;
  if (block.length <= sentFrameBytesMost) {
    const at = beginFrame(output, block.length, types.headers, flags.endHeaders | endFlag, streamId);
    copyInto(output.bytes, at, block, 0, block.length);
    return;
  }
  for (let from = 0; from < block.length; from += sentFrameBytesMost) {
    const length = Math.min(sentFrameBytesMost, block.length - from);
    const last = from + length === block.length ? flags.endHeaders : 0;
    const at =
      from === 0
        ? beginFrame(output, length, types.headers, last | endFlag, streamId)
        : beginFrame(output, length, types.continuation, last, streamId);
    copyInto(output.bytes, at, block, from, from + length);
  }
}

/** The bytes of one DATA frame, from a larger piece. */
export function sendData(
  output: Output,
  streamId: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  endStream: boolean,
): void {
  const at = beginFrame(output, to - from, types.data, endStream ? flags.endStream : 0, streamId);
  copyInto(output.bytes, at, bytes, from, to);
}

/** A loop is faster than set() and its view for the few bytes that most pieces have. */
export function copyInto(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): void {
  if (to - from > 64) {
    target.set(from === 0 && to === source.length ? source : source.subarray(from, to), at);
    return;
  }
  for (let index = from; index < to; index++) target[at + index - from] = source[index]!;
}
