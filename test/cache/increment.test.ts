/** Numbers of 64 bits, as decimal text. */
import test from 'ava';
import {CacheError} from '../../src/base/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {getOf, incrementOf, putOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';
import {text} from '../helpers/text.js';
import {TickingClock} from '../helpers/ticking-clock.js';

const most = 2n ** 63n - 1n;
const least = -(2n ** 63n);

function start(defaultTtlMs?: number) {
  const clock = new ManualClock();
  return {clock, cache: createTestCache(clock, {namespaces: [{defaultTtlMs}]})};
}

test('an absent key starts from initial, with the delta added', t => {
  const {cache} = start();
  t.is(cache.increment(incrementOf('a')).value, 1n);
  t.is(cache.increment(incrementOf('b', {initial: 10n, delta: 5n})).value, 15n);
  t.is(text(cache.get(getOf('b')).entry?.value), '15');
});

test('a present key counts on from its value', t => {
  const {cache} = start();
  cache.put(putOf('k', '41'));
  const {value, revision} = cache.increment(incrementOf('k', {initial: 1000n}));
  t.is(value, 42n);
  t.is(cache.get(getOf('k')).entry?.revision, revision);
  t.is(cache.increment(incrementOf('k', {delta: -50n})).value, -8n);
  t.is(text(cache.get(getOf('k')).entry?.value), '-8');
  t.is(cache.increment(incrementOf('k', {delta: 0n})).value, -8n);
});

test('all 64 bits count, up to the ends', t => {
  const {cache} = start();
  cache.put(putOf('k', String(most - 1n)));
  t.is(cache.increment(incrementOf('k')).value, most);
  cache.put(putOf('k', String(least + 1n)));
  t.is(cache.increment(incrementOf('k', {delta: -1n})).value, least);
  t.is(cache.increment(incrementOf('k', {delta: most})).value, -1n);
});

for (const [value, delta] of [
  [most, 1n],
  [least, -1n],
  [most, most],
  [least, least],
] as const) {
  test(`${value} + ${delta} is NUMBER_OVERFLOW and changes nothing`, t => {
    const {cache} = start();
    cache.put(putOf('k', String(value)));
    const before = cache.get(getOf('k'));
    const error = t.throws(() => cache.increment(incrementOf('k', {delta})), {instanceOf: CacheError}) as CacheError;
    t.is(error.reason, 'NUMBER_OVERFLOW');
    t.deepEqual(cache.get(getOf('k')), before);
  });
}

const noNumbers = ['', 'text', ' 1', '1 ', '+1', '01', '-0', '--1', '1.0', '1e3', '0x1', '١', '1\n', '\0'];

for (const value of [...noNumbers, String(most + 1n), String(least - 1n), '9'.repeat(30)]) {
  test(`${JSON.stringify(value)} is NOT_A_NUMBER`, t => {
    const {cache} = start();
    cache.put(putOf('k', value));
    const error = t.throws(() => cache.increment(incrementOf('k')), {instanceOf: CacheError}) as CacheError;
    t.is(error.reason, 'NOT_A_NUMBER');
    t.is(text(cache.get(getOf('k')).entry?.value), value);
  });
}

test('a new number lives as asked, or by default; a present one keeps its expiry', t => {
  const {clock, cache} = start(1000);
  t.is(cache.increment(incrementOf('default')).expireTimeMs, clock.wallMs() + 1000);
  t.is(cache.increment(incrementOf('never', {noExpiry: true})).expireTimeMs, undefined);
  const made = cache.increment(incrementOf('k', {ttlMs: 500})).expireTimeMs;
  t.is(made, clock.wallMs() + 500);
  clock.advance(100);
  t.is(cache.increment(incrementOf('k', {ttlMs: 5000})).expireTimeMs, made);
  t.is(cache.increment(incrementOf('never', {ttlMs: 5000})).expireTimeMs, undefined);
  clock.advance(400);
  t.is(cache.increment(incrementOf('k', {initial: 7n})).value, 8n);
});

test('an increment keeps the content type', t => {
  const {cache} = start();
  cache.put(putOf('k', '1', {contentType: 'text/plain'}));
  cache.increment(incrementOf('k'));
  t.is(cache.get(getOf('k')).entry?.contentType, 'text/plain');
});

test('an increment counts as a put, and not as a lookup', t => {
  const {cache} = start();
  cache.increment(incrementOf('k'));
  cache.increment(incrementOf('k'));
  t.like(cache.stats().total, {puts: 2, hits: 0, misses: 0, entries: 1});
});

test('a number that expires while it is incremented is either the old one or gone', t => {
  const seen = new Set<bigint>();
  for (let ttlMs = 1; ttlMs <= 30; ttlMs++) {
    // Each look at the clock takes a millisecond, so the deadline comes between any two.
    const cache = createTestCache(new TickingClock(1));
    cache.put(putOf('k', '41', {ttlMs}));
    seen.add(cache.increment(incrementOf('k')).value);
  }
  t.deepEqual(seen, new Set([1n, 42n]));
});
