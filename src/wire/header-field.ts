/**
 * Header fields, judged once (RFC 9113, section 8.2).
 *
 * What a field is for, whether it is allowed and what its value means is found out
 * when it is made. Fields live in the connection's HPACK table, so a client that
 * sends the same field with each call pays for that once.
 */
import {parseTimeoutMs} from './grpc/timeout.js';

/** What a field is for. */
export const kinds = {
  metadata: 0,
  malformed: 1,
  method: 2,
  scheme: 3,
  path: 4,
  authority: 5,
  contentType: 6,
  contentLength: 7,
  timeout: 8,
  encoding: 9,
  /** Understood, and needed by nobody further on. */
  silent: 10,
  acceptEncoding: 11,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

const knownKinds: Readonly<Record<string, Kind>> = {
  ':method': kinds.method,
  ':scheme': kinds.scheme,
  ':path': kinds.path,
  ':authority': kinds.authority,
  // Of HTTP/1.1's connections, and so of none here.
  connection: kinds.malformed,
  'keep-alive': kinds.malformed,
  'proxy-connection': kinds.malformed,
  'transfer-encoding': kinds.malformed,
  upgrade: kinds.malformed,
  te: kinds.silent,
  'content-type': kinds.contentType,
  'content-length': kinds.contentLength,
  'grpc-timeout': kinds.timeout,
  'grpc-encoding': kinds.encoding,
  'grpc-accept-encoding': kinds.acceptEncoding,
};

/** A name and what fields of that name are for. */
export class HeaderName {
  readonly text: string;
  readonly kind: Kind;

  constructor(text: string, kind: Kind) {
    this.text = text;
    this.kind = kind;
  }
}

const knownNames = new Map(Object.entries(knownKinds).map(([text, kind]) => [text, new HeaderName(text, kind)]));
const allowedName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const allowedValue = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

export function nameOf(text: string): HeaderName {
  // A name that begins with a colon and is not known is no token either.
  return knownNames.get(text) ?? new HeaderName(text, allowedName.test(text) ? kinds.metadata : kinds.malformed);
}

export class HeaderField {
  readonly name: HeaderName;
  /** An octet a character. */
  readonly value: string;
  readonly kind: Kind;
  /** What the value says where that is a number: a length in bytes, a timeout in ms (NaN if it is none), 1 for gRPC's content type. */
  readonly number: number;
  /** As RFC 7541, section 4.1, and SETTINGS_MAX_HEADER_LIST_SIZE count it. */
  readonly sizeBytes: number;
  /** What a reader of this field made of it, to have it again. */
  note: unknown = undefined;

  constructor(name: HeaderName, value: string) {
    this.name = name;
    this.value = value;
    this.kind = isAllowed(name, value) ? name.kind : kinds.malformed;
    this.number = numberOf(name.kind, value);
    this.sizeBytes = name.text.length + value.length + 32;
  }
}

function isAllowed(name: HeaderName, value: string): boolean {
  if (name.text === 'te') return value === 'trailers';
  if (name.kind === kinds.contentLength) return /^\d{1,15}$/.test(value);
  return allowedValue.test(value);
}

function numberOf(kind: Kind, value: string): number {
  if (kind === kinds.contentLength) return Number(value);
  if (kind === kinds.contentType) return /^application\/grpc(?:[+;]|$)/.test(value) ? 1 : 0;
  return kind === kinds.timeout ? parseTimeoutMs(value) : 0;
}
