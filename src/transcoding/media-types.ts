/** Content-Type and Accept (RFC 9110, sections 8.3 and 12.5.1), as far as JSON in and out needs them. */
import {RequestError} from './status.js';

export const jsonType = 'application/json';

/** Refuses a body that is compressed. */
export function checkEncoding(contentEncoding: string): void {
  if (contentEncoding === '' || contentEncoding.toLowerCase() === 'identity') return;
  throw new RequestError('UNSUPPORTED_MEDIA_TYPE', `the body cannot be in Content-Encoding "${contentEncoding}"`, {
    headers: {'accept-encoding': 'identity'},
  });
}

/**
 * Refuses a body that is not JSON in UTF-8. A body without a type is refused as well:
 * it is what a page of another origin can send without being asked who it is.
 */
export function checkJsonType(contentType: string): void {
  if (contentType === jsonType) return;
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map(part => part.trim());
  const charset = parameters.find(each => each.startsWith('charset='));
  if (type === jsonType && (!charset || charset === 'charset=utf-8' || charset === 'charset="utf-8"')) return;
  const given = contentType === '' ? 'without a Content-Type' : `"${contentType}"`;
  throw new RequestError('UNSUPPORTED_MEDIA_TYPE', `the body has to be ${jsonType}, not ${given}`, {
    headers: {accept: jsonType},
  });
}

/** The one of the offered types that an Accept header likes best; of equals the first. */
export function negotiate(accept: string, offered: readonly string[]): string {
  if (accept === '' || accept === '*/*') return offered[0]!;
  const ranges = accept.toLowerCase().split(',').map(parseRange);
  let best: {type: string; quality: number} | undefined;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = {type, quality};
  }
  if (best) return best.type;
  throw new RequestError('NOT_ACCEPTABLE', `the answer can be ${offered.join(', ')}, but not "${accept}"`);
}

interface MediaRange {
  type: string;
  quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map(part => part.trim());
  const quality = parameters.find(each => each.startsWith('q='));
  return {type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0};
}

/** By the most specific range that the type is in. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const range of [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']) {
    const found = ranges.find(each => each.type === range);
    if (found) return found.quality;
  }
  return 0;
}
