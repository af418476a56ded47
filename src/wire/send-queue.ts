/**
 * Flow control of what we send (RFC 9113, sections 5.2 and 6.9).
 *
 * What the windows allow goes out at once. The rest waits on its stream, and streams
 * that wait take turns, a frame each, so that a small answer does not wait for the end
 * of a large one. A turn of the event loop sends at most wireSliceBytes of a connection.
 */
import {giveIfTaken} from './buffers.js';
import {ConnectionFault} from './errors.js';
import {most31, sendData} from './frame.js';
import type {HeldBytes} from './held-bytes.js';
import type {Output} from './output.js';
import {initialWindowBytes, sentFrameBytesMost} from './peer-settings.js';
import {noPieces, type Stream} from './stream.js';

export interface SendQueueOptions {
  output: Output;
  /** Of all connections. */
  held: HeldBytes;
  /** Something was sent that had to wait. */
  onProgress: () => void;
  /** All that the stream had is sent; its end is to follow, if it has one. */
  onEmpty: (stream: Stream) => void;
}

export class SendQueue {
  readonly #output: Output;
  readonly #held: HeldBytes;
  readonly #onProgress: () => void;
  readonly #onEmpty: (stream: Stream) => void;
  /** The connection's, for all streams together. */
  window = initialWindowBytes;
  /** What waits on all streams. */
  queuedBytes = 0;
  /** Streams that have something to send and a window for it, in the order of their turns. */
  readonly #ready = new Set<Stream>();

  constructor({output, held, onProgress, onEmpty}: SendQueueOptions) {
    this.#output = output;
    this.#held = held;
    this.#onProgress = onProgress;
    this.#onEmpty = onEmpty;
  }

  /** Whether something would be sent now, if the output had room. */
  get hasReady(): boolean {
    return this.#ready.size > 0 && this.window > 0;
  }

  /** Whether so many bytes may go out at once, in one frame. Then they are taken from the windows. */
  takeWindow(stream: Stream, count: number): boolean {
    if (
      count > stream.sendWindow ||
      count > this.window ||
      count > sentFrameBytesMost ||
      stream.queuedBytes > 0 ||
      this.#output.isFull
    ) {
      return false;
    }
    stream.sendWindow -= count;
    this.window -= count;
    return true;
  }

  /** Adds to what the stream sends; the bytes must stay as they are. Whole buffers of ours go back when they are sent. */
  add(stream: Stream, pieces: readonly Uint8Array[]): void {
    if (stream.queue === noPieces) stream.queue = [];
    for (const piece of pieces) {
      stream.queue.push(piece);
      stream.queuedBytes += piece.length;
      this.#count(piece.length);
    }
    if (stream.sendWindow > 0) this.#ready.add(stream);
  }

  /** Sends what can be sent, in turns. */
  pump(): void {
    for (const stream of this.#ready) {
      if (this.window <= 0 || this.#output.isFull) return;
      this.#ready.delete(stream);
      if (stream.queuedBytes > 0 && stream.sendWindow > 0) this.#sendFrame(stream);
      if (stream.queuedBytes === 0) this.#onEmpty(stream);
      // At the end of the line; the loop comes to it again.
      else if (stream.sendWindow > 0) this.#ready.add(stream);
    }
  }

  #sendFrame(stream: Stream): void {
    const piece = stream.queue[0]!;
    const from = stream.queueAt;
    const count = Math.min(piece.length - from, stream.sendWindow, this.window, sentFrameBytesMost);
    sendData(this.#output, stream.id, piece, from, from + count, false);
    stream.sendWindow -= count;
    this.window -= count;
    stream.queuedBytes -= count;
    this.#count(-count);
    stream.queueAt += count;
    this.#onProgress();
    if (stream.queueAt < piece.length) return;
    stream.queue.shift();
    stream.queueAt = 0;
    giveIfTaken(piece);
  }

  #count(change: number): void {
    this.queuedBytes += change;
    this.#held.add(change);
  }

  widenConnection(increment: number): void {
    this.window += increment;
    if (this.window > most31) throw new ConnectionFault('FLOW_CONTROL_ERROR', "the connection's window is too large");
  }

  /** False if the window would be larger than one can be. */
  widenStream(stream: Stream, change: number): boolean {
    stream.sendWindow += change;
    if (stream.sendWindow > 0 && stream.queuedBytes > 0) this.#ready.add(stream);
    return stream.sendWindow <= most31;
  }

  forget(stream: Stream): void {
    if (stream.queue === noPieces) return;
    this.#count(-stream.queuedBytes);
    stream.queuedBytes = 0;
    for (const piece of stream.queue) giveIfTaken(piece);
    stream.queue = noPieces;
    this.#ready.delete(stream);
  }
}
