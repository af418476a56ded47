/**
 * What a path names: one of the server's own, the JSON routes, or a key. The path is
 * split as it was received and decoded once; so that no proxy and no client sees it
 * otherwise, what means something else decoded than it did before is refused.
 */
import {Refusal} from './refusal.js';

export type Place =
  | {kind: 'own'; path: string}
  | {kind: 'json'}
  /** Where a gRPC client would call, had it spoken HTTP/2. */
  | {kind: 'grpc'}
  | {kind: 'key'; key: string};

const ownPrefix = '/-/raw/';
const json: Place = {kind: 'json'};
const grpc: Place = {kind: 'grpc'};

/** Throws a Refusal. `path` has no query. */
export function placeOf(path: string): Place {
  checkPath(path);
  if (path === '/') return {kind: 'own', path};
  if (path.startsWith(ownPrefix)) return {kind: 'key', key: decodeKey(path.slice(ownPrefix.length))};
  const reserved = reservedPlace(firstSegment(path, 1));
  if (reserved) return reserved === 'own' ? {kind: 'own', path} : reserved;
  const key = decodeKey(path.slice(1));
  if (key.length < path.length - 1 && reservedPlace(firstSegment(key, 0))) {
    throw new Refusal('MALFORMED_TARGET', 'a path that is reserved must not be spelled with escapes');
  }
  return {kind: 'key', key};
}

/** What a first segment is reserved for, for good; undefined if it is part of a key. */
function reservedPlace(segment: string): Place | 'own' | undefined {
  switch (segment[0]) {
    case '-':
      return segment === '-' ? 'own' : undefined;
    case 'v':
      return /^v\d+$/.test(segment) ? json : undefined;
    case 'k':
      return segment.startsWith('krusty.') ? grpc : undefined;
    case 'g':
      return segment.startsWith('grpc.') ? grpc : undefined;
    default:
      return undefined;
  }
}

function firstSegment(text: string, from: number): string {
  const slash = text.indexOf('/', from);
  return text.slice(from, slash < 0 ? undefined : slash);
}

const tilde = 0x7e;
const exclamation = 0x21;
const hash = 0x23;

/** Refuses what no target can hold unescaped. */
function checkPath(path: string): void {
  for (let index = 0; index < path.length; index++) {
    const char = path.charCodeAt(index);
    if (char < exclamation || char > tilde || char === hash) {
      throw new Refusal('MALFORMED_TARGET', `character ${index + 1} of the path has to be percent-encoded`);
    }
  }
}

/** The key that a path spells; empty for none. */
function decodeKey(text: string): string {
  const key = text.includes('%') ? decodePercent(text) : text;
  if (hasDotSegment(key)) {
    throw new Refusal(
      'MALFORMED_TARGET',
      'a segment "." or ".." would mean another path to many; such a key is reached by /v1/entries',
    );
  }
  return key;
}

function hasDotSegment(key: string): boolean {
  if (!key.includes('.')) return false;
  return /(?:^|\/)\.\.?(?:\/|$)/.test(key);
}

/** Percent-escapes decoded once and strictly, for paths and queries. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal('MALFORMED_TARGET', 'a percent escape is incomplete, or spells no UTF-8');
  }
}
