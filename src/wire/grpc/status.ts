/** How calls end: status, message and details as trailers (gRPC over HTTP/2, "Responses"). */
import {limits} from '../../base/index.js';
import {encodeStatus, type FaultLog, toStatus} from '../../rpc/index.js';
import {constantField, type OutField, plainField} from '../hpack/encoder.js';

/** The headers of every answer. */
export const answerHead: readonly OutField[] = [
  constantField(':status', '200'),
  constantField('content-type', 'application/grpc'),
  constantField('grpc-accept-encoding', 'identity,gzip'),
];

/** The same where messages may be compressed. */
export const gzipAnswerHead: readonly OutField[] = [...answerHead, constantField('grpc-encoding', 'gzip')];

export const okTrailers: readonly OutField[] = [constantField('grpc-status', '0')];

/** Failures of a call as such, whatever it is about. */
export const codes = {deadlineExceeded: 4, resourceExhausted: 8, unimplemented: 12, internal: 13} as const;

export function statusTrailers(code: number, message: string, details?: Uint8Array): OutField[] {
  const trailers = [plainField('grpc-status', String(code)), plainField('grpc-message', percentEncode(message))];
  // Clients take headers of a few KiB; a status without its details is better than none.
  if (details && details.length <= limits.wireStatusDetailsBytesMost) {
    trailers.push(metadataField('grpc-status-details-bin', details));
  }
  return trailers;
}

export function failureTrailers(failure: unknown, logFault: FaultLog): OutField[] {
  const status = toStatus(failure, logFault);
  return statusTrailers(status.code, status.message, status.details.length > 0 ? encodeStatus(status) : undefined);
}

/** Bytes, which need a name that ends in -bin, are sent in base64. */
export function metadataField(name: string, value: string | Uint8Array): OutField {
  if (typeof value === 'string') return plainField(name, value);
  return plainField(name, Buffer.from(value).toString('base64').replace(/=+$/, ''));
}

/** Printable ASCII as it is, but for the percent sign; all else as %XX, byte by byte. */
function percentEncode(text: string): string {
  const cut = text.slice(0, limits.wireStatusMessageCharsMost).toWellFormed();
  if (/^[ -$&-~]*$/.test(cut)) return cut;
  let encoded = '';
  for (const byte of Buffer.from(cut, 'utf8')) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
