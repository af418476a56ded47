/**
 * Errors as gRPC sees them: a status code, a message for people, and for programs
 * the details of google.rpc: ErrorInfo always, BadRequest where fields are wrong.
 */
import {CacheError, codeOfReason, type ErrorCode} from '../base/index.js';
import {BadRequest, ErrorInfo} from '../gen/google/rpc/error_details.js';
import {Status} from '../gen/google/rpc/status.js';
import {encodeMessage} from './encode.js';

export const errorDomain = 'krusty.cache.v1';

/** The numbers of google.rpc.Code. */
export const grpcCodes: Record<ErrorCode, number> = {
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
};

/** A failure that has its status already: of a call as such, or passed on from elsewhere. */
export class StatusError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    // A client can have thousands of them made a second, and to find out where takes most of what one costs.
    const {stackTraceLimit} = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'StatusError';
    this.code = code;
  }
}

/** Where an internal fault is reported: the client learns only that there was one. */
export type FaultLog = (fault: unknown) => void;

/** A google.rpc.Status for whatever was thrown. What nobody expected is a fault of ours: it is logged, not sent. */
export function toStatus(failure: unknown, logFault: FaultLog): Status {
  if (failure instanceof CacheError) return statusOf(failure);
  if (failure instanceof StatusError) return {code: failure.code, message: failure.message, details: []};
  logFault(failure);
  return statusOf(new CacheError('INTERNAL', 'internal error'));
}

/** The bytes for the trailer `grpc-status-details-bin`. */
export function encodeStatus(status: Status): Uint8Array {
  return encodeMessage(Status, status);
}

/** A google.rpc.Status for an expected failure. */
export function statusOf({reason, message, violations}: CacheError): Status {
  const info = ErrorInfo.fromPartial({reason, domain: errorDomain});
  const details = [{typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: encodeMessage(ErrorInfo, info)}];
  if (violations.length > 0) {
    const badRequest = BadRequest.fromPartial({
      fieldViolations: violations.map(({field, description}) => ({field, description, reason})),
    });
    details.push({
      typeUrl: 'type.googleapis.com/google.rpc.BadRequest',
      value: encodeMessage(BadRequest, badRequest),
    });
  }
  // A message may quote a caller's text and cut it within a surrogate pair, which a header cannot carry.
  return {code: grpcCodes[codeOfReason[reason]], message: message.toWellFormed(), details};
}
