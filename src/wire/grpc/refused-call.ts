/** A call that no method serves: unknown, in an encoding that is not, or with too many headers. It ends as it begins. */
import {limits} from '../../base/index.js';
import type {Method} from '../../rpc/index.js';
import type {RequestHead} from '../request-head.js';
import {Stream} from '../stream.js';
import {answerHead, codes, statusTrailers} from './status.js';

export interface Refusal {
  code: number;
  message: string;
  /** Under which name it is counted, if it is. */
  fault?: string;
}

export class RefusedCall extends Stream {
  begin({code, message}: Refusal): void {
    this.connection.endWith(this, [...answerHead, ...statusTrailers(code, message)]);
  }

  override data(): void {}
  override remoteEnd(): void {}
  override drained(): void {}
  override over(): void {}
}

/** What speaks against a call; undefined if nothing does. */
export function refusalOf(head: RequestHead, method: Method | undefined): Refusal | undefined {
  if (head.isTooLarge) {
    const message = `the metadata has more than ${limits.wireHeaderListBytesMost} bytes`;
    return {code: codes.resourceExhausted, message, fault: 'headers too large'};
  }
  if (head.method?.value !== 'POST') return {code: codes.unimplemented, message: 'gRPC calls are POST'};
  if (method === undefined) {
    return {code: codes.unimplemented, message: `there is no method ${head.path?.value.slice(0, 200)}`};
  }
  const encoding = head.encoding?.value ?? 'identity';
  if (encoding === 'identity' || encoding === 'gzip') return undefined;
  const message = `messages in the encoding ${encoding.slice(0, 100)} are not understood`;
  return {code: codes.unimplemented, message};
}
