/**
 * Failures: the codes of google/rpc/code.proto, the HTTP status that stands for each
 * (as written there), and the two errors of this room. A body that tells of a failure
 * is a google.rpc.Status in JSON (google/rpc/status.proto, AIP-193).
 */
import {create, type JsonObject, type JsonValue, type Registry, toJson} from '@bufbuild/protobuf';
import {AnySchema} from '@bufbuild/protobuf/wkt';

export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type Code = (typeof Code)[keyof typeof Code];

const httpStatuses: Record<Code, number> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
  [Code.UNAUTHENTICATED]: 401,
};

/** The HTTP status for a code; 500 for a number that is none. */
export function httpStatusOf(code: number): number {
  return httpStatuses[code as Code] ?? 500;
}

/** A google.rpc.Status. */
export interface Status {
  code: number;
  message: string;
  details?: readonly PackedDetail[];
}

/** A google.protobuf.Any. */
export interface PackedDetail {
  typeUrl: string;
  value: Uint8Array;
}

/** What a handler throws to choose the status that its caller sees. */
export class StatusError extends Error implements Status {
  readonly code: number;
  readonly details: readonly PackedDetail[];

  constructor(code: number, message: string, details: readonly PackedDetail[] = []) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.details = details;
  }
}

/** Why a request was refused before any handler saw it, or its answer could not be sent: code and HTTP status. */
const refusals = {
  MALFORMED_TARGET: [Code.INVALID_ARGUMENT, 400],
  NO_ROUTE: [Code.NOT_FOUND, 404],
  METHOD_NOT_ALLOWED: [Code.UNIMPLEMENTED, 405],
  UNKNOWN_PARAMETER: [Code.INVALID_ARGUMENT, 400],
  INVALID_PARAMETER: [Code.INVALID_ARGUMENT, 400],
  INVALID_BODY: [Code.INVALID_ARGUMENT, 400],
  INVALID_TIMEOUT: [Code.INVALID_ARGUMENT, 400],
  NOT_ACCEPTABLE: [Code.INVALID_ARGUMENT, 406],
  BODY_TOO_LARGE: [Code.RESOURCE_EXHAUSTED, 413],
  UNSUPPORTED_MEDIA_TYPE: [Code.INVALID_ARGUMENT, 415],
  RESPONSE_TOO_LARGE: [Code.RESOURCE_EXHAUSTED, 500],
  DEADLINE_EXCEEDED: [Code.DEADLINE_EXCEEDED, 504],
} as const satisfies Record<string, readonly [Code, number]>;

export type RefusalReason = keyof typeof refusals;

export interface RefusalParts {
  /** The path variable or query parameter at fault, or `body`. */
  field?: string;
  /** Header fields that the answer has to carry, such as Allow. */
  headers?: Readonly<Record<string, string>>;
}

/** The one error of this room for whatever is wrong with a request. */
export class RequestError extends Error implements Status {
  readonly reason: RefusalReason;
  readonly description: string;
  readonly field: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(reason: RefusalReason, description: string, {field, headers = {}}: RefusalParts = {}) {
    super(field === undefined ? clip(description) : `${clip(field)}: ${clip(description)}`);
    this.name = 'RequestError';
    this.reason = reason;
    this.description = clip(description);
    this.field = field === undefined ? undefined : clip(field);
    this.headers = headers;
  }

  get code(): Code {
    return refusals[this.reason][0];
  }

  get httpStatus(): number {
    return refusals[this.reason][1];
  }
}

/** A failure as JSON. The details that the registry does not know stay readable as base64. */
export function statusToJson(status: Status, registry: Registry, errorDomain: string): JsonObject {
  const details =
    status instanceof RequestError ? refusalDetails(status, errorDomain) : packedDetails(status, registry);
  const json: JsonObject = {code: status.code, message: status.message.toWellFormed()};
  if (details.length > 0) json.details = details;
  return json;
}

function refusalDetails({reason, field, description}: RequestError, domain: string): JsonValue[] {
  const details: JsonValue[] = [{'@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain}];
  if (field !== undefined) {
    const violation = {field: field.toWellFormed(), description: description.toWellFormed(), reason};
    details.push({'@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation]});
  }
  return details;
}

function packedDetails({details = []}: Status, registry: Registry): JsonValue[] {
  return details.map(({typeUrl, value}) => {
    try {
      return toJson(AnySchema, create(AnySchema, {typeUrl, value}), {registry});
    } catch {
      return {'@type': typeUrl, value: Buffer.from(value).toString('base64')};
    }
  });
}

const clipLength = 1000;

/** Messages may quote what a caller sent, which can be long. */
function clip(text: string): string {
  return text.length > clipLength ? `${text.slice(0, clipLength)}…` : text;
}
