/** List: pages, their tokens, their size. */
import test from 'ava';
import {CacheError} from '../../src/base/index.js';
import type {Cache, ListRequest} from '../../src/cache/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {deleteOf, listOf, putOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';
import {text} from '../helpers/text.js';

const namespaces = [{maxMemoryBytes: 2 ** 26, maxEntries: 100_000}, {name: 'other'}];

function makeCache(clock = new ManualClock()): Cache {
  return createTestCache(clock, {namespaces});
}

function fill(cache: Cache, count: number, prefix = 'key '): string[] {
  const keys = Array.from({length: count}, (_, index) => `${prefix}${index}`);
  for (const key of keys) cache.put(putOf(key, `value of ${key}`));
  return keys.sort();
}

/** The keys of each page, to the last. */
function pagesOf(cache: Cache, request: Partial<ListRequest>): string[][] {
  const pages: string[][] = [];
  let pageToken = '';
  do {
    const answer = cache.list(listOf({...request, pageToken}));
    pages.push(answer.entries.map(entry => entry.key));
    pageToken = answer.nextPageToken;
  } while (pageToken !== '');
  return pages;
}

test('pages together hold every entry once, where nothing changes', t => {
  const cache = makeCache();
  const keys = fill(cache, 250);
  for (const pageSize of [1, 7, 100, 250, 1000]) {
    const pages = pagesOf(cache, {pageSize});
    t.deepEqual(pages.flat().sort(), keys);
    t.true(pages.every(page => page.length <= pageSize));
  }
});

test('a page has 100 entries by default and 1,000 at most', t => {
  const cache = makeCache();
  fill(cache, 1500);
  t.is(cache.list(listOf()).entries.length, 100);
  t.is(cache.list(listOf({pageSize: 5000})).entries.length, 1000);
});

test('a list has the entries of its prefix and its namespace', t => {
  const cache = makeCache();
  fill(cache, 20, 'a ');
  const keys = fill(cache, 30, 'ab ');
  cache.put(putOf('ab elsewhere', '', {namespace: 'other'}));
  t.deepEqual(pagesOf(cache, {prefix: 'ab', pageSize: 4}).flat().sort(), keys);
  t.deepEqual(pagesOf(cache, {namespace: 'other'}), [['ab elsewhere']]);
  t.deepEqual(pagesOf(cache, {prefix: 'none'}), [[]]);
});

test('a listed entry is whole, or without its value where that is not wanted', t => {
  const cache = makeCache();
  cache.put(putOf('k', 'value', {contentType: 'text/plain', ttlMs: 1000}));
  const [entry] = cache.list(listOf()).entries;
  t.like(entry, {key: 'k', namespace: 'default', contentType: 'text/plain', valueOmitted: false});
  t.is(text(entry?.value), 'value');
  const [bare] = cache.list(listOf({metadataOnly: true})).entries;
  t.true(bare?.valueOmitted);
  t.is(bare?.value.length, 0);
});

test('the work of a call is bounded: a page may be empty and not the last', t => {
  const cache = makeCache();
  fill(cache, 25_000, 'other ');
  cache.put(putOf('wanted'));
  const pages = pagesOf(cache, {prefix: 'wanted'});
  t.deepEqual(pages.flat(), ['wanted']);
  t.true(pages.length >= 3 && pages.length < 30, `${pages.length} pages`);
});

test('a page stays below its size, and one too large alone comes without its value', t => {
  const cache = makeCache();
  for (let index = 0; index < 20; index++) cache.put(putOf(`key ${index}`, 'x'.repeat(10_000)));
  cache.put(putOf('large', 'x'.repeat(100_000)));
  const pages: number[] = [];
  let pageToken = '';
  do {
    const answer = cache.list(listOf({maxResponseBytes: 65_536, pageToken}));
    pages.push(answer.entries.reduce((sum, entry) => sum + entry.value.length, 0));
    for (const entry of answer.entries) t.is(entry.valueOmitted, entry.key === 'large');
    pageToken = answer.nextPageToken;
  } while (pageToken !== '');
  t.true(pages.every(size => size < 65_536));
  t.is(
    pages.reduce((sum, size) => sum + size, 0),
    200_000,
  );
});

