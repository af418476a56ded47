/** A call that no method serves: unknown, in an encoding that is not, or with too many headers. It ends as it begins. */
import {limits} from '../../base/index.js';
import type {Method} from '../../rpc/index.js';
import type {Connection} from '../connection.js';
import type {RequestHead} from '../request-head.js';
import {Stream} from '../stream.js';
import {answerHead, codes, statusTrailers} from './status.js';

export class RefusedCall extends Stream {
  /** Undefined if nothing speaks against the call. */
  static for(
    connection: Connection,
    id: number,
    {head, method, endsStream}: {head: RequestHead; method: Method | undefined; endsStream: boolean},
  ): RefusedCall | undefined {
    const refusal = refusalOf(head, method);
    if (refusal === undefined) return undefined;
    const call = new RefusedCall(connection, id, endsStream);
    connection.streams.set(id, call);
    connection.endWith(call, [...answerHead, ...statusTrailers(...refusal)]);
    return call;
  }

  override data(): void {}
  override remoteEnd(): void {}
  override drained(): void {}
  override over(): void {}
}

function refusalOf(head: RequestHead, method: Method | undefined): [code: number, message: string] | undefined {
  if (head.isTooLarge) {
    return [codes.resourceExhausted, `the metadata has more than ${limits.wireHeaderListBytesMost} bytes`];
  }
  if (head.method?.value !== 'POST') return [codes.unimplemented, 'gRPC calls are POST'];
  if (method === undefined) return [codes.unimplemented, `there is no method ${head.path?.value.slice(0, 200)}`];
  const encoding = head.encoding?.value ?? 'identity';
  if (encoding === 'identity' || encoding === 'gzip') return undefined;
  return [codes.unimplemented, `messages in the encoding ${encoding.slice(0, 100)} are not understood`];
}
