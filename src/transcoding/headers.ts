/**
 * What a request's headers say of the call: its metadata and its timeout. Headers
 * reach handlers under their own names, as `authorization`; `Grpc-Metadata-X`, which
 * other gateways ask for, is `x` too where no header has that name itself. What
 * belongs to the connection or to gRPC's own framing is never passed on.
 */
import {RequestError} from './status.js';

/** By lower-case name, as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The metadata that a header (by its lower-case name) becomes; undefined if none. */
export type MetadataName = (header: string) => string | undefined;

export function headerOf(headers: RequestHeaders, name: string): string {
  const value = headers[name];
  return value === undefined ? '' : typeof value === 'string' ? value : value.join(', ');
}

/** What concerns this connection alone (RFC 9110, section 7.6.1), besides what its Connection field names. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const metadataPrefix = 'grpc-metadata-';

/** The default: every header by its own name, and Grpc-Metadata-X as x. */
export const usualMetadataName: MetadataName = header =>
  header.startsWith(metadataPrefix) ? header.slice(metadataPrefix.length) : header;

export function readMetadata(headers: RequestHeaders, nameOf: MetadataName): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const named = headerOf(headers, 'connection').toLowerCase().split(/[ ,]+/);
  for (const header of Object.keys(headers)) {
    const name = named.includes(header) ? undefined : nameOf(header);
    if (name === undefined || headers[header] === undefined || isTransports(name)) continue;
    if (name === header || !metadata.has(name)) metadata.set(name, headerOf(headers, header));
  }
  return metadata;
}

/** Names that neither a handler sees nor it can set. */
export function isTransports(name: string): boolean {
  return name === '' || name.startsWith(':') || name.startsWith('grpc-') || connectionHeaders.has(name);
}

const msOfUnit: Readonly<Record<string, number>> = {H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6};

/**
 * How long the caller waits, in milliseconds: Grpc-Timeout (`10m` is 10 milliseconds,
 * as in gRPC over HTTP/2) or X-Server-Timeout in seconds, the shorter if both are
 * there; undefined if neither is.
 */
export function readTimeoutMs(headers: RequestHeaders): number | undefined {
  const grpc = readTimeout(headers, 'grpc-timeout', grpcTimeout);
  const server = readTimeout(headers, 'x-server-timeout', seconds);
  return grpc === undefined || server === undefined ? (grpc ?? server) : Math.min(grpc, server);
}

const grpcTimeout = /^(\d{1,8})([HMSmun])$/;
const seconds = /^(\d{1,8}(?:\.\d{1,9})?)$/;

function readTimeout(headers: RequestHeaders, name: string, form: RegExp): number | undefined {
  if (headers[name] === undefined) return undefined;
  const match = form.exec(headerOf(headers, name));
  if (!match) throw new RequestError('INVALID_TIMEOUT', `"${headerOf(headers, name)}" is no timeout`, {field: name});
  return Number(match[1]) * msOfUnit[match[2] ?? 'S']!;
}
