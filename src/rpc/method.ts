/**
 * What a transport serves: methods in neutral terms, bytes in and bytes out. A
 * transport knows frames and streams; what a method means, how its messages are
 * encoded and what its errors look like is decided here, once for all of them.
 */
import {BinaryReader, type BinaryWriter} from '@bufbuild/protobuf/wire';
import {CacheError, decodeUtf8} from '../base/index.js';
import {encodeBriefly, encodeMessage} from './encode.js';
import type {MessageBuffer} from './message-buffer.js';

/** The string that bytes spell, all of them or those from `from` to `to`. */
export type TextDecoding = (bytes: Uint8Array, from?: number, to?: number) => string;

/** Encodes one type of message. */
export interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/** Encodes one type of message by hand, and makes room for what it writes. */
export interface Writing<T> {
  write(message: T, to: MessageBuffer): void;
}

/** Encodes and decodes it; ts-proto makes them. */
export interface Codec<T> extends Encoder<T> {
  decode(input: BinaryReader | Uint8Array): T;
  /** The message, where its bytes are of a form that is common and can be told at once; to save the reader. */
  decodeCommon?(bytes: Uint8Array, decodeText: TextDecoding): T | undefined;
}

/** What a handler may ask about the call it serves, and say beside its messages. */
export interface Call {
  /** A metadata value by its lower-case name; the bytes of one whose name ends in -bin, a character (up to U+00FF) each. */
  metadata(name: string): string | undefined;
  /** Adds metadata to the answer, in lower case, before its first message: to its headers, or behind all messages. */
  answerMetadata(where: 'headers' | 'trailers', name: string, value: string | Uint8Array): void;
}

/** The sending side of a stream, as a transport gives it to a handler. */
export interface OutStream {
  /** Queues one message; false asks the handler to wait for onDrain before it writes more. */
  write(message: Uint8Array): boolean;
  /** Ends the stream, with an error if one is given. Later writes do nothing. */
  end(failure?: unknown): void;
  onDrain(listener: () => void): void;
  /** Called once, when the stream is over for whatever reason. */
  onClose(listener: () => void): void;
}

/** The receiving side of a stream, as a handler gives it to a transport. */
export interface InStream {
  message(bytes: Uint8Array): void;
  /** The client will send no more. */
  end(): void;
}

/** `path` is `/package.Service/Method`. A handler throws a CacheError for what the caller did wrong. */
export interface UnaryMethod {
  kind: 'unary';
  path: string;
  /** Bytes that are answered at once are good only until the next call; those that come later, for good. */
  handle(request: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
}

export interface ServerStreamMethod {
  kind: 'serverStream';
  path: string;
  handle(request: Uint8Array, out: OutStream, call: Call): void;
}

export interface DuplexMethod {
  kind: 'duplex';
  path: string;
  handle(out: OutStream, call: Call): InStream;
}

export type Method = UnaryMethod | ServerStreamMethod | DuplexMethod;

export type UnaryHandler<Q, R> = (request: Q, call: Call) => R | Promise<R>;

/** A unary method from a handler of decoded messages. The response is encoded in the tick in which it is made. */
export function unary<Q, R>(
  path: string,
  request: Codec<Q>,
  response: Encoder<R> | Writing<R>,
  handler: UnaryHandler<Q, R>,
): UnaryMethod {
  return {
    kind: 'unary',
    path,
    handle(bytes, call) {
      const answer = handler(decodeMessage(request, bytes), call);
      return answer instanceof Promise
        ? answer.then(message => encodeMessage(response, message))
        : encodeBriefly(response, answer);
    },
  };
}

/**
 * A message from its bytes. Strings that are not UTF-8 are refused: the usual
 * decoder would replace what it cannot read, and so make one key of several.
 */
export function decodeMessage<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const common = codec.decodeCommon?.(bytes, decodeStrictly);
  if (common !== undefined) return common;
  // The reader gives more than the bytes, of another meaning.
  const reader = new BinaryReader(bytes, text => decodeStrictly(text));
  try {
    const message = codec.decode(reader);
    // The decoder takes a zero or an end of group for the end, whatever stands behind it.
    if (reader.pos < reader.len) throw new Error(`it ends at byte ${reader.pos} of ${reader.len}`);
    return message;
  } catch (error) {
    if (error instanceof CacheError) throw error;
    throw new CacheError('MALFORMED_REQUEST', `the request is not valid Protobuf: ${(error as Error).message}`);
  }
}

function decodeStrictly(bytes: Uint8Array, from = 0, to = bytes.length): string {
  try {
    return decodeUtf8(bytes, from, to);
  } catch {
    const start = Buffer.from(bytes.subarray(from, Math.min(to, from + 32))).toString('hex');
    const shown = to - from > 32 ? `${start}…` : start;
    throw new CacheError(
      'INVALID_UTF8',
      `the string with the bytes ${shown} is not UTF-8; keys and other texts must be`,
      [{field: 'request', description: `the string with the bytes ${shown} is not UTF-8`}],
    );
  }
}
