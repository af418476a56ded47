/** From what a request says about an entry's life to when it is gone. */
import test from 'ava';
import {systemClock} from '../../src/base/index.js';
import type {CacheOptions, NamespaceConfig} from '../../src/cache/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {getOf, incrementOf, putOf, touchOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';

function start(namespace: Partial<NamespaceConfig> = {}, options: Partial<Pick<CacheOptions, 'random'>> = {}) {
  const clock = new ManualClock();
  const cache = createTestCache(clock, {namespaces: [namespace], ...options});
  /** How long the entry under the key has yet to live; undefined: for ever. */
  const leftMs = (key: string) => {
    const expireTimeMs = cache.get(getOf(key, {peek: true})).entry?.expireTimeMs;
    return expireTimeMs === undefined ? undefined : expireTimeMs - clock.wallMs();
  };
  return {clock, cache, leftMs};
}

test('without a word, an entry never expires', async t => {
  const {clock, cache} = start();
  t.is((await cache.put(putOf('k'))).expireTimeMs, undefined);
  clock.advance(1e12);
  t.is(cache.get(getOf('k')).outcome, 'hit');
});

test('without a word, the default TTL of the namespace counts', async t => {
  const {clock, cache} = start({defaultTtlMs: 1000});
  t.is((await cache.put(putOf('k'))).expireTimeMs, clock.wallMs() + 1000);
  clock.advance(999);
  t.is(cache.get(getOf('k')).outcome, 'hit');
  clock.advance(1);
  t.is(cache.get(getOf('k')).outcome, 'miss');
});

test('a TTL of zero is no word', t => {
  const {cache, leftMs} = start({defaultTtlMs: 1000});
  cache.put(putOf('k', '', {ttlMs: 0}));
  t.is(leftMs('k'), 1000);
});

test('a TTL counts from now, parts of a millisecond rounded up', t => {
  const {cache, leftMs} = start({defaultTtlMs: 1000});
  cache.put(putOf('a', '', {ttlMs: 5000}));
  cache.put(putOf('b', '', {ttlMs: 0.000_001}));
  t.is(leftMs('a'), 5000);
  t.is(leftMs('b'), 1);
});

test('an expire_time is a moment of the wall clock, kept though that is set', t => {
  const {clock, cache} = start();
  cache.put(putOf('k', '', {expireTimeMs: clock.wallMs() + 5000}));
  clock.setWallBy(3_600_000);
  t.is(cache.get(getOf('k')).outcome, 'hit');
  clock.advance(4999);
  t.is(cache.get(getOf('k')).outcome, 'hit');
  clock.advance(1);
  t.is(cache.get(getOf('k')).outcome, 'miss');
});

test('no_expiry counts more than the default TTL', t => {
  const {cache, leftMs} = start({defaultTtlMs: 1000});
  cache.put(putOf('k', '', {noExpiry: true}));
  t.is(leftMs('k'), undefined);
});

test('keep_ttl keeps what the entry had', t => {
  const {clock, cache, leftMs} = start({defaultTtlMs: 1000});
  cache.put(putOf('k', '1', {ttlMs: 500}));
  clock.advance(100);
  cache.put(putOf('k', '2', {keepTtl: true}));
  t.is(leftMs('k'), 400);
  cache.put(putOf('k', '3', {noExpiry: true}));
  cache.put(putOf('k', '4', {keepTtl: true}));
  t.is(leftMs('k'), undefined);
});

test('keep_ttl of a new entry is the default TTL', t => {
  const {cache, leftMs} = start({defaultTtlMs: 1000});
  cache.put(putOf('k', '', {keepTtl: true}));
  t.is(leftMs('k'), 1000);
});

test('the maximum TTL shortens every life', t => {
  const {clock, cache, leftMs} = start({maxTtlMs: 1000});
  cache.put(putOf('unset'));
  cache.put(putOf('ttl', '', {ttlMs: 5000}));
  cache.put(putOf('expire_time', '', {expireTimeMs: clock.wallMs() + 5000}));
  cache.put(putOf('no_expiry', '', {noExpiry: true}));
  cache.increment(incrementOf('number', {noExpiry: true}));
  cache.put(putOf('touched', '', {ttlMs: 10}));
  cache.touch(touchOf('touched', {ttlMs: 5000}));
  cache.put(putOf('got', '', {ttlMs: 10}));
  cache.get(getOf('got', {touchTtlMs: 5000}));
  for (const key of ['unset', 'ttl', 'expire_time', 'no_expiry', 'number', 'touched', 'got']) {
    t.is(leftMs(key), 1000, key);
  }
  cache.put(putOf('short', '', {ttlMs: 999}));
  t.is(leftMs('short'), 999);
});

