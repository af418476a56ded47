/** Headers of requests, and those that answers with entries have in common. */
import type {RequestHeaders} from '../transcoding/index.js';
import {Refusal} from './refusal.js';

/** A header by its lower-case name; of several, all. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

const formType = 'application/x-www-form-urlencoded';

/** The type to keep with a value; empty for none, which the type that curl sends by itself counts as. */
export function contentTypeOf(headers: RequestHeaders): string {
  const type = headerOf(headers, 'content-type') ?? '';
  return type === formType ? '' : type;
}

/** The TTL that Cache-Control asks for; undefined if it says nothing of one. */
export function maxAgeMsOf(headers: RequestHeaders): number | undefined {
  const cacheControl = headerOf(headers, 'cache-control');
  if (cacheControl === undefined) return undefined;
  const given = cacheControl.split(',').flatMap(part => {
    const [name = '', value = ''] = part.split('=', 2);
    return name.trim().toLowerCase() === 'max-age' ? value.trim() : [];
  });
  if (given.length === 0) return undefined;
  const [, seconds] = /^"?(\d{1,15})"?$/.exec(given[0]!) ?? [];
  if (given.length > 1 || seconds === undefined) {
    throw new Refusal('INVALID_TTL', 'allowed: one max-age, in whole seconds', {field: 'Cache-Control'});
  }
  return Number(seconds) * 1000;
}

/** Refuses a body that would be kept without what it needs to be understood. */
export function checkWholeBody(headers: RequestHeaders): void {
  const encoding = headerOf(headers, 'content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'is not kept with a value; allowed: identity', {
      field: 'Content-Encoding',
      headers: {'accept-encoding': 'identity'},
    });
  }
  if (headerOf(headers, 'content-range') !== undefined) {
    throw new Refusal('INVALID_PARAMETER', 'a value is stored whole', {field: 'Content-Range'});
  }
}
