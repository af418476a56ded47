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

export function encodePageToken(position: number, scope: PageScope): string {
  return Buffer.from(`${position}.${seal(position, scope)}`).toString('base64url');
}

/** The position in a token; 0 for the empty one. Throws INVALID_PAGE_TOKEN. */
export function decodePageToken(token: string, scope: PageScope): number {
  if (token === '') return 0;
  const [digits = ''] = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const position = /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
  if (position === undefined || encodePageToken(position, scope) !== token) {
    throw CacheError.ofField(
      'INVALID_PAGE_TOKEN',
      'page_token',
      'is not one that this server gave for this prefix and namespace; list again from the first page',
    );
  }
  return position;
}

function seal(position: number, {epoch, namespace, prefix}: PageScope): string {
  const text = JSON.stringify([position, epoch, namespace, prefix]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}
