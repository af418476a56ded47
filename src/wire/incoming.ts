/**
 * Frames that come in, one after the other: each is checked against the rules of its
 * type and the state of its stream, and then does what it is for (RFC 9113, sections
 * 5.1 and 6).
 */
import {limits} from '../base/index.js';
import type {Connection} from './connection.js';
import {ConnectionFault, type ErrorName} from './errors.js';
import {flags, readUint31, sendPing, sendRstStream, sendSettingsAck, types} from './frame.js';
import type {Guard} from './guard.js';
import {HeaderBlocks} from './header-blocks.js';
import type {RequestHead} from './request-head.js';
import type {Stream} from './stream.js';

export interface IncomingOptions {
  connection: Connection;
  /** Counts what moves no call on. */
  idleFrames: Guard;
  /** Makes the stream for a request, and begins it. `endsStream`: no body will follow. */
  open: (connection: Connection, streamId: number, head: RequestHead, endsStream: boolean) => Stream;
}

export class Incoming {
  readonly #connection: Connection;
  readonly #idleFrames: Guard;
  readonly #open: IncomingOptions['open'];
  readonly #headers = new HeaderBlocks();
  /** What the last HEADERS named as its parent; a stream must not name itself. */
  #dependsOn: number | undefined;
  /** The highest that a request had. */
  lastStreamId = 0;
  /** The peer has said what it speaks. */
  settingsSeen = false;

  constructor({connection, idleFrames, open}: IncomingOptions) {
    this.#connection = connection;
    this.#idleFrames = idleFrames;
    this.#open = open;
  }

  /** Since when the headers of a request are incomplete, if they are. */
  get headersSinceMs(): number | undefined {
    return this.#headers.openStreamId === 0 ? undefined : this.#headers.sinceMs;
  }

