/** Random steps on a store, as data that fast-check draws and shrinks; and the keys and values that they speak of. */
import fc from 'fast-check';
import {Random} from './random.js';
import {bytes} from './text.js';

/** How long from now a deadline lies, in milliseconds; without it there is none. */
interface In {
  inMs?: number;
}

/** The revision that an operation is told: that of the entry, or another. */
type Which = 'current' | 'other';

interface OnKey {
  namespace: number;
  key: string;
}

export type Step =
  | ({do: 'get'; peek?: true; metadataOnly?: true; uncounted?: true; known?: Which; touchInMs?: number} & OnKey)
  | PutStep
  | ({do: 'delete'; ifRevision?: Which; wantPrevious?: true} & OnKey)
  | ({do: 'touch'; only?: 'extend' | 'shorten'} & OnKey & In)
  | {do: 'scan'; namespace: number; prefix: string; recordsPerCall: number}
  | {do: 'scanOn'; namespace: number; records: number}
  | {do: 'purge'; namespace: number; prefix: string}
  | ({do: 'makeRoom'; sizeBytes: number; steps: number} & OnKey)
  | {do: 'advance'; ms: number}
  | {do: 'sweep'; steps: number}
  | {do: 'setWall'; byMs: number};

export type PutStep = {
  do: 'put';
  valueBytes: number;
  /** Which of many values of this length. */
  salt: number;
  contentType?: string;
  condition?: 'ifAbsent' | 'ifPresent' | Which;
  keepDeadline?: true;
  wantPrevious?: true;
} & OnKey &
  In;

const hourMs = 3_600_000;
const saltsMost = 1000;
const valueBytesMost = 100_000;

/** Keys that begin alike, keys that no text would show, and (by their first letters) keys that fill slots. */
const keys = [...'abcde', 'ab', 'abc', 'é', '\ufeffa', '\0', 'long', 'longer'];
const prefixes = ['', 'a', 'ab', 'é', 'zz', 'long', 'longer'];
const endings: Record<string, string> = {long: 'k'.repeat(300), longer: 'k'.repeat(9000)};
const contentTypes = ['text/plain', 'x'.repeat(255)];

const noise = new Random(1).bytes(saltsMost + valueBytesMost);

/** A value that is like no other: what comes back can be told from what should have. */
export function contentFor({valueBytes, salt}: {valueBytes: number; salt: number}): Uint8Array {
  return noise.subarray(salt, salt + valueBytes);
}

export function keyOf({key}: {key: string}): Uint8Array {
  return bytes(key + (endings[key] ?? ''));
}

/** The name by which steps call a key. */
export function nameOf(key: Uint8Array): string {
  return Buffer.from(key)
    .toString()
    .replace(/k{100,}$/, '');
}

/** How large a value: small, about as large as slots are, or of several slots. */
const valueSizes = fc.oneof(
  {weight: 6, arbitrary: fc.nat(200)},
  {weight: 2, arbitrary: fc.nat(1500)},
  {weight: 2, arbitrary: fc.integer({min: 7800, max: 8300})},
  {weight: 1, arbitrary: fc.nat(40_000)},
  {weight: 1, arbitrary: around(8148, 8148 + 8184, 8148 + 3 * 8184)},
);

/** `pastToo`: deadlines may have passed when they are set. */
function inMs(pastToo: boolean) {
  const ahead = fc.oneof(
    {weight: 3, arbitrary: fc.integer({min: 1, max: 300})},
    {weight: 4, arbitrary: fc.integer({min: 1, max: 10_000_000}).map(micros => micros / 1000)},
    {weight: 2, arbitrary: fc.integer({min: 1, max: 30 * hourMs})},
    {weight: 1, arbitrary: fc.integer({min: 1, max: 100 * 365 * 24}).map(hours => hours * hourMs)},
  );
  return pastToo ? fc.oneof({weight: 9, arbitrary: ahead}, fc.integer({min: -5000, max: 0})) : ahead;
}

const maybe = fc.constantFrom(undefined, undefined, undefined, true as const);
const which = <T extends string>(...values: T[]) =>
  fc.oneof({weight: 6, arbitrary: fc.constant(undefined)}, fc.constantFrom(...values));

/** Steps on so many namespaces. */
export function stepsOn(namespaces: number, {pastDeadlines = false, lengthMost = 400} = {}) {
  // Most of it happens in one, so that it gets crowded.
  const namespace = fc.oneof({weight: 3, arbitrary: fc.constant(0)}, fc.nat(namespaces - 1));
  const onKey = {namespace, key: fc.constantFrom(...keys)};
  const someInMs = fc.oneof(fc.constant(undefined), inMs(pastDeadlines));
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 15,
      arbitrary: fc.record({
        do: fc.constant('get' as const),
        ...onKey,
        peek: maybe,
        metadataOnly: maybe,
        uncounted: maybe,
        known: which('current', 'other'),
        touchInMs: fc.oneof({weight: 3, arbitrary: fc.constant(undefined)}, inMs(pastDeadlines)),
      }),
    },
    {
      weight: 30,
      arbitrary: fc.record({
        do: fc.constant('put' as const),
        ...onKey,
        valueBytes: valueSizes,
        salt: fc.nat(saltsMost),
        contentType: which(...contentTypes),
        condition: which('ifAbsent', 'ifPresent', 'current', 'other'),
        keepDeadline: maybe,
        wantPrevious: maybe,
        inMs: someInMs,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('delete' as const),
        ...onKey,
        ifRevision: which('current', 'other'),
        wantPrevious: maybe,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('touch' as const),
        ...onKey,
        inMs: someInMs,
        only: which('extend', 'shorten'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('scan' as const),
        namespace,
        prefix: fc.constantFrom(...prefixes),
        recordsPerCall: fc.integer({min: 1, max: 100}),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({do: fc.constant('scanOn' as const), namespace, records: fc.integer({min: 1, max: 8})}),
    },
    {
      weight: 1,
      arbitrary: fc.record({do: fc.constant('purge' as const), namespace, prefix: fc.constantFrom(...prefixes)}),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('makeRoom' as const),
        ...onKey,
        sizeBytes: fc.nat(100_000),
        steps: fc.nat(20),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('advance' as const),
        ms: fc.oneof(
          {weight: 12, arbitrary: fc.nat(150)},
          {weight: 6, arbitrary: fc.nat(5_000_000).map(micros => micros / 1000)},
          {weight: 1, arbitrary: fc.nat(hourMs / 2)},
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('sweep' as const),
        steps: fc.oneof(fc.integer({min: 1, max: 10}), fc.integer({min: 500, max: 5000})),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('setWall' as const),
        byMs: fc.integer({min: -3 * hourMs, max: 3 * hourMs}),
      }),
    },
  );
  return fc.array(step.map(withoutUnset), {maxLength: lengthMost, size: 'max'});
}

/** So that what fails reads well. */
function withoutUnset(step: Step): Step {
  return Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined)) as Step;
}

function around(...centres: number[]): fc.Arbitrary<number> {
  return fc.tuple(fc.constantFrom(...centres), fc.integer({min: -30, max: 30})).map(([centre, by]) => centre + by);
}
