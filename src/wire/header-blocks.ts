/**
 * Header blocks from HEADERS and CONTINUATION frames (RFC 9113, sections 4.3, 6.2 and
 * 6.10). Nearly all come in one frame and are decoded where they stand; the pieces of
 * others are collected, within bounds of size and number.
 */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';
import {HpackDecoder} from './hpack/decoder.js';
import {HpackError} from './hpack/integers.js';
import {RequestHead} from './request-head.js';

export class HeaderBlocks {
  readonly head = new RequestHead();
  readonly #decoder = new HpackDecoder(limits.wireHeaderTableBytes);
  /** The stream whose block is not complete: nothing else may come before its rest. 0 if there is none. */
  openStreamId = 0;
  /** Whether its first frame ended the stream. */
  endsStream = false;
  /** When its first frame came. */
  sinceMs = 0;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  /** Decodes a block that came whole into `head`. */
  decode(bytes: Buffer, start: number, end: number): void {
    this.head.begin();
    try {
      this.#decoder.decode(bytes, start, end, this.head);
    } catch (error) {
      if (error instanceof HpackError) throw new ConnectionFault('COMPRESSION_ERROR', error.message);
      throw error;
    }
  }

  /** Keeps the first piece of a block. */
  open(streamId: number, endsStream: boolean, nowMs: number, bytes: Buffer, start: number, end: number): void {
    this.openStreamId = streamId;
    this.endsStream = endsStream;
    this.sinceMs = nowMs;
    this.add(bytes, start, end);
  }

  add(bytes: Buffer, start: number, end: number): void {
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#pieceBytes += end - start;
    if (this.#pieceBytes > limits.wireHeaderBlockBytesMost || this.#pieces.length > limits.wireHeaderFramesMost) {
      throw new ConnectionFault('ENHANCE_YOUR_CALM', 'the headers of a request are too long, or in too many frames');
    }
  }

  /** All pieces are there: decodes them into `head`. */
  close(): void {
    const block = Buffer.concat(this.#pieces, this.#pieceBytes);
    this.openStreamId = 0;
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.decode(block, 0, block.length);
  }
}
