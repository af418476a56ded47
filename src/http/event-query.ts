/**
 * What `/-/watch` is asked: its query, and where a client that comes back goes on.
 *
 *     prefix, key     what to follow; both may be given several times
 *     namespace       empty means `default`
 *     initial         first everything that there is
 *     events          only these: put, touch, delete, expire, evict, purge; by commas, or several times
 *     previous        what there was before each change, too
 *     values          in which form: json (the default), base64, none, text
 *     from            the id to go on behind, for who cannot set Last-Event-ID
 */
import {limits} from '../base/index.js';
import type {WatchRequest} from '../rpc/index.js';
import {isValueForm, type ValueForm, valueForms} from './event-format.js';
import {decodePercent} from './paths.js';
import {Refusal} from './refusal.js';

type ChangeType = WatchRequest['eventTypes'][number];

const changeTypes: readonly ChangeType[] = ['put', 'touch', 'delete', 'expire', 'evict', 'purge'];
const severalTimes = ['prefix', 'key', 'events'];
const once = ['namespace', 'initial', 'previous', 'values', 'from'];

export interface EventQuery {
  watch: WatchRequest;
  values: ValueForm;
}

/** Throws a Refusal. `query` is without its `?`; an empty `lastEventId` is none. */
export function parseEventQuery(query: string, lastEventId = ''): EventQuery {
  const given = parametersOf(query);
  const values = valuesOf(given);
  const watch: WatchRequest = {
    targets: [
      ...(given.get('prefix') ?? []).map(prefix => ({prefix})),
      ...(given.get('key') ?? []).map(key => ({key})),
    ],
    namespace: single(given, 'namespace'),
    // The URL of a client that comes back is still the one that it began with.
    resumeToken: lastEventId || single(given, 'from'),
    initialState: flag(given, 'initial'),
    eventTypes: (given.get('events') ?? []).flatMap(text => text.split(',')).map(changeTypeOf),
    keysOnly: values === 'none',
    includePrevious: flag(given, 'previous'),
    bookmarkIntervalMs: limits.eventsHeartbeatMs,
    onGap: 'resync',
    maxResponseBytes: 0,
  };
  if (watch.targets.length === 0) {
    throw new Refusal('INVALID_PARAMETER', 'give a prefix or a key; an empty prefix means everything', {
      field: 'prefix',
    });
  }
  return {watch, values};
}

type Parameters = ReadonlyMap<string, readonly string[]>;

function parametersOf(query: string): Parameters {
  const given = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    const before = given.get(name);
    if (!before) given.set(checkName(name), [value]);
    else if (severalTimes.includes(name)) before.push(value);
    else throw new Refusal('INVALID_PARAMETER', 'is given more than once', {field: name});
  }
  return given;
}

function checkName(name: string): string {
  const known = [...severalTimes, ...once];
  if (known.includes(name)) return name;
  throw new Refusal('UNKNOWN_PARAMETER', `is unknown here; allowed: ${known.join(', ')}`, {field: name.slice(0, 200)});
}

function single(given: Parameters, name: string): string {
  return given.get(name)?.[0] ?? '';
}

/** `?initial` alone means yes. */
function flag(given: Parameters, name: string): boolean {
  const text = given.get(name)?.[0];
  if (text === undefined || text === 'false') return false;
  if (text === '' || text === 'true') return true;
  throw new Refusal('INVALID_PARAMETER', 'allowed: true or false', {field: name});
}

function changeTypeOf(text: string): ChangeType {
  const type = changeTypes.find(each => each === text);
  if (type) return type;
  throw new Refusal('INVALID_PARAMETER', `allowed: ${changeTypes.join(', ')}`, {field: 'events'});
}

function valuesOf(given: Parameters): ValueForm {
  const values = given.get('values')?.[0] ?? 'json';
  if (!isValueForm(values)) {
    throw new Refusal('INVALID_PARAMETER', `allowed: ${valueForms.join(', ')}`, {field: 'values'});
  }
  // The data is the value and nothing else, so nothing would tell whose it is.
  if (values === 'text' && (given.has('prefix') || given.get('key')?.length !== 1)) {
    throw new Refusal('INVALID_PARAMETER', 'text is for one key and no prefix', {field: 'values'});
  }
  return values;
}

function decode(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}
