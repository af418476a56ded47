/**
 * What is wrong with a request before any operation sees it, and how that and every
 * other failure is answered: an HTTP status with a google.rpc.Status as JSON, like the
 * transcoder's. A miss and a lost condition are refusals here, since HTTP has statuses
 * for them.
 */
import {CacheError, type ErrorCode, type ErrorReason, type FieldViolation} from '../base/index.js';
import {errorDomain, type FaultLog, grpcCodes} from '../rpc/index.js';
import {Code, type ResponseSink} from '../transcoding/index.js';

/** Each reason with its code of google.rpc.Code and its HTTP status. */
const refusals = {
  MALFORMED_HTTP: [Code.INVALID_ARGUMENT, 400],
  MALFORMED_TARGET: [Code.INVALID_ARGUMENT, 400],
  UNKNOWN_PARAMETER: [Code.INVALID_ARGUMENT, 400],
  INVALID_PARAMETER: [Code.INVALID_ARGUMENT, 400],
  INVALID_CONDITION: [Code.INVALID_ARGUMENT, 400],
  INVALID_TTL: [Code.INVALID_ARGUMENT, 400],
  CROSS_SITE_WRITE: [Code.PERMISSION_DENIED, 403],
  FOREIGN_HOST: [Code.PERMISSION_DENIED, 403],
  NO_ENTRY: [Code.NOT_FOUND, 404],
  NO_ROUTE: [Code.NOT_FOUND, 404],
  METHOD_NOT_ALLOWED: [Code.UNIMPLEMENTED, 405],
  REQUEST_TIMEOUT: [Code.DEADLINE_EXCEEDED, 408],
  CONDITION_LOST: [Code.FAILED_PRECONDITION, 412],
  UNSUPPORTED_MEDIA_TYPE: [Code.INVALID_ARGUMENT, 415],
  VALUE_NOT_UTF8: [Code.INVALID_ARGUMENT, 415],
  EXPECTATION_FAILED: [Code.INVALID_ARGUMENT, 417],
  HEADERS_TOO_LARGE: [Code.INVALID_ARGUMENT, 431],
  UNSUPPORTED_TRANSFER_CODING: [Code.UNIMPLEMENTED, 501],
} as const satisfies Record<string, readonly [code: Code, httpStatus: number]>;

export type RefusalReason = keyof typeof refusals;

export interface RefusalParts {
  /** The query parameter or header at fault. */
  field?: string;
  /** Header fields that the answer has to carry, such as Allow. */
  headers?: Readonly<Record<string, string>>;
}

export class Refusal extends Error {
  readonly reason: RefusalReason;
  readonly violations: readonly FieldViolation[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, description: string, {field, headers = {}}: RefusalParts = {}) {
    super(field === undefined ? description : `${field}: ${description}`);
    this.name = 'Refusal';
    this.reason = reason;
    this.violations = field === undefined ? [] : [{field, description}];
    this.headers = headers;
  }
}

export const noTunnel = new Refusal('METHOD_NOT_ALLOWED', 'this server is no proxy', {
  headers: {allow: 'GET, HEAD, PUT, POST, DELETE, OPTIONS'},
});

export const headersTooLarge = new Refusal('HEADERS_TOO_LARGE', 'target and headers are too large');

/** The statuses of the failures of operations (design: raw HTTP), for each class and where a reason has its own. */
const statusOfCode: Record<ErrorCode, number> = {
  invalidArgument: 400,
  outOfRange: 400,
  notFound: 404,
  failedPrecondition: 409,
  resourceExhausted: 429,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
};
const statusOfReason: Partial<Record<ErrorReason, number>> = {POSITION_GONE: 410, VALUE_TOO_LARGE: 413};

/** An answer that tells of a failure. */
export interface FailureAnswer {
  httpStatus: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What to answer for whatever was thrown. What is neither a Refusal nor a CacheError is a fault of ours: logged, not told. */
export function answerOf(failure: unknown, logFault: FaultLog): FailureAnswer {
  if (failure instanceof Refusal) return answerOfRefusal(failure);
  if (failure instanceof CacheError) {
    const {code, reason} = failure;
    return answer(statusOfReason[reason] ?? statusOfCode[code], grpcCodes[code], failure);
  }
  logFault(failure);
  return answer(500, Code.INTERNAL, new CacheError('INTERNAL', 'internal error'));
}

export function answerOfRefusal(refusal: Refusal): FailureAnswer {
  const [code, httpStatus] = refusals[refusal.reason];
  return answer(httpStatus, code, refusal, refusal.headers);
}

export function sendFailure(sink: ResponseSink, {httpStatus, headers, body}: FailureAnswer): void {
  sink.start(httpStatus, headers);
  sink.end(body);
}

const infoType = 'type.googleapis.com/google.rpc.ErrorInfo';
const badRequestType = 'type.googleapis.com/google.rpc.BadRequest';

function answer(
  httpStatus: number,
  code: number,
  {message, reason, violations}: Refusal | CacheError,
  headers: Readonly<Record<string, string>> = {},
): FailureAnswer {
  const details: object[] = [{'@type': infoType, reason, domain: errorDomain}];
  if (violations.length > 0) {
    const fieldViolations = violations.map(({field, description}) => ({field, description, reason}));
    details.push({'@type': badRequestType, fieldViolations});
  }
  const body = JSON.stringify({code, message, details});
  const type = {'content-type': 'application/json', 'x-content-type-options': 'nosniff'};
  return {httpStatus, headers: {...headers, ...type, 'content-length': String(Buffer.byteLength(body))}, body};
}
