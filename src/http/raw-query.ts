/** What a query may say of a plain key: `?namespace=` always, `?ttl=` where one is stored. */
import {parseDuration} from '../base/index.js';
import {decodePercent} from './paths.js';
import {Refusal} from './refusal.js';

export interface RawQuery {
  /** Empty for the default. */
  namespace: string;
  ttlMs: number | undefined;
}

const nothing: RawQuery = {namespace: '', ttlMs: undefined};

/** Throws a Refusal for a parameter that is unknown here, given twice, or has no meaning. `query` is without its `?`. */
export function parseRawQuery(query: string, stores: boolean): RawQuery {
  if (query === '') return nothing;
  const given = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    if (name !== 'namespace' && !(name === 'ttl' && stores)) throw unknown(name, stores);
    if (given.has(name)) throw new Refusal('INVALID_PARAMETER', 'is given more than once', {field: name});
    given.set(name, equals < 0 ? '' : decode(part.slice(equals + 1)));
  }
  const ttl = given.get('ttl');
  return {namespace: given.get('namespace') ?? '', ttlMs: ttl === undefined ? undefined : parseTtl(ttl)};
}

function parseTtl(text: string): number {
  const ttlMs = parseDuration(text);
  if (ttlMs !== undefined) return ttlMs;
  throw new Refusal('INVALID_TTL', 'is no duration; allowed: such as 5m, 1h30m or 90s', {field: 'ttl'});
}

function unknown(name: string, stores: boolean): Refusal {
  const allowed = stores ? 'namespace, ttl' : 'namespace';
  return new Refusal('UNKNOWN_PARAMETER', `is unknown here; allowed: ${allowed}`, {field: name.slice(0, 200)});
}

function decode(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}
