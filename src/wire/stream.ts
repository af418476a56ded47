/**
 * One request and its answer, as HTTP/2 sees them (RFC 9113, section 5.1).
 *
 *              remoteEnded          localEnded
 *   open ──────────────────▶ ·  ──────────────────▶ closed
 *     └──── localEnded ────▶ ·  ── RST_STREAM ────▶ closed
 *
 * What the bytes mean is for those who extend it: a gRPC call or a plain HTTP exchange.
 */
import type {Connection} from './connection.js';
import type {OutField} from './hpack/encoder.js';

export abstract class Stream {
  readonly connection: Connection;
  readonly id: number;
  /** The peer will send no more. */
  remoteEnded: boolean;
  /** We shall send no more. */
  localEnded = false;
  closed = false;

  /** What the peer may still send, and what of it may be given back. */
  receiveWindow: number;
  unacknowledged = 0;
  /** What came and is not used: it is not given back. */
  unreadBytes = 0;
  /** Bytes of a message that is not complete. */
  incompleteBytes = 0;
  /** What content-length says is still to come; undefined if it says nothing. */
  expectedBytes: number | undefined;

  /** What we may still send; below zero after the peer made its windows smaller. */
  sendWindow: number;
  /** What waits to be sent: pieces, of which the first is sent up to `queueAt`. */
  queue: Uint8Array[] = noPieces;
  queueAt = 0;
  queuedBytes = 0;
  /** How the stream ends once the queue is sent: with these trailers, or (where there are none in it) without. */
  trailers: readonly OutField[] | undefined;
  /** A writer was asked to wait. */
  wantsDrain = false;
  /** What was written in one turn of the connection, and in which. */
  writtenBytes = 0;
  writtenTurn = 0;

  constructor(connection: Connection, id: number, remoteEnded: boolean) {
    this.connection = connection;
    this.id = id;
    this.remoteEnded = remoteEnded;
    this.receiveWindow = connection.receiving.streamWindowBytes;
    this.sendWindow = connection.settings.initialWindowBytes;
  }

  /** Takes what the peer sends. */
  abstract data(bytes: Buffer, start: number, end: number): void;
  /** The peer has sent all. */
  abstract remoteEnd(): void;
  /** A writer that was asked to wait may go on. */
  abstract drained(): void;
  /** The server waits no longer; what does not end by itself now is ended. */
  goingAway(): void {}
  /** The stream is over, for whatever reason. Called once. */
  abstract over(): void;
}

/** Shared by all streams that have nothing to send; the queue replaces it before it adds. */
export const noPieces: Uint8Array[] = [];
