/** The streams of @grpc/grpc-js as `rpc` knows them. */
import {Metadata, type ServerDuplexStream, type ServerWritableStream} from '@grpc/grpc-js';
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
    metadata: name => metadata.get(name)[0]?.toString(),
    answerMetadata: (where, name, value) => {
      answer[where] ??= new Metadata();
      answer[where].add(name, typeof value === 'string' ? value : Buffer.from(value));
    },
  };
}

export function outStreamOf(stream: EngineStream, answer: AnswerMetadata, logFault: FaultLog): OutStream {
  let over = false;
  const sendHeaders = () => {
    if (answer.headers) stream.sendMetadata(answer.headers);
    answer.headers = undefined;
  };
  const closeListeners: (() => void)[] = [];
  const close = () => {
    over = true;
    for (const listener of closeListeners.splice(0)) listener();
  };
  stream.on('cancelled', close);
  stream.on('close', close);
  stream.on('error', close);
  return {
    write: message => {
      if (over) return false;
      sendHeaders();
      return stream.write(message);
    },
    end: failure => {
      if (over) return;
      sendHeaders();
      if (failure === undefined) stream.end(answer.trailers);
      else stream.emit('error', toServiceError(failure, logFault));
      close();
    },
    onDrain: listener => void stream.on('drain', listener),
    onClose: listener => void closeListeners.push(listener),
  };
}
