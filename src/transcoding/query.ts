/**
 * A query in its names and values (application/x-www-form-urlencoded, as the URL
 * standard reads it, but strict about escapes): `a=1&b=x+y` is a: "1", b: "x y".
 */
import {decodePercent} from './percent.js';

export type QueryPair = readonly [name: string, value: string];

/** Throws a RequestError where an escape is malformed. */
export function parseQuery(query: string): QueryPair[] {
  return query
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const equals = part.indexOf('=');
      return equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    });
}

function decode(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}