  /** Takes one frame, whose payload are the bytes from `start` to `end`. Throws a ConnectionFault. */
  frame(type: number, frameFlags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#headers.openStreamId !== 0 && type !== types.continuation) {
      throw new ConnectionFault('PROTOCOL_ERROR', 'a frame within the headers of a request');
    }
    if (!this.settingsSeen) this.#expectSettings(type, frameFlags);
    switch (type) {
      case types.data:
        this.#data(frameFlags, streamId, bytes, start, end);
        return;
      case types.headers:
        this.#header(frameFlags, streamId, bytes, start, end);
        return;
      case types.continuation:
        this.#continuation(frameFlags, streamId, bytes, start, end);
        return;
      case types.windowUpdate:
        this.#windowUpdate(streamId, bytes, start, end);
        return;
      case types.rstStream:
        this.#rstStream(streamId, start, end);
        return;
      case types.priority:
        this.#priority(streamId, bytes, start, end);
        return;
    }
    this.#idleFrames.count();
    // The rest belong to the connection as a whole, or are not known, and then not judged.
    if (type <= types.goAway && streamId !== 0) throw new ConnectionFault('PROTOCOL_ERROR', 'not a frame of a stream');
    switch (type) {
      case types.settings:
        this.#settings(frameFlags, bytes, start, end);
        return;
      case types.ping:
        this.#ping(frameFlags, bytes, start, end);
        return;
      case types.goAway:
        requireSize(end - start >= 8, 'GOAWAY');
        return;
      case types.pushPromise:
        throw new ConnectionFault('PROTOCOL_ERROR', 'a client promises nothing');
    }
  }

  #expectSettings(type: number, frameFlags: number): void {
    if (type !== types.settings || frameFlags & flags.ack) {
      throw new ConnectionFault('PROTOCOL_ERROR', 'the first frame is not SETTINGS');
    }
    this.settingsSeen = true;
  }

  #data(frameFlags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const stream = this.#connection.streams.get(streamId);
    this.#connection.receiving.takeOfConnection(end - start);
    if (stream === undefined) {
      this.#ofNoStream(streamId);
      return;
    }
    const padded = (frameFlags & flags.padded) !== 0;
    const from = padded ? start + 1 : start;
    const to = padded ? end - paddingAt(bytes, start, end) : end;
    const endsStream = (frameFlags & flags.endStream) !== 0;
    if (from === to && !endsStream) this.#idleFrames.count();
    const error = this.#dataError(stream, end - start, to - from, endsStream);
    if (error !== undefined) {
      this.#connection.resetId(stream.id, error);
      return;
    }
    stream.remoteEnded = endsStream;
    if (from < to) stream.data(bytes, from, to);
    if (stream.closed) return;
    if (endsStream) stream.remoteEnd();
    else this.#connection.receiving.giveBack(stream);
  }

  /** What speaks against DATA on a stream, if anything does. `count` of its bytes are not padding. */
  #dataError(stream: Stream, frameBytes: number, count: number, endsStream: boolean): ErrorName | undefined {
    if (stream.remoteEnded) return 'STREAM_CLOSED';
    if (!this.#connection.receiving.takeOfStream(stream, frameBytes)) return 'FLOW_CONTROL_ERROR';
    if (stream.expectedBytes === undefined) return undefined;
    stream.expectedBytes -= count;
    const isWrong = stream.expectedBytes < 0 || (endsStream && stream.expectedBytes > 0);
    return isWrong ? 'PROTOCOL_ERROR' : undefined;
  }

  /** DATA of a stream that is not open. */
  #ofNoStream(streamId: number): void {
    if (streamId > this.lastStreamId || streamId % 2 === 0) {
      if (this.#connection.departure.isFinal && streamId % 2 === 1) return;
      throw new ConnectionFault('PROTOCOL_ERROR', 'a frame of a stream that has not begun');
    }
    this.#connection.countReset();
    if (!this.#connection.resetStreams.has(streamId)) sendRstStream(this.#connection.output, streamId, 'STREAM_CLOSED');
  }

  #header(frameFlags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId % 2 === 0) throw new ConnectionFault('PROTOCOL_ERROR', 'the streams of a client have odd numbers');
    let from = start;
    let to = end;
    if (frameFlags & flags.padded) {
      to = end - paddingAt(bytes, start, end);
      from++;
    }
    this.#dependsOn = undefined;
    if (frameFlags & flags.priority) {
      requireSize(to - from >= 5, 'HEADERS with a priority');
      this.#dependsOn = readUint31(bytes, from);
      from += 5;
    }
    const endsStream = (frameFlags & flags.endStream) !== 0;
    if (frameFlags & flags.endHeaders) {
      this.#headers.decode(bytes, from, to);
      this.#request(streamId, endsStream);
    } else {
      this.#headers.open(streamId, endsStream, this.#connection.timers.nowMs(), bytes, from, to);
    }
  }

  #continuation(frameFlags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const blocks = this.#headers;
    if (blocks.openStreamId === 0 || blocks.openStreamId !== streamId) {
      throw new ConnectionFault('PROTOCOL_ERROR', 'CONTINUATION of nothing');
    }
    blocks.add(bytes, start, end);
    if ((frameFlags & flags.endHeaders) === 0) return;
    blocks.close();
    this.#request(streamId, blocks.endsStream);
  }

  /** Headers are complete and in `head`: of a new request, or the trailers of one. */
  #request(streamId: number, endsStream: boolean): void {
    const {head} = this.#headers;
    const known = this.#connection.streams.get(streamId);
    if (known !== undefined) {
      this.#trailers(known, endsStream);
      return;
    }
    if (streamId <= this.lastStreamId) {
      if (this.#connection.resetStreams.has(streamId)) {
        this.#connection.countReset();
        return;
      }
      throw new ConnectionFault('STREAM_CLOSED', 'headers of a stream that is over');
    }
    // What the peer began before it knew that we are leaving; it knows now that we did not look at it.
    if (this.#connection.departure.isFinal) return;
    this.lastStreamId = streamId;
    const error = this.#requestError(streamId, endsStream);
    if (error !== undefined) {
      this.#connection.resetId(streamId, error);
      return;
    }
    this.#idleFrames.reset();
    const stream = this.#open(this.#connection, streamId, head, endsStream);
    if (stream.closed) return;
    stream.expectedBytes = head.contentLength?.number;
    if (endsStream) stream.remoteEnd();
  }

  /** What speaks against a request, if anything does. */
  #requestError(streamId: number, endsStream: boolean): ErrorName | undefined {
    const {head} = this.#headers;
    if (head.requestFault() !== undefined || this.#dependsOn === streamId) return 'PROTOCOL_ERROR';
    if (endsStream && (head.contentLength?.number ?? 0) > 0) return 'PROTOCOL_ERROR';
    const {streams, handlersRunning} = this.#connection;
    return Math.max(streams.size, handlersRunning) >= limits.wireStreamsMost ? 'REFUSED_STREAM' : undefined;
  }

  #trailers(stream: Stream, endsStream: boolean): void {
    if (stream.remoteEnded) {
      this.#connection.resetId(stream.id, 'STREAM_CLOSED');
      return;
    }
    if (!endsStream || this.#headers.head.trailersFault() !== undefined || (stream.expectedBytes ?? 0) > 0) {
      this.#connection.resetId(stream.id, 'PROTOCOL_ERROR');
      return;
    }
    stream.remoteEnded = true;
    stream.remoteEnd();
  }

  #windowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    requireSize(end - start === 4, 'WINDOW_UPDATE');
    this.#idleFrames.count();
    const increment = readUint31(bytes, start);
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionFault('PROTOCOL_ERROR', 'WINDOW_UPDATE by nothing');
      this.#connection.sending.widenConnection(increment);
      return;
    }
    const stream = this.#connection.streams.get(streamId);
    if (stream === undefined) {
      this.#requireBegun(streamId);
      return;
    }
    if (increment === 0) {
      this.#connection.resetId(stream.id, 'PROTOCOL_ERROR');
      return;
    }
    if (!this.#connection.sending.widenStream(stream, increment))
      this.#connection.resetId(stream.id, 'FLOW_CONTROL_ERROR');
  }

  #rstStream(streamId: number, start: number, end: number): void {
    requireSize(end - start === 4, 'RST_STREAM');
    const stream = this.#connection.streams.get(streamId);
    if (stream === undefined) {
      this.#idleFrames.count();
      this.#requireBegun(streamId);
      return;
    }
    this.#connection.countReset();
    this.#connection.closeStream(stream);
  }

  /** Priorities are not followed (RFC 9113, section 5.3.2), but must be well-formed. */
  #priority(streamId: number, bytes: Buffer, start: number, end: number): void {
    this.#idleFrames.count();
    if (streamId === 0) throw new ConnectionFault('PROTOCOL_ERROR', 'PRIORITY of no stream');
    if (end - start !== 5) {
      this.#connection.resetId(streamId, 'FRAME_SIZE_ERROR');
      return;
    }
    if (readUint31(bytes, start) === streamId) this.#connection.resetId(streamId, 'PROTOCOL_ERROR');
  }

  #settings(frameFlags: number, bytes: Buffer, start: number, end: number): void {
    if (frameFlags & flags.ack) {
      requireSize(start === end, 'the acknowledgement of SETTINGS');
      return;
    }
    const before = this.#connection.settings.initialWindowBytes;
    this.#connection.settings.read(bytes, start, end);
    this.#connection.encoder.setTableSize(this.#connection.settings.headerTableBytes);
    for (const stream of this.#connection.streams.values()) {
      if (!this.#connection.sending.widenStream(stream, this.#connection.settings.initialWindowBytes - before)) {
        throw new ConnectionFault('FLOW_CONTROL_ERROR', "a stream's window is too large");
      }
    }
    sendSettingsAck(this.#connection.output);
  }

  #ping(frameFlags: number, bytes: Buffer, start: number, end: number): void {
    requireSize(end - start === 8, 'PING');
    if (frameFlags & flags.ack) this.#connection.departure.answered(bytes, start);
    else sendPing(this.#connection.output, flags.ack, bytes, start);
  }

  #requireBegun(streamId: number): void {
    if (streamId > this.lastStreamId || streamId % 2 === 0) {
      if (this.#connection.departure.isFinal && streamId % 2 === 1) return;
      throw new ConnectionFault('PROTOCOL_ERROR', 'a frame of a stream that has not begun');
    }
  }
}

function paddingAt(bytes: Buffer, start: number, end: number): number {
  const padding = start < end ? bytes[start]! : 0;
  if (padding >= end - start) throw new ConnectionFault('PROTOCOL_ERROR', 'more padding than frame');
  return padding;
}

function requireSize(isRight: boolean, what: string): void {
  if (!isRight) throw new ConnectionFault('FRAME_SIZE_ERROR', `${what} of a wrong size`);
}
