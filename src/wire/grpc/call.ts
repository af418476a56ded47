/**
 * One gRPC call: the bytes of a stream to messages for a method, and what the method
 * answers back (gRPC over HTTP/2).
 *
 * A method that answers at once is answered in the same write as all else that the
 * piece of input caused: headers, message and trailers, one behind the other.
 */
import {CacheError, copyBytes, limits} from '../../base/index.js';
import {type Call, type FaultLog, type InStream, type Method, type OutStream, StatusError} from '../../rpc/index.js';
import type {Connection} from '../connection.js';
import {copyInto, flags, frameHeaderBytes, readUint32, types, writeFrameHeader} from '../frame.js';
import type {HeaderField} from '../header-field.js';
import type {OutField} from '../hpack/encoder.js';
import {findField, type RequestHead} from '../request-head.js';
import {Stream} from '../stream.js';
import type {Gzip} from './gzip.js';
import {InOrder} from './in-order.js';
import {framed, MessageInPieces, prefixBytes, tooLarge, writePrefix} from './messages.js';
import {answerHead, codes, failureTrailers, gzipAnswerHead, metadataField, okTrailers} from './status.js';

/** What all calls of a server have in common. */
export interface CallOptions {
  maxReceiveBytes: number;
  logFault: FaultLog;
  gzip: Gzip;
}

export class GrpcCall extends Stream implements Call, OutStream {
  readonly #options: CallOptions;
  readonly #method: Method;
  readonly #metadata: readonly HeaderField[];
  readonly #timeoutMs: number | undefined;
  /** Set if the client said that it compresses. */
  readonly #gzip: InOrder | undefined;
  /** It is answered as it asked. */
  #compresses = false;
  #pieces: MessageInPieces | undefined;
  /** Of a method that takes one message: that one. */
  #request: Uint8Array | undefined;
  /** Of a method that takes many: where they go. */
  #input: InStream | undefined;
  #headSent = false;
  /** The constant ones, unless the method adds something. */
  #head: readonly OutField[] = answerHead;
  #trailers: readonly OutField[] = okTrailers;
  #cancelDeadline: (() => void) | undefined;
  #closeListeners: (() => void)[] | undefined;
  #drainListeners: (() => void)[] | undefined;

  constructor(
    connection: Connection,
    id: number,
    endsStream: boolean,
    options: CallOptions,
    method: Method,
    head: RequestHead,
  ) {
    super(connection, id, endsStream);
    this.#options = options;
    this.#method = method;
    this.#metadata = head.takeMetadata();
    this.#timeoutMs = head.timeout?.number;
    if (head.encoding?.value === 'gzip') {
      this.#gzip = new InOrder();
      this.#answerInGzip(head.acceptEncoding?.value);
    }
  }

