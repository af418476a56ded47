/**
 * How a command ends, for scripts: one number for each thing that a script would
 * do something else about.
 */
import type {status} from '@grpc/grpc-js';

export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  miss: 3,
  permission: 4,
  unavailable: 5,
  condition: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What each number means, as `krusty help exit-codes` shows it. */
export const exitCodeMeanings: Record<keyof typeof exitCodes, string> = {
  ok: 'done',
  error: 'failed; the message says why',
  usage: 'the command line or the input is wrong, whether krusty or the server noticed',
  miss: 'there is no entry under the key (get, batch-get, delete, touch; why, if it knows nothing of it)',
  permission: 'not authenticated, or not allowed',
  unavailable: 'no server answers there, or not in time, or it is not ready',
  condition: 'a condition did not hold, and nothing changed (--if-absent, --if-revision, ...)',
  interrupted: 'stopped by Ctrl-C',
};

/** The exit code of each gRPC status. */
export const exitCodeOfStatus: Record<Exclude<keyof typeof status, 'OK'>, ExitCode> = {
  CANCELLED: exitCodes.error,
  UNKNOWN: exitCodes.error,
  INVALID_ARGUMENT: exitCodes.usage,
  DEADLINE_EXCEEDED: exitCodes.unavailable,
  NOT_FOUND: exitCodes.error,
  ALREADY_EXISTS: exitCodes.error,
  PERMISSION_DENIED: exitCodes.permission,
  RESOURCE_EXHAUSTED: exitCodes.error,
  FAILED_PRECONDITION: exitCodes.error,
  ABORTED: exitCodes.error,
  OUT_OF_RANGE: exitCodes.error,
  UNIMPLEMENTED: exitCodes.error,
  INTERNAL: exitCodes.error,
  UNAVAILABLE: exitCodes.unavailable,
  DATA_LOSS: exitCodes.error,
  UNAUTHENTICATED: exitCodes.permission,
};
