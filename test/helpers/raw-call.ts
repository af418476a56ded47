/** Sends bytes of the test's choice to a method, as no generated client would. */
import type {Client} from '@grpc/grpc-js';
import {RpcError} from './rpc-error.js';

/** The bytes of the answer. Fails with an RpcError. `path` is `/package.Service/Method`. */
export function rawCall(client: Client, path: string, request: Uint8Array): Promise<Uint8Array> {
  const same = (bytes: Uint8Array) => Buffer.from(bytes);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, request, (error, response) => {
      if (error) reject(new RpcError(error));
      else resolve(response!);
    });
  });
}

/** One field of a message by hand: its number and its bytes (at most 127 of them). */
export function lengthDelimited(fieldNumber: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([(fieldNumber << 3) | 2, bytes.length, ...bytes]);
}