  /** Called when the headers are there. */
  begin(): void {
    if (this.#timeoutMs !== undefined && Number.isNaN(this.#timeoutMs)) {
      this.#failWith(codes.internal, 'grpc-timeout is not a timeout');
    } else if (this.#method.kind === 'duplex') {
      const {handle} = this.#method;
      this.#armDeadline();
      this.#guarded(() => {
        this.#input = handle(this, this);
      });
    }
  }

  override data(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#isEnding) {
      if (this.#pieces === undefined && end - at >= prefixBytes) {
        const from = at + prefixBytes;
        const length = readUint32(bytes, at + 1);
        if (length <= end - from && length <= this.#options.maxReceiveBytes) {
          // Received bytes are good only for the moment, and a handler may need its request for longer.
          this.#message(bytes[at]!, copyBytes(bytes, from, from + length));
          at = from + length;
          continue;
        }
      }
      at = this.#takePiece(bytes, at, end);
    }
  }

  #takePiece(bytes: Buffer, start: number, end: number): number {
    this.#pieces ??= new MessageInPieces();
    const pieces = this.#pieces;
    const at = pieces.take(bytes, start, end);
    if ((pieces.length ?? 0) > this.#options.maxReceiveBytes) {
      this.#refuse('message too large', tooLarge(this.#options.maxReceiveBytes));
      return end;
    }
    if (pieces.isComplete) {
      this.#pieces = undefined;
      this.#countIncomplete();
      this.#message(pieces.isCompressed, pieces.message);
    } else {
      this.#countIncomplete();
    }
    return at;
  }

  /** What of the request is kept because something of it is still to come, or to be inflated. */
  #countIncomplete(): void {
    if (this.closed) return;
    const bytes = (this.#pieces?.size ?? 0) + (this.#gzip?.keptBytes ?? 0);
    this.connection.receiving.setIncomplete(this, bytes);
  }

  /** Who compresses is answered in kind, unless it says otherwise. */
  #answerInGzip(accepted = 'gzip'): void {
    this.#compresses = accepted.split(',').some(encoding => encoding.trim() === 'gzip');
    if (this.#compresses) this.#head = gzipAnswerHead;
  }

  #message(compressed: number, message: Uint8Array): void {
    if (this.#isEnding) return;
    if (this.#gzip?.isWaiting) {
      this.#gzip.keep(message.length, () => this.#message(compressed, message));
      this.#countIncomplete();
    } else if (compressed !== 0) {
      this.#guarded(() => this.#compressedMessage(compressed, message));
    } else if (this.#input) {
      const input = this.#input;
      this.#guarded(() => input.message(message));
    } else if (this.#request === undefined) {
      this.#request = message;
    } else {
      this.#failWith(codes.unimplemented, 'the method takes one request message, and got more');
    }
  }

  #compressedMessage(compressed: number, message: Uint8Array): void {
    if (compressed !== 1 || !this.#gzip) {
      this.#failWith(codes.internal, 'a message is compressed in a way that its call has not announced');
      return;
    }
    const {gzip, maxReceiveBytes} = this.#options;
    // To inflate takes as long as to answer with much.
    this.connection.input.spend(limits.wireGzipAtOnceBytesMost);
    const inflated = gzip.inflate(message, {bytesMost: maxReceiveBytes, isWanted: () => !this.#isEnding});
    if (!(inflated instanceof Promise)) {
      if (inflated instanceof StatusError) this.#refuse('gzip', inflated);
      else this.#message(0, inflated);
      return;
    }
    this.#armDeadline();
    const take = (result: Uint8Array) => {
      this.#message(0, result);
      this.#countIncomplete();
    };
    this.#gzip.wait(inflated, take, failure => this.#refuse('gzip', failure));
  }

  /** Ends the call for what the client sent. */
  #refuse(what: string, failure: unknown): void {
    if (this.#isEnding) return;
    this.connection.countRefusal(what);
    this.end(failure);
  }

  override remoteEnd(): void {
    if (this.#isEnding) return;
    if (this.#gzip?.isWaiting) {
      this.#gzip.keep(0, () => this.remoteEnd());
      return;
    }
    if (this.#pieces) {
      this.#failWith(codes.internal, 'the request ends within a message');
      return;
    }
    if (this.#input) {
      const input = this.#input;
      this.#guarded(() => input.end());
      return;
    }
    if (this.#request === undefined) {
      this.#failWith(codes.unimplemented, 'the method takes a request message');
      return;
    }
    if (this.connection.delayed.hasRoom) {
      this.#handle();
    } else {
      this.#armDeadline();
      this.connection.delayed.add(() => this.#handle());
    }
  }

  #handle(): void {
    if (this.#isEnding) return;
    const method = this.#method;
    const request = this.#request!;
    try {
      if (method.kind === 'unary') {
        const answer = method.handle(request, this);
        if (answer instanceof Promise) this.#later(answer, message => this.#answer(message));
        else this.#answer(answer);
      } else if (method.kind === 'serverStream') {
        this.#armDeadline();
        method.handle(request, this, this);
      }
    } catch (failure) {
      this.end(failure);
    }
  }

  #later<T>(promise: Promise<T>, take: (value: T) => void): void {
    const {connection} = this;
    this.#armDeadline();
    connection.handlersRunning++;
    const settle = (end: () => void) => {
      connection.handlersRunning--;
      if (!this.#isEnding) end();
    };
    promise.then(
      value => settle(() => take(value)),
      failure => settle(() => this.end(failure)),
    );
  }

  /** The whole answer of a unary call. */
  #answer(message: Uint8Array): void {
    this.connection.input.spend(message.length);
    if (this.#compresses) this.#compressAnswer(message);
    else this.#send(message);
  }

  #compressAnswer(message: Uint8Array): void {
    const {gzip} = this.#options;
    if (!gzip.hasThreadFor(message)) {
      const compressed = gzip.compressAtOnce(message);
      this.#send(compressed ?? message, compressed !== undefined);
      return;
    }
    // The handler's bytes are good only for the moment.
    const kept = new Uint8Array(message);
    this.#later(gzip.compressLater(kept), compressed => this.#send(compressed ?? kept, compressed !== undefined));
  }

  #send(message: Uint8Array, isCompressed = false): void {
    const {connection} = this;
    const isPlain = this.#head === answerHead && this.#trailers === okTrailers;
    if (!isPlain || !connection.sending.takeWindow(this, prefixBytes + message.length)) {
      this.#sendHead();
      connection.queue(this, framed(message, isCompressed));
      connection.endWith(this, this.#trailers);
      return;
    }
    const {output, encoder} = connection;
    const head = encoder.constant(answerHead);
    const tail = encoder.constant(okTrailers);
    const bytes = prefixBytes + message.length;
    let at = output.reserve(3 * frameHeaderBytes + head.length + bytes + tail.length);
    const out = output.bytes;
    at = writeFrameHeader(out, at, head.length, types.headers, flags.endHeaders, this.id);
    copyInto(out, at, head, 0, head.length);
    at = writeFrameHeader(out, at + head.length, bytes, types.data, 0, this.id);
    at = writePrefix(message.length, out, at);
    copyInto(out, at, message, 0, message.length);
    const ending = flags.endHeaders | flags.endStream;
    at = writeFrameHeader(out, at + message.length, tail.length, types.headers, ending, this.id);
    copyInto(out, at, tail, 0, tail.length);
    connection.endLocally(this);
  }

  write(message: Uint8Array): boolean {
    if (this.#isEnding) return false;
    const {connection} = this;
    this.#sendHead();
    const compressed = this.#compresses ? this.#options.gzip.compressAtOnce(message) : undefined;
    if (compressed) {
      connection.queue(this, framed(compressed, true));
      return connection.writers.mayWriteOn(this, prefixBytes + compressed.length);
    }
    const bytes = prefixBytes + message.length;
    if (connection.sending.takeWindow(this, bytes)) {
      let at = connection.output.reserve(frameHeaderBytes + bytes);
      const out = connection.output.bytes;
      at = writeFrameHeader(out, at, bytes, types.data, 0, this.id);
      at = writePrefix(message.length, out, at);
      copyInto(out, at, message, 0, message.length);
      connection.worked();
    } else {
      connection.queue(this, framed(message));
    }
    return connection.writers.mayWriteOn(this, bytes);
  }

  end(failure?: unknown): void {
    if (this.#isEnding) return;
    if (failure !== undefined) {
      this.#endWith(failureTrailers(failure, this.#options.logFault));
    } else {
      this.#sendHead();
      this.connection.endWith(this, this.#trailers);
    }
    // What is queued is still sent, but the handler is rid of it.
    this.#tellClosed();
  }

  #failWith(code: number, message: string): void {
    this.end(new StatusError(code, message));
  }

  #endWith(trailers: readonly OutField[]): void {
    const added = this.#trailers.slice(okTrailers.length);
    this.connection.endWith(this, [...(this.#headSent ? [] : this.#head), ...trailers, ...added]);
  }

  get #isEnding(): boolean {
    return this.closed || this.trailers !== undefined;
  }

  #sendHead(): void {
    if (this.#headSent) return;
    this.#headSent = true;
    const {encoder} = this.connection;
    const isConstant = this.#head === answerHead || this.#head === gzipAnswerHead;
    const block = isConstant ? encoder.constant(this.#head) : encoder.encode(this.#head);
    this.connection.sendHeaders(this, block, false);
  }

  onDrain(listener: () => void): void {
    this.#drainListeners ??= [];
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#isEnding) {
      listener();
      return;
    }
    this.#closeListeners ??= [];
    this.#closeListeners.push(listener);
  }

  metadata(name: string): string | undefined {
    const value = findField(this.#metadata, name);
    if (value === undefined || !name.endsWith('-bin')) return value;
    return Buffer.from(value.split(',')[0]!, 'base64').toString('latin1');
  }

  answerMetadata(where: 'headers' | 'trailers', name: string, value: string | Uint8Array): void {
    const field = metadataField(name, value);
    if (where === 'headers') this.#head = [...this.#head, field];
    else this.#trailers = [...this.#trailers, field];
  }

  override drained(): void {
    if (this.#isEnding) return;
    for (const listener of this.#drainListeners ?? []) this.#guarded(listener);
  }

  override goingAway(): void {
    this.end(new CacheError('DRAINING', 'the server is going away'));
  }

  override over(): void {
    this.#cancelDeadline?.();
    this.#tellClosed();
  }

  #tellClosed(): void {
    if (this.#closeListeners === undefined) return;
    for (const listener of this.#closeListeners.splice(0)) this.#guarded(listener);
  }

  #armDeadline(): void {
    if (this.#timeoutMs === undefined || this.#cancelDeadline) return;
    this.#cancelDeadline = this.connection.timers.after(this.#timeoutMs, () =>
      this.#failWith(codes.deadlineExceeded, 'the deadline has passed'),
    );
  }

  /** Runs code of a handler; what it throws ends the call. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (failure) {
      if (this.#isEnding) this.#options.logFault(failure);
      else this.end(failure);
    }
  }
}
