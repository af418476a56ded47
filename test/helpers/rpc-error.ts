/** A failed call as the tests look at it: status, and the details of grpc-status-details-bin decoded. */
import {type ServiceError, status} from '@grpc/grpc-js';
import {BadRequest, ErrorInfo} from '../../src/gen/google/rpc/error_details.js';
import {Status} from '../../src/gen/google/rpc/status.js';

export class RpcError extends Error {
  /** The name of the status code, such as INVALID_ARGUMENT. */
  readonly code: string;
  /** Of the ErrorInfo; undefined where the error carries none. */
  readonly reason: string | undefined;
  readonly domain: string | undefined;
  readonly violations: readonly {field: string; description: string; reason: string}[];
  /** The details trailer as a whole; undefined where the error carries none. */
  readonly status: Status | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.code = status[error.code] ?? String(error.code);
    const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
    this.status = bytes instanceof Uint8Array ? Status.decode(bytes) : undefined;
    const details = this.status ? detailsOf(this.status) : undefined;
    this.reason = details?.reason;
    this.domain = details?.domain;
    this.violations = details?.violations ?? [];
  }
}

/** What a google.rpc.Status, of a call or of one request of a batch, says for programs. */
export function detailsOf(status: Status) {
  const find = (name: string) => status.details.find(each => each.typeUrl === `type.googleapis.com/google.rpc.${name}`);
  const info = find('ErrorInfo');
  const badRequest = find('BadRequest');
  const {reason, domain} = info ? ErrorInfo.decode(info.value) : {};
  const violations = badRequest ? BadRequest.decode(badRequest.value).fieldViolations : [];
  return {reason, domain, violations};
}
