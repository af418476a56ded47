/**
 * A request and the way for its answer, as everything in this room sees them. They are
 * those of the transcoder and a little more, so that whatever serves one path needs to
 * know nothing of the server above it.
 */
import type {ResponseSink, TranscoderRequest} from '../transcoding/index.js';

export interface HttpRequest extends TranscoderRequest {
  /** The name and port that the client believes to speak to; undefined where it did not say. */
  readonly host: string | undefined;
  /** Whether it came to an address that only this machine reaches. */
  readonly isLoopback: boolean;
}

export interface HttpSink extends ResponseSink {
  /** Headers that the answer has, whoever gives it. */
  addHeaders(headers: Readonly<Record<string, string>>): void;
  /** As end, for bytes that are good only until the store's next operation. */
  endBriefly(bytes: Uint8Array): void;
  /** As write, for a chunk that many answers get: what it takes to send it is made once for all of them. */
  writeShared(chunk: Uint8Array): boolean;
}

/** Serves the requests of a path; throws, or answers through the sink, soon or later. */
export type Handler = (request: TranscoderRequest, sink: HttpSink) => void;
