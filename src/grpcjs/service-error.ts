/** Failures in the form that @grpc/grpc-js sends: code, message, and the details trailer. */
import {Metadata, type ServerErrorResponse} from '@grpc/grpc-js';
import {encodeStatus, type FaultLog, toStatus} from '../rpc/index.js';

export function toServiceError(failure: unknown, logFault: FaultLog): ServerErrorResponse {
  const status = toStatus(failure, logFault);
  const metadata = new Metadata();
  if (status.details.length > 0) metadata.set('grpc-status-details-bin', Buffer.from(encodeStatus(status)));
  return {name: 'Error', message: status.message, code: status.code, details: status.message, metadata};
}
