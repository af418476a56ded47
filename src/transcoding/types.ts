/**
 * What stands on either side of the transcoder. Below it are methods, bytes of
 * Protobuf in and out, as any RPC server has them; above it an HTTP server, of which
 * it knows only a request and a sink for the answer, so that one of HTTP/1.1 and one
 * of HTTP/2 are the same to it.
 */
import type {RequestHeaders} from './headers.js';

/** What a method may ask about the call that it serves. */
export interface Call {
  /** A metadata value by its lower-case name. */
  metadata(name: string): string | undefined;
  /** Sets a header of the answer; without effect once the answer has begun. */
  sendMetadata(name: string, value: string): void;
  /** How long the caller waits at most, in milliseconds from the arrival of the request. */
  readonly timeoutMs: number | undefined;
  /** Aborted when the call is over: answered, or the caller has gone or waits no longer. */
  readonly signal: AbortSignal;
}

/** The sending side of a stream, as a method gets it. */
export interface OutStream {
  /** Sends one message; false asks for a pause until onDrain. */
  write(message: Uint8Array): boolean;
  /** Ends the stream, with an error if one is given. Later writes do nothing. */
  end(failure?: unknown): void;
  onDrain(listener: () => void): void;
  /** Called once, when the stream is over for whatever reason. */
  onClose(listener: () => void): void;
}

/** `path` is `/package.Service/Method`. A failure is thrown; a StatusError says which the caller sees. */
export interface UnaryMethod {
  kind: 'unary';
  path: string;
  handle(request: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
}

/**
 * A method that answers a stream. The HTTP status is sent with the first message, or
 * when the method has returned (or its promise is kept), whichever is first; a failure
 * before that gets a status of its own, a later one is the last element of the stream.
 */
export interface ServerStreamMethod {
  kind: 'serverStream';
  path: string;
  handle(request: Uint8Array, out: OutStream, call: Call): void | Promise<void>;
}

export type ServedMethod = UnaryMethod | ServerStreamMethod;

/** An HTTP request, as its server has it. */
export interface TranscoderRequest {
  method: string;
  /** The request target: path and query as received, nothing decoded. */
  target: string;
  headers: RequestHeaders;
  /** Whole, or as it arrives; undefined if there is none. It is read only when nothing else is wrong. */
  body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

/** Where an answer goes: once start, then any number of writes, then end or abort. Calls after a close do nothing. */
export interface ResponseSink {
  start(status: number, headers: Readonly<Record<string, string>>): void;
  /** False asks for a pause until onDrain. */
  write(chunk: Uint8Array | string): boolean;
  end(chunk?: Uint8Array | string): void;
  /** Breaks the answer off, so that nobody takes it for complete. */
  abort(): void;
  onDrain(listener: () => void): void;
  /** Called once, when nothing more can be sent: it was ended, or the client has gone. */
  onClose(listener: () => void): void;
}
