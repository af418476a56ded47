/**
 * The `next_page_token` of List: where the scan goes on, sealed with what was asked
 * for and with the life of the server, so that a token of another question or of
 * before a restart is refused rather than answered wrongly. Opaque to clients, but
 * no secret: a forged position only scans from elsewhere.
 */
import {createHash} from 'node:crypto';
import {CacheError} from '../base/index.js';

/** What a token belongs to. */
export interface PageScope {
  /** Tells one life of the server from another. */
  epoch: number;
  namespace: string;
  prefix: string;
}

/** Where a scan goes on; see ScanCursor. */
export interface PagePosition {
  position: number;
  revision: number;
}

export function encodePageToken({position, revision}: PagePosition, scope: PageScope): string {
  return Buffer.from(`${position}.${revision}.${seal({position, revision}, scope)}`).toString('base64url');
}

/** The position in a token; the start for the empty one. Throws INVALID_PAGE_TOKEN. */
export function decodePageToken(token: string, scope: PageScope): PagePosition {
  if (token === '') return {position: 0, revision: 0};
  const [, position, revision] =
    /^(\d{1,16})\.(\d{1,16})\./.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  const page = {position: Number(position), revision: Number(revision)};
  if (position === undefined || encodePageToken(page, scope) !== token) {
    throw CacheError.ofField(
      'INVALID_PAGE_TOKEN',
      'page_token',
      'is not one that this server gave for this prefix and namespace; list again from the first page',
    );
  }
  return page;
}

function seal({position, revision}: PagePosition, {epoch, namespace, prefix}: PageScope): string {
  const text = JSON.stringify([position, revision, epoch, namespace, prefix]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
