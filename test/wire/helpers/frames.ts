/** Frames by hand, right or wrong, and frames read back. */
import {frameHeaderBytes, types, writeFrameHeader, writeUint32} from '../../../src/wire/frame.js';
import {writeInteger} from '../../../src/wire/hpack/integers.js';

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface Frame {
  type: number;
  flags: number;
  streamId: number;
  payload: Buffer;
}

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length);
  writeFrameHeader(bytes, 0, payload.length, type, flags, streamId);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) writeUint32(value, bytes, 4 * index);
  return bytes;
}

export function settings(...pairs: [id: number, value: number][]): Buffer {
  const payload = Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)])));
  return frame(types.settings, 0, 0, payload);
}

export const windowUpdate = (streamId: number, by: number) => frame(types.windowUpdate, 0, streamId, uint32(by));
export const rstStream = (streamId: number, code = 8) => frame(types.rstStream, 0, streamId, uint32(code));
export const ping = (flags = 0) => frame(types.ping, flags, 0, Buffer.alloc(8, 7));

export type Fields = readonly (readonly [name: string, value: string])[];

/** A header block of literals that leave the table as it is. */
export function block(fields: Fields): Buffer {
  const bytes: number[] = [];
  for (const [name, value] of fields) {
    bytes.push(0);
    for (const text of [name, value]) {
      writeInteger(text.length, 0x7f, 0, bytes);
      bytes.push(...Buffer.from(text, 'latin1'));
    }
  }
  return Buffer.from(bytes);
}

export function requestFields(path: string, more: Fields = []): Fields {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'test'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...more,
  ];
}

export const endStream = 0x1;
export const endHeaders = 0x4;

export function headers(streamId: number, fields: Fields, flags = endHeaders): Buffer {
  return frame(types.headers, flags, streamId, block(fields));
}

export function data(streamId: number, payload: Uint8Array, flags = 0): Buffer {
  return frame(types.data, flags, streamId, payload);
}

/** A gRPC message with its prefix. */
export function message(bytes: Uint8Array, compressed = 0): Buffer {
  return Buffer.concat([Buffer.from([compressed]), uint32(bytes.length), bytes]);
}

/** A whole unary call. */
export function call(streamId: number, path: string, request: Uint8Array, more: Fields = []): Buffer {
  return Buffer.concat([headers(streamId, requestFields(path, more)), data(streamId, message(request), endStream)]);
}

/** The whole frames at the beginning, and the bytes behind them. */
export function parseFrames(bytes: Buffer): {frames: Frame[]; rest: Buffer} {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= frameHeaderBytes) {
    const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + frameHeaderBytes, end);
    frames.push({type: bytes[at + 3]!, flags: bytes[at + 4]!, streamId: bytes.readUInt32BE(at + 5), payload});
    at = end;
  }
  return {frames, rest: bytes.subarray(at)};
}