test('jitter shortens a TTL by a share drawn at random, up to the one given', t => {
  let drawn = 0;
  const {cache, leftMs} = start({}, {random: () => drawn});
  for (const [draw, ttlMs] of [
    [0, 1000],
    [0.5, 950],
    // Deadlines are rounded up to whole milliseconds.
    [0.999, 901],
  ] as const) {
    drawn = draw;
    cache.put(putOf('k', '', {ttlMs: 1000, ttlJitter: 0.1}));
    t.is(leftMs('k'), ttlMs);
  }
});

test('the jitter of the namespace counts where the request has none', t => {
  const {cache, leftMs} = start({ttlJitter: 0.5, defaultTtlMs: 2000}, {random: () => 0.5});
  cache.put(putOf('given', '', {ttlMs: 1000}));
  cache.put(putOf('default'));
  cache.put(putOf('own', '', {ttlMs: 1000, ttlJitter: 0.2}));
  cache.put(putOf('none', '', {ttlMs: 1000, ttlJitter: 0}));
  t.is(leftMs('given'), 750);
  t.is(leftMs('default'), 1500);
  t.is(leftMs('own'), 900);
  t.is(leftMs('none'), 1000);
});

test('jitter has no effect on expire_time, keep_ttl and no_expiry', t => {
  const {clock, cache, leftMs} = start({}, {random: () => 0.9});
  cache.put(putOf('a', '', {expireTimeMs: clock.wallMs() + 1000, ttlJitter: 0.5}));
  cache.put(putOf('b', '', {ttlMs: 1000}));
  cache.put(putOf('b', '', {keepTtl: true, ttlJitter: 0.5}));
  cache.put(putOf('c', '', {noExpiry: true, ttlJitter: 0.5}));
  t.is(leftMs('a'), 1000);
  t.is(leftMs('b'), 1000);
  t.is(leftMs('c'), undefined);
});

test('a jitter of 1 leaves a moment to live', t => {
  const {cache, leftMs} = start({}, {random: () => 0.999_999_999});
  cache.put(putOf('k', '', {ttlMs: 1000, ttlJitter: 1}));
  t.is(leftMs('k'), 1);
});

test('every answer tells the same expire_time, however often it is asked', async t => {
  const {clock, cache} = start();
  const {expireTimeMs} = await cache.put(putOf('k', '', {ttlMs: 100_000}));
  for (let round = 0; round < 50; round++) {
    clock.advance(33.3);
    t.is(cache.get(getOf('k')).entry?.expireTimeMs, expireTimeMs);
  }
});

test('by the clocks of the system too, an expire_time is answered as it was given, and any reads the same each time', async t => {
  const cache = createTestCache(systemClock);
  const expireTimeMs = Math.round(systemClock.wallMicros() / 1000) + 100_000;
  for (let index = 0; index < 200; index++) {
    t.is(
      (await cache.put(putOf('given', '', {expireTimeMs: expireTimeMs + index}))).expireTimeMs,
      expireTimeMs + index,
    );
    const counted = (await cache.put(putOf('counted', '', {ttlMs: 100_000 + index}))).expireTimeMs;
    for (let round = 0; round < 20; round++) {
      t.is(cache.get(getOf('given')).entry?.expireTimeMs, expireTimeMs + index);
      t.is(cache.get(getOf('counted')).entry?.expireTimeMs, counted);
    }
  }
});

test('a touch answers the expiry in force, whether it changed it or not', t => {
  const {clock, cache} = start();
  cache.put(putOf('k', '', {ttlMs: 1000}));
  t.deepEqual(cache.touch(touchOf('k', {ttlMs: 500, onlyExtend: true})), {
    outcome: 'notTouched',
    expireTimeMs: clock.wallMs() + 1000,
  });
  t.deepEqual(cache.touch(touchOf('k', {ttlMs: 2000})), {outcome: 'touched', expireTimeMs: clock.wallMs() + 2000});
  t.deepEqual(cache.touch(touchOf('k', {noExpiry: true})), {outcome: 'touched', expireTimeMs: undefined});
  t.deepEqual(cache.touch(touchOf('none', {ttlMs: 1})), {outcome: 'notFound', expireTimeMs: undefined});
});