test('what is listed is not used: the order of eviction stays', t => {
  const cache = createTestCache(new ManualClock(), {namespaces: [{maxEntries: 2}]});
  cache.put(putOf('a'));
  cache.put(putOf('b'));
  cache.list(listOf({prefix: 'a'}));
  cache.put(putOf('c'));
  t.deepEqual(pagesOf(cache, {}).flat().sort(), ['b', 'c']);
  t.like(cache.stats().total, {hits: 0, misses: 0});
});

test('a token goes on where its page ended, though entries came and went', t => {
  const cache = makeCache();
  const keys = fill(cache, 30);
  const first = cache.list(listOf({pageSize: 10}));
  cache.delete(deleteOf(first.entries[0]!.key));
  cache.put(putOf('new'));
  const rest = new Set<string>();
  for (let token = first.nextPageToken; token !== ''; ) {
    const page = cache.list(listOf({pageSize: 10, pageToken: token}));
    for (const entry of page.entries) rest.add(entry.key);
    token = page.nextPageToken;
  }
  const seen = new Set([...first.entries.map(entry => entry.key), ...rest]);
  for (const key of keys) t.true(seen.has(key), key);
});

test('a page with another page size, or another maximum, may follow', t => {
  const cache = makeCache();
  fill(cache, 30);
  const {nextPageToken: pageToken} = cache.list(listOf({pageSize: 10}));
  t.is(cache.list(listOf({pageSize: 5, pageToken, maxResponseBytes: 70_000, metadataOnly: true})).entries.length, 5);
});

function tokenOf(cache: Cache, request: Partial<ListRequest> = {}): string {
  fill(cache, 10);
  return cache.list(listOf({pageSize: 2, ...request})).nextPageToken;
}

const badTokens: Record<string, (token: string, cache: Cache) => Partial<ListRequest>> = {
  'of another prefix': token => ({pageToken: token, prefix: 'ke'}),
  'of another namespace': token => ({pageToken: token, namespace: 'other'}),
  'of an earlier life of the server': () => {
    const earlier = new ManualClock();
    earlier.setWallBy(-60_000);
    return {pageToken: tokenOf(makeCache(earlier))};
  },
  'that was cut short': token => ({pageToken: token.slice(0, -1)}),
  'with something behind it': token => ({pageToken: `${token}A`}),
  'with a forged position': token => {
    const [, revision, seal] = Buffer.from(token, 'base64url').toString().split('.');
    return {pageToken: Buffer.from(`7.${revision}.${seal}`).toString('base64url')};
  },
  'with a forged revision': token => {
    const [position, , seal] = Buffer.from(token, 'base64url').toString().split('.');
    return {pageToken: Buffer.from(`${position}.7.${seal}`).toString('base64url')};
  },
  'with a position alone': token => {
    const [position, , seal] = Buffer.from(token, 'base64url').toString().split('.');
    return {pageToken: Buffer.from(`${position}.${seal}`).toString('base64url')};
  },
  'with a negative position': () => ({pageToken: Buffer.from('-1.0.abc').toString('base64url')}),
  'with a position past all numbers': () => ({
    pageToken: Buffer.from(`${'9'.repeat(400)}.0.abc`).toString('base64url'),
  }),
  'of nonsense': () => ({pageToken: 'nonsense'}),
  'of another alphabet': () => ({pageToken: '\u{1f600}'}),
};

for (const [name, request] of Object.entries(badTokens)) {
  test(`a token ${name} is INVALID_PAGE_TOKEN`, t => {
    const cache = makeCache();
    const token = tokenOf(cache);
    const error = t.throws(() => cache.list(listOf(request(token, cache))), {instanceOf: CacheError}) as CacheError;
    t.is(error.reason, 'INVALID_PAGE_TOKEN');
    t.deepEqual(
      error.violations.map(violation => violation.field),
      ['page_token'],
    );
    t.is(cache.list(listOf({pageToken: token})).entries.length, 8);
  });
}
