/** The streams of @grpc/grpc-js as `rpc` knows them. */
import type {Metadata, ServerDuplexStream, ServerWritableStream} from '@grpc/grpc-js';
import type {Call, FaultLog, OutStream} from '../rpc/index.js';
import {toServiceError} from './service-error.js';

type EngineStream = ServerWritableStream<Uint8Array, Uint8Array> | ServerDuplexStream<Uint8Array, Uint8Array>;

export function callOf(metadata: Metadata): Call {
  return {metadata: name => metadata.get(name)[0]?.toString()};
}

export function outStreamOf(stream: EngineStream, logFault: FaultLog): OutStream {
  let over = false;
  const closeListeners: (() => void)[] = [];
  const close = () => {
    over = true;
    for (const listener of closeListeners.splice(0)) listener();
  };
  stream.on('cancelled', close);
  stream.on('close', close);
  stream.on('error', close);
  return {
    write: message => !over && stream.write(message),
    end: failure => {
      if (over) return;
      if (failure === undefined) stream.end();
      else stream.emit('error', toServiceError(failure, logFault));
      close();
    },
    onDrain: listener => void stream.on('drain', listener),
    onClose: listener => void closeListeners.push(listener),
  };
}
