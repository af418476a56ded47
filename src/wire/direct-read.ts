/**
 * Reads what comes on all plain sockets into one buffer.
 *
 * Node's usual way is a buffer of 64 KiB for each read and a stream's bookkeeping for
 * each piece, which is much of what a small call costs. A Socket that is made with
 * `onread` does without both, but a Server makes no such sockets. So its socket gives its
 * handle to another one that is, which is Node's private matter; where it is not as
 * expected, the socket is used as it is, and nothing else changes.
 */
import {Socket} from 'node:net';
import type {Duplex} from 'node:stream';

/** What a socket keeps to itself. */
interface Inside {
  _handle?: Handle | null;
  /** The server that counts it among its connections. */
  _server?: unknown;
  _readableState?: {ended?: boolean};
}

interface Handle {
  reading?: boolean;
  readStop?: () => number;
  useUserBuffer?: unknown;
}

/** A connection, and what has been read of it already. */
export interface DirectReader {
  duplex: Duplex;
  firstBytes?: Buffer;
}

const received = Buffer.allocUnsafeSlow(64 * 1024);
/** Views of its beginnings, by length: what one small call brings is read by one of them. */
const keptViewBytesMost = 1024;
const keptViews = new Array<Buffer | undefined>(keptViewBytesMost + 1).fill(undefined);

/**
 * The connection as it is to be read: bytes of its `data` events are good only until the
 * event is over. What is given is not to be used any more, nor may it have been written to.
 */
export function readDirectly(duplex: Duplex): DirectReader {
  const inside = duplex as Inside;
  const handle = inside._handle;
  if (!handle || !isAsExpected(duplex, handle)) return {duplex};
  const firstBytes: Buffer | null = duplex.read();
  handle.readStop!();
  handle.reading = false;
  inside._handle = null;
  return {duplex: socketOf(handle, inside), firstBytes: firstBytes ?? undefined};
}

function isAsExpected(duplex: Duplex, handle: Handle): boolean {
  const isPlain = duplex.constructor === Socket && (duplex as Inside)._readableState?.ended === false;
  return isPlain && typeof handle.useUserBuffer === 'function' && typeof handle.readStop === 'function';
}

/** Another socket with this handle, counted in place of the one before. */
function socketOf(handle: Handle, before: Inside): Socket {
  const onread = {
    buffer: received,
    callback: (count: number) => {
      socket.emit('data', receivedBytes(count));
      return true;
    },
  };
  // The types know neither `handle` nor `onread` here.
  const options = {handle, readable: true, writable: true, onread} as object;
  const socket: Socket = new Socket(options);
  (socket as Inside)._server = before._server;
  before._server = null;
  return socket;
}

function receivedBytes(count: number): Buffer {
  if (count > keptViewBytesMost) return received.subarray(0, count);
  keptViews[count] ??= received.subarray(0, count);
  return keptViews[count];
}
