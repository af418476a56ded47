/**
 * Failures as a person or a script sees them: one line on stderr, or with --json
 * one document there, so that stdout holds either a whole answer or nothing.
 */
import {type ExitCode, exitCodes} from './exit-codes.js';
import {escapeControls} from './text.js';

/** A failure that we can explain. Its message says what is wrong and what to do. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: ExitCode;
  /** The server's stable name for it, such as KEY_TOO_LONG. */
  readonly reason: string | undefined;
  /** The gRPC status, such as INVALID_ARGUMENT. */
  readonly status: string | undefined;

  constructor(message: string, how: {exitCode?: ExitCode; reason?: string; status?: string} = {}) {
    super(message);
    this.exitCode = how.exitCode ?? exitCodes.error;
    this.reason = how.reason;
    this.status = how.status;
  }
}

/** What was typed cannot be meant. */
export function usageError(message: string): CliError {
  return new CliError(message, {exitCode: exitCodes.usage});
}

/** Writes a failure to stderr and answers the exit code for it. */
export function reportError(error: unknown, argv: readonly string[]): number {
  const failure = describe(error);
  if (isJsonAsked(argv)) {
    const {message, exitCode, reason, status} = failure;
    process.stderr.write(`${JSON.stringify({error: {message, exitCode, reason, status}}, null, 2)}\n`);
  } else {
    const reason = failure.reason ? ` (${failure.reason})` : '';
    process.stderr.write(`krusty: ${escapeControls(failure.message)}${reason}\n`);
  }
  return failure.exitCode;
}

function describe(error: unknown): Pick<CliError, 'message' | 'exitCode' | 'reason' | 'status'> {
  if (error instanceof CliError) return error;
  if (!(error instanceof Error)) return new CliError(String(error));
  // The parser's own errors, which come with their exit code.
  const exit = (error as {oclif?: {exit?: number}}).oclif?.exit;
  if (exit !== undefined) return {...new CliError(error.message), message: error.message, exitCode: exitCodes.usage};
  // A fault of ours. Its stack is what a report of it needs.
  return new CliError(`unexpected: ${error.stack ?? error.message}`);
}

function isJsonAsked(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
