/**
 * The failures that a caller can be told about.
 *
 * One class, told apart by `reason`: a stable name that clients may test for, and
 * that reaches them as google.rpc.ErrorInfo. Each reason belongs to one class of
 * failure, its code; transports map codes to their own numbers in tables that do
 * not compile until a new one is mapped. A miss and a lost condition are answers,
 * not errors, and have no reason here.
 */

export type ErrorCode =
  | 'invalidArgument'
  | 'notFound'
  | 'failedPrecondition'
  | 'outOfRange'
  | 'resourceExhausted'
  | 'unimplemented'
  | 'unavailable'
  | 'internal';

/** The code of each reason: the whole list of what can go wrong. */
export const codeOfReason = {
  BATCH_SIZE: 'invalidArgument',
  INVALID_CONDITION: 'invalidArgument',
  INVALID_CONTENT_TYPE: 'invalidArgument',
  INVALID_OPTION: 'invalidArgument',
  INVALID_PAGE_TOKEN: 'invalidArgument',
  INVALID_TTL: 'invalidArgument',
  INVALID_UTF8: 'invalidArgument',
  KEY_EMPTY: 'invalidArgument',
  KEY_TOO_LONG: 'invalidArgument',
  INVALID_TARGET: 'invalidArgument',
  MALFORMED_REQUEST: 'invalidArgument',
  MALFORMED_RESUME_TOKEN: 'invalidArgument',
  NO_TARGET: 'invalidArgument',
  VALUE_TOO_LARGE: 'invalidArgument',
  UNKNOWN_NAMESPACE: 'notFound',
  UNKNOWN_SERVICE: 'notFound',
  HISTORY_OFF: 'failedPrecondition',
  NOT_A_NUMBER: 'failedPrecondition',
  NUMBER_OVERFLOW: 'outOfRange',
  POSITION_GONE: 'outOfRange',
  TOO_MANY_PURGES: 'resourceExhausted',
  TOO_MANY_WATCHERS: 'resourceExhausted',
  DRAINING: 'unavailable',
  THREAD_BUSY: 'unavailable',
  INTERNAL: 'internal',
} as const satisfies Record<string, ErrorCode>;

export type ErrorReason = keyof typeof codeOfReason;

/** Which field of a request is wrong (its Protobuf name, as in `requests[3].key`), and what is allowed. */
export interface FieldViolation {
  field: string;
  description: string;
}

/** A failure with a reason; its message says what was wrong and what is allowed, for a person. */
export class CacheError extends Error {
  readonly reason: ErrorReason;
  readonly violations: readonly FieldViolation[];

  constructor(reason: ErrorReason, message: string, violations: readonly FieldViolation[] = []) {
    super(message);
    this.name = 'CacheError';
    this.reason = reason;
    this.violations = violations;
  }

  get code(): ErrorCode {
    return codeOfReason[this.reason];
  }

  /** The same error, seen from the message that holds the faulty one as its field `outer`. */
  within(outer: string): CacheError {
    const violations = this.violations.map(({field, description}) => ({field: `${outer}.${field}`, description}));
    return new CacheError(this.reason, `${outer}: ${this.message}`, violations);
  }

  /** The commonest case: one field of the request is wrong. */
  static ofField(reason: ErrorReason, field: string, description: string): CacheError {
    return new CacheError(reason, `${field}: ${description}`, [{field, description}]);
  }
}
