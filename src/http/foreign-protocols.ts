/**
 * Requests of gRPC, gRPC-Web and Connect clients that came to the wrong door: HTTP
 * here means values and JSON, and their messages must not be taken for values. Connect's
 * may be plain JSON, and only its header tells.
 */
import type {TranscoderRequest} from '../transcoding/index.js';
import {headerOf} from './headers.js';
import {Refusal} from './refusal.js';

export function refuseForeignProtocol({headers}: TranscoderRequest): void {
  const type = (headerOf(headers, 'content-type') ?? '').toLowerCase();
  if (type.startsWith('application/grpc')) throw refusal(type.startsWith('application/grpc-web') ? 'gRPC-Web' : 'gRPC');
  const isConnect = type.startsWith('application/connect+') || headers['connect-protocol-version'] !== undefined;
  if (isConnect) throw refusal('Connect');
}

/** For the paths where such clients call. */
export function refuseGrpcPath(): never {
  throw new Refusal('NO_ROUTE', `nothing but gRPC is served here; ${where}`);
}

const where = 'gRPC is served over HTTP/2 on the same port, JSON under /v1';

function refusal(protocol: string): Refusal {
  return new Refusal('UNSUPPORTED_MEDIA_TYPE', `${protocol} is not served here; ${where}`, {
    field: 'Content-Type',
  });
}
