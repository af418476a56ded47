/**
 * Answers as JSON in the manner of proto3: names in camelCase, bytes in base64,
 * 64-bit integers as strings, moments in RFC 3339, enums by name. Unlike proto3,
 * fields at their default are written out, so that a script need not know them;
 * left out is only what the answer does not say.
 */
import {type Entry, EventType, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import {WatchGap_Reason} from '../../src/gen/krusty/cache/v1/watch.js';

interface SecondsAndNanos {
  seconds: bigint;
  nanos: number;
}

/** The enums of the fields that mean the same in every message; an `outcome` differs from answer to answer. */
const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  type: EventType,
  evictionLimit: EvictionLimit,
  reason: WatchGap_Reason,
};

/** A message as what JSON.stringify takes. `outcomes` names the values of its `outcome`. */
export function toJson(message: unknown, outcomes: Readonly<Record<string, number>> = {}): unknown {
  if (typeof message === 'bigint') return message.toString();
  if (message instanceof Uint8Array) return Buffer.from(message).toString('base64');
  if (Array.isArray(message)) return message.map(item => toJson(item, outcomes));
  if (typeof message !== 'object' || message === null) return message;
  const json: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined) continue;
    const names = name === 'outcome' ? outcomes : enums[name];
    if (names) json[name] = nameOf(value, names);
    else if (isSecondsAndNanos(value)) json[name] = name.endsWith('Time') ? formatMoment(value) : formatSeconds(value);
    else if (name === 'entry' || name === 'previous') json[name] = entryToJson(value as Entry);
    else json[name] = toJson(value, outcomes);
  }
  return json;
}

/** The document that --json prints. */
export function jsonDocument(json: unknown): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** An entry without the fields that were not asked for, whose defaults would be untrue. */
export function entryToJson(entry: Entry): unknown {
  const {key, namespace, value, sizeBytes, valueOmitted, ...rest} = entry;
  return toJson({
    ...(key && {key}),
    ...(namespace && {namespace}),
    ...(valueOmitted ? {valueOmitted} : {value}),
    ...rest,
    ...(sizeBytes > 0n && {sizeBytes}),
  });
}

/** RFC 3339 in UTC, with as many thousandths as it takes. */
export function formatMoment({seconds, nanos}: SecondsAndNanos): string {
  const wholeSeconds = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${wholeSeconds}${formatFraction(nanos)}Z`;
}

function formatSeconds({seconds, nanos}: SecondsAndNanos): string {
  return `${seconds}${formatFraction(nanos)}s`;
}

/** Nothing, or a point and 3, 6 or 9 digits. */
function formatFraction(nanos: number): string {
  return nanos === 0 ? '' : `.${nanos.toString().padStart(9, '0')}`.replace(/(000){1,2}$/, '');
}

function nameOf(value: unknown, names: Readonly<Record<string, number>>): unknown {
  return Object.keys(names).find(name => names[name] === value) ?? value;
}

function isSecondsAndNanos(value: unknown): value is SecondsAndNanos {
  return typeof value === 'object' && value !== null && 'seconds' in value && 'nanos' in value;
}
