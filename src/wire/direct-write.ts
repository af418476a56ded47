/**
 * Writes to a plain socket in one call of the system.
 *
 * A stream's write() makes a request, remembers what waits and plans a later turn for
 * each piece, also where the system takes all at once, as it nearly always does for a
 * small answer; that is a fifth of what such a call costs. The handle and its request
 * are Node's private matter: where they are not as expected, nothing is written here,
 * and the stream does it.
 */
import type {Socket} from 'node:net';

interface WriteRequest {
  oncomplete: () => void;
  /** Keeps the bytes while the system has not taken them all. */
  buffer: Uint8Array | null;
}

/** What a socket keeps to itself. */
interface Handle {
  writeBuffer?: (request: WriteRequest, bytes: Uint8Array) => number;
  writeQueueSize?: number;
}

const Request = findRequest();
/** A request is free again at once when the system has taken all at once. */
let free: WriteRequest | undefined;

function findRequest(): (new () => WriteRequest) | undefined {
  try {
    const {binding} = process as unknown as {binding(name: string): {WriteWrap?: new () => WriteRequest}};
    return binding('stream_wrap').WriteWrap;
  } catch {
    return undefined;
  }
}

/** How it went: not written at all, taken by the system, or written but not all taken yet. */
export type Written = 'not' | 'taken' | 'waiting';

/** The bytes must stay as they are, unless they were taken or not written. */
export function writeDirectly(socket: Socket, bytes: Uint8Array): Written {
  const handle = (socket as {_handle?: Handle | null})._handle;
  // Behind what waits already, the stream keeps the order and the count.
  if (!Request || typeof handle?.writeBuffer !== 'function' || handle.writeQueueSize !== 0) return 'not';
  const request = free ?? new Request();
  free = undefined;
  request.oncomplete = () => {};
  if (handle.writeBuffer(request, bytes) !== 0) {
    // The peer is gone; the stream finds out and says so.
    return 'not';
  }
  if (handle.writeQueueSize === 0) {
    free = request;
    return 'taken';
  }
  request.buffer = bytes;
  return 'waiting';
}
