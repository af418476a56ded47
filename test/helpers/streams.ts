/** Streams of the grpc-js client as sequences: what came, in order, awaited one by one. */
import type {ClientDuplexStream, ClientReadableStream, ServiceError} from '@grpc/grpc-js';
import {RpcError} from './rpc-error.js';

export interface Received<R> {
  /** The next message; undefined at a clean end. Fails with an RpcError where the stream does. */
  next(): Promise<R | undefined>;
}

export function received<R>(stream: ClientReadableStream<R> | ClientDuplexStream<never, R>): Received<R> {
  const waiting: {resolve: (message: R | undefined) => void; reject: (error: RpcError) => void}[] = [];
  const arrived: R[] = [];
  let over: {error?: RpcError} | undefined;
  const settle = () => {
    while (waiting.length > 0 && (arrived.length > 0 || over)) {
      const {resolve, reject} = waiting.shift()!;
      if (arrived.length > 0) resolve(arrived.shift());
      else if (over?.error) reject(over.error);
      else resolve(undefined);
    }
  };
  stream.on('data', (message: R) => {
    arrived.push(message);
    settle();
  });
  stream.on('error', (error: ServiceError) => {
    over ??= {error: new RpcError(error)};
    settle();
  });
  stream.on('end', () => {
    over ??= {};
    settle();
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({resolve, reject});
        settle();
      }),
  };
}
