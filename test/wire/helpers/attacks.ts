/**
 * Peers that mean harm, each by what it says on one connection: once at first, and then
 * again and again. For tests of what a good peer beside them feels, and the benchmark.
 */
import {gzipSync} from 'node:zlib';
import {types} from '../../../src/wire/frame.js';
import {
  block,
  call,
  data,
  endHeaders,
  endStream,
  type Fields,
  frame,
  headers,
  message,
  ping,
  preface,
  requestFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from './frames.js';

export interface Attack {
  /** In place of the preface and SETTINGS. */
  first?: Buffer;
  /** What follows at once. */
  begin?: Buffer;
  /** What is sent again and again, the index counting from 0; unset: nothing. */
  next?: (index: number) => Buffer;
  /** Ends its side behind what it sent first, or behind the first of what is sent again. */
  endsSide?: boolean;
  /** Reads nothing of what it is sent. */
  readsNothing?: boolean;
}

/** What of the server is attacked. */
export interface AttackTarget {
  /** The path of a unary method, with a request of it and one whose answer is large. */
  path: string;
  request: Uint8Array;
  largeRequest: Uint8Array;
  /** The largest request that is taken. */
  requestBytesMost: number;
}

const id = (index: number) => 2 * index + 1;

export function attacksOn({
  path,
  request,
  largeRequest,
  requestBytesMost,
}: AttackTarget): Readonly<Record<string, Attack>> {
  const open = (index: number, more: Fields = []) => headers(id(index), requestFields(path, more));
  const openThen = (then: (streamId: number) => Buffer): Attack => ({
    next: index => Buffer.concat([open(index), then(id(index))]),
  });
  const withBlock = (index: number, more: Uint8Array) =>
    frame(types.headers, endHeaders | endStream, id(index), Buffer.concat([block(requestFields(path)), more]));
  const inGzip = (bytes: Uint8Array) => (index: number) =>
    Buffer.concat([open(index, [['grpc-encoding', 'gzip']]), data(id(index), message(bytes, 1), endStream)]);
  return {
    'rapid reset': openThen(streamId => rstStream(streamId)),
    'MadeYouReset by WINDOW_UPDATE of nothing': openThen(streamId => windowUpdate(streamId, 0)),
    'MadeYouReset by a window too large': openThen(streamId => windowUpdate(streamId, 2 ** 31 - 1)),
    'CONTINUATION flood': {
      begin: headers(1, requestFields(path), 0),
      next: () => frame(types.continuation, 0, 1, Buffer.alloc(0)),
    },
    'SETTINGS flood': {next: () => settings([4, 70_000])},
    'PING flood': {next: () => ping()},
    'PRIORITY flood': {
      next: index => frame(types.priority, 0, id(index), Buffer.concat([uint32(0), Buffer.from([1])])),
    },
    'empty DATA flood': {begin: open(0), next: () => data(1, Buffer.alloc(0))},
    'HPACK bomb': {
      begin: frame(types.headers, endHeaders | endStream, 1, hpackEntry(4000)),
      next: index => withBlock(index + 1, Buffer.alloc(12_000, 0xbe)),
    },
    'HPACK table thrash': {next: index => withBlock(index, thrash(index))},
    'headers too large': {
      next: index =>
        withBlock(index, Buffer.concat([Buffer.from([0, 1, 0x62, 0x7f, 0x81, 0x7b]), Buffer.alloc(16_000, 'x')])),
    },
    'WINDOW_UPDATE beyond the most': {next: () => windowUpdate(0, 2 ** 31 - 1)},
    'WINDOW_UPDATE by nothing': {next: () => windowUpdate(0, 0)},
    'slow preface': {first: preface.subarray(0, 10)},
    'slow headers': {begin: headers(1, requestFields(path), 0)},
    'zero window, large values': {
      first: Buffer.concat([preface, settings([4, 0])]),
      next: index => call(id(index), path, largeRequest),
    },
    'large values that are not read': {
      first: Buffer.concat([preface, settings([4, 2 ** 30]), windowUpdate(0, 2 ** 30)]),
      next: index => call(id(index), path, largeRequest),
      readsNothing: true,
    },
    'half-closed peers': {next: index => call(id(index), path, request), endsSide: true},
    'streams above the limit': {next: index => open(index)},
    'DATA after the end': {
      next: index => Buffer.concat([call(id(index), path, request), data(id(index), Buffer.from('more'))]),
    },
    'pseudo-headers that are none': {
      next: index => headers(id(index), [[':nothing', 'x'], ...requestFields(path)]),
    },
    'upper-case names': {next: index => open(index, [['Upper', 'x']])},
    'messages of 4 GiB': openThen(streamId => data(streamId, Buffer.from([0, 255, 255, 255, 255, 1]))),
    'messages that never end': {
      next: index =>
        Buffer.concat([
          open(index),
          data(id(index), Buffer.concat([Buffer.from([0, 0, 15, 0, 0]), Buffer.alloc(10_000)])),
        ]),
    },
    'invalid gzip': {next: inGzip(Buffer.from('this is no gzip'))},
    'gzip bombs': {next: inGzip(gzipSync(Buffer.alloc(requestBytesMost + 1)))},
    'gzip bombs that say they are small': {next: inGzip(saying(1000, gzipSync(Buffer.alloc(requestBytesMost))))},
    'gzip as large as is allowed': {next: inGzip(gzipSync(Buffer.alloc(requestBytesMost)))},
    noise: {first: Buffer.alloc(64, 0x55)},
  };
}

/** In the place where gzip says what it inflates to. */
function saying(bytes: number, compressed: Buffer): Buffer {
  const copy = Buffer.from(compressed);
  copy.writeUInt32LE(bytes, copy.length - 4);
  return copy;
}

/** An entry of the table with a value of so many bytes, at most 4,000. */
function hpackEntry(bytes: number): Buffer {
  const rest = bytes - 127;
  const length = Buffer.from([0x7f, (rest & 0x7f) | 0x80, rest >> 7]);
  return Buffer.concat([Buffer.from([0x40, 1, 0x62]), length, Buffer.alloc(bytes, 'x')]);
}

/** A hundred entries that nobody had before. */
function thrash(index: number): Buffer {
  const fields = Array.from({length: 100}, (_, at) => [`n${at}`, String(10_000_000 + index * 100 + at)]);
  return Buffer.concat(
    fields.map(([name = '', value = '']) =>
      Buffer.concat([
        Buffer.from([0x40, name.length]),
        Buffer.from(name),
        Buffer.from([value.length]),
        Buffer.from(value),
      ]),
    ),
  );
}
