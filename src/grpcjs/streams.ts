/**
 * The streams of @grpc/grpc-js as `rpc` knows them.
 *
 * The engine's stream takes whatever it is given and asks for a pause by the number
 * of messages, of which sixteen may be a gigabyte. Here bytes are counted: those of
 * the messages that the engine has not yet sent. A client that stops reading so holds
 * up `streamQueueBytesMost` of them and one message, and nothing more.
 */
import {Metadata, type ServerDuplexStream, type ServerWritableStream} from '@grpc/grpc-js';
import {limits} from '../base/index.js';
import type {Call, FaultLog, OutStream} from '../rpc/index.js';
import {toServiceError} from './service-error.js';

type EngineStream = ServerWritableStream<Uint8Array, Uint8Array> | ServerDuplexStream<Uint8Array, Uint8Array>;

/** What a method adds to its answer. */
export interface AnswerMetadata {
  headers?: Metadata;
  trailers?: Metadata;
}

/** A call by the metadata that it came with; what the method adds goes into `answer`. */
export function callOf(metadata: Metadata, answer: AnswerMetadata): Call {
  return {
    metadata: name => metadata.get(name)[0]?.toString('latin1'),
    answerMetadata: (where, name, value) => {
      answer[where] ??= new Metadata();
      answer[where].add(name, typeof value === 'string' ? value : Buffer.from(value));
    },
  };
}

export class EngineOutStream implements OutStream {
  readonly #stream: EngineStream;
  readonly #answer: AnswerMetadata;
  readonly #logFault: FaultLog;
  readonly #drainListeners: (() => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  /** Of the messages whose sending the engine has not yet confirmed, with what keeping them costs. */
  #queuedBytes = 0;
  /** The writer was told to wait. */
  #blocked = false;
  #over = false;

  constructor(stream: EngineStream, answer: AnswerMetadata, logFault: FaultLog) {
    this.#stream = stream;
    this.#answer = answer;
    this.#logFault = logFault;
    const close = () => this.#close();
    // The first where the client resets the stream or its connection breaks.
    stream.on('cancelled', close);
    stream.on('close', close);
    stream.on('error', close);
  }

  write(message: Uint8Array): boolean {
    if (this.#over) return false;
    this.#sendHeaders();
    const bytes = message.length + limits.streamMessageOverheadBytes;
    this.#queuedBytes += bytes;
    this.#stream.write(message, () => this.#sent(bytes));
    this.#blocked ||= this.#queuedBytes >= limits.streamQueueBytesMost;
    return !this.#blocked;
  }

  /**
   * The engine sends a status behind what is queued, so a client that has stopped
   * reading learns of its failure when it goes on: after the messages it was still
   * to get, all of them and in order. Until then, or until its connection ends, they
   * stay in memory; but the writer is rid of it at once.
   */
  end(failure?: unknown): void {
    if (this.#over) return;
    this.#sendHeaders();
    if (failure === undefined) this.#stream.end(this.#answer.trailers);
    else this.#stream.emit('error', toServiceError(failure, this.#logFault));
    this.#close();
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#over) listener();
    else this.#closeListeners.push(listener);
  }

  #sendHeaders(): void {
    if (this.#answer.headers) this.#stream.sendMetadata(this.#answer.headers);
    this.#answer.headers = undefined;
  }

  #sent(bytes: number): void {
    this.#queuedBytes -= bytes;
    if (!this.#blocked || this.#over || this.#queuedBytes >= limits.streamQueueBytesMost) return;
    this.#blocked = false;
    try {
      for (const listener of this.#drainListeners) listener();
    } catch (failure) {
      this.end(failure);
    }
  }

  #close(): void {
    this.#over = true;
    for (const listener of this.#closeListeners.splice(0)) listener();
  }
}
