/**
 * A failed call as a person should read it: the server's own words where it said
 * something, else what most likely keeps it from answering and what to do.
 */
import type {ServiceError} from '@grpc/grpc-js';
import {formatDuration} from '../../src/base/index.js';
import {ErrorInfo} from '../../src/gen/google/rpc/error_details.js';
import {Status} from '../../src/gen/google/rpc/status.js';
import {CliError} from './errors.js';
import {exitCodeOfStatus, exitCodes} from './exit-codes.js';

const detailsKey = 'grpc-status-details-bin';

export interface CallPlace {
  address: string;
  timeoutMs: number;
  /** The name of the error's code. */
  statusName: string | undefined;
}

export function explainRpcError(error: ServiceError, place: CallPlace): CliError {
  const status = place.statusName ?? 'UNKNOWN';
  const reason = reasonOf(error);
  const exitCode = exitCodeOfStatus[status as keyof typeof exitCodeOfStatus] ?? exitCodes.error;
  if (reason === undefined) {
    if (status === 'UNAVAILABLE') return new CliError(unreachable(error.details, place.address), {exitCode, status});
    if (status === 'DEADLINE_EXCEEDED') {
      const message = `no answer from ${place.address} within ${formatDuration(place.timeoutMs)}. Is that a Krusty Kache server? More time: --timeout`;
      return new CliError(message, {exitCode, status});
    }
    if (status === 'RESOURCE_EXHAUSTED') {
      const message = `the request is larger than the server receives (${error.details}). Its limits: krusty stats`;
      return new CliError(message, {exitCode: exitCodes.usage, status});
    }
  }
  return new CliError(error.details || status, {exitCode, status, reason});
}

/** The stable reason in a google.rpc.Status, as the server sends it in trailers and in batch results. */
export function reasonInStatus(status: Status): string | undefined {
  const info = status.details.find(detail => detail.typeUrl.endsWith('/google.rpc.ErrorInfo'));
  return info && ErrorInfo.decode(info.value).reason;
}

function reasonOf(error: ServiceError): string | undefined {
  const [bytes] = error.metadata?.get(detailsKey) ?? [];
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return reasonInStatus(Status.decode(bytes));
  } catch {
    return undefined; // not ours; the status and its message say enough
  }
}

function unreachable(details: string, address: string): string {
  const cause = /ECONNREFUSED/.test(details)
    ? 'the connection is refused'
    : details.replace(/^.*Last error: /, '').replace(/[.\s]*Resolution note:.*$/, '');
  return `no server answers at ${address}: ${cause}. Start one: krusty serve. Elsewhere: --address HOST:PORT or KRUSTY_ADDRESS`;
}
