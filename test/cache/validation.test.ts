/** Each rule of input, at its edges: what is refused, with which reason and field, and that nothing changed. */
import test from 'ava';
import {CacheError, type ErrorReason} from '../../src/base/index.js';
import type {Cache} from '../../src/cache/index.js';
import {charge} from '../../src/store/index.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {deleteOf, getOf, incrementOf, listOf, putOf, touchOf} from '../helpers/requests.js';
import {createTestCache} from '../helpers/test-server.js';

/** What an entry with a key of one byte and a value of 2,000 takes. */
const smallBytes = charge(1, 2000);

const century = 100 * 365.25 * 24 * 3600 * 1000;

function makeCache(): Cache {
  return createTestCache(new ManualClock(), {
    maxKeyBytes: 20,
    maxValueBytes: 5000,
    namespaces: [{}, {name: 'small', maxMemoryBytes: smallBytes}],
  });
}

interface Refusal {
  call: (cache: Cache) => unknown;
  reason: ErrorReason;
  fields: string[];
  says: RegExp;
}

const refused: Record<string, Refusal> = {
  'an empty key': {call: cache => cache.get(getOf('')), reason: 'KEY_EMPTY', fields: ['key'], says: /1 to 20 bytes/},
  'a key a byte too long': {
    call: cache => cache.put(putOf('k'.repeat(21))),
    reason: 'KEY_TOO_LONG',
    fields: ['key'],
    says: /has 21 bytes; allowed: at most 20/,
  },
  'a key too long in bytes, not in characters': {
    call: cache => cache.delete(deleteOf('é'.repeat(11))),
    reason: 'KEY_TOO_LONG',
    fields: ['key'],
    says: /has 22 bytes/,
  },
  'a key with half of a surrogate pair': {
    call: cache => cache.touch(touchOf('a\ud83d')),
    reason: 'INVALID_UTF8',
    fields: ['key'],
    says: /surrogate/,
  },
  'a prefix that is too long': {
    call: cache => cache.list(listOf({prefix: 'p'.repeat(21)})),
    reason: 'KEY_TOO_LONG',
    fields: ['prefix'],
    says: /at most 20/,
  },
  'a value a byte too large': {
    call: cache => cache.put(putOf('k', 'x'.repeat(5001))),
    reason: 'VALUE_TOO_LARGE',
    fields: ['value'],
    says: /has 5001 bytes; allowed: at most 5000/,
  },
  'a value that fits into no namespace of this size': {
    call: cache => cache.put(putOf('k', 'x'.repeat(2100), {namespace: 'small'})),
    reason: 'VALUE_TOO_LARGE',
    fields: ['value'],
    says: /can never fit; the namespace small has \d+/,
  },
  'an unknown namespace': {
    call: cache => cache.get(getOf('k', {namespace: 'none'})),
    reason: 'UNKNOWN_NAMESPACE',
    fields: ['namespace'],
    says: /"none"; there are: default, small/,
  },
  'a namespace in other letters': {
    call: cache => cache.get(getOf('k', {namespace: 'Small'})),
    reason: 'UNKNOWN_NAMESPACE',
    fields: ['namespace'],
    says: /there are/,
  },
  'a negative TTL': {
    call: cache => cache.put(putOf('k', '', {ttlMs: -1000})),
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /is -1 s; allowed: above 0/,
  },
  'a TTL above a century': {
    call: cache => cache.put(putOf('k', '', {ttlMs: century + 1})),
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /at most 36525d/,
  },
  'a TTL that is no number': {
    call: cache => cache.put(putOf('k', '', {ttlMs: Number.POSITIVE_INFINITY})),
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /out of range/,
  },
  'a deadline that is now': {
    call: cache => cache.put(putOf('k', '', {expireTimeMs: new ManualClock().wallMs()})),
    reason: 'INVALID_TTL',
    fields: ['expire_time'],
    says: /is past; allowed: a moment to come/,
  },
  'a deadline further than a century': {
    call: cache => cache.put(putOf('k', '', {expireTimeMs: new ManualClock().wallMs() + century + 1})),
    reason: 'INVALID_TTL',
    fields: ['expire_time'],
    says: /too far away.*no_expiry/,
  },
  'a jitter above 1': {
    call: cache => cache.put(putOf('k', '', {ttlMs: 1000, ttlJitter: 1.01})),
    reason: 'INVALID_TTL',
    fields: ['ttl_jitter'],
    says: /allowed: 0 to 1/,
  },
  'a jitter that is not a number': {
    call: cache => cache.put(putOf('k', '', {ttlMs: 1000, ttlJitter: Number.NaN})),
    reason: 'INVALID_TTL',
    fields: ['ttl_jitter'],
    says: /NaN/,
  },
  'a jitter above 1 without a TTL': {
    call: cache => cache.put(putOf('k', '', {ttlJitter: -0.1})),
    reason: 'INVALID_TTL',
    fields: ['ttl_jitter'],
    says: /allowed: 0 to 1/,
  },
  'a touch_ttl of zero': {
    call: cache => cache.get(getOf('k', {touchTtlMs: 0})),
    reason: 'INVALID_TTL',
    fields: ['touch_ttl'],
    says: /above 0/,
  },
  'peek and touch_ttl': {
    call: cache => cache.get(getOf('k', {peek: true, touchTtlMs: 1})),
    reason: 'INVALID_OPTION',
    fields: ['peek', 'touch_ttl'],
    says: /at most one/,
  },
  'if_revision_not of 0': {
    call: cache => cache.get(getOf('k', {ifRevisionNot: 0})),
    reason: 'INVALID_CONDITION',
    fields: ['if_revision_not'],
    says: /at least 1/,
  },
  'if_revision of 0': {
    call: cache => cache.put(putOf('k', '', {ifRevision: 0})),
    reason: 'INVALID_CONDITION',
    fields: ['if_revision'],
    says: /set if_absent/,
  },
  'if_revision of 0 in a delete': {
    call: cache => cache.delete(deleteOf('k', {ifRevision: 0})),
    reason: 'INVALID_CONDITION',
    fields: ['if_revision'],
    says: /at least 1/,
  },
  'three conditions': {
    call: cache => cache.put(putOf('k', '', {ifAbsent: true, ifPresent: true, ifRevision: 1})),
    reason: 'INVALID_CONDITION',
    fields: ['if_absent', 'if_present', 'if_revision'],
    says: /if_absent and if_present and if_revision are both set; allowed: at most one|at most one/,
  },
  'only_extend and only_shorten': {
    call: cache => cache.touch(touchOf('k', {onlyExtend: true, onlyShorten: true})),
    reason: 'INVALID_OPTION',
    fields: ['only_extend', 'only_shorten'],
    says: /at most one/,
  },
  'a content type with a line end': {
    call: cache => cache.put(putOf('k', '', {contentType: 'text/plain\r\nx: y'})),
    reason: 'INVALID_CONTENT_TYPE',
    fields: ['content_type'],
    says: /printable ASCII/,
  },
  'a content type with an umlaut': {
    call: cache => cache.put(putOf('k', '', {contentType: 'text/pläin'})),
    reason: 'INVALID_CONTENT_TYPE',
    fields: ['content_type'],
    says: /printable ASCII/,
  },
  'a content type of 256 bytes': {
    call: cache => cache.put(putOf('k', '', {contentType: 'x'.repeat(256)})),
    reason: 'INVALID_CONTENT_TYPE',
    fields: ['content_type'],
    says: /at most 255/,
  },
  'an empty batch': {
    call: cache => cache.batchPut([]),
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /has 0 items; allowed: 1 to 1000/,
  },
  'a batch of 1,001': {
    call: cache => cache.batchGet(Array(1001).fill(getOf('k')), 0),
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /has 1001 items/,
  },
  'a batch answer of less than 64 KiB': {
    call: cache => cache.batchGet([getOf('k')], 65_535),
    reason: 'INVALID_OPTION',
    fields: ['max_response_bytes'],
    says: /at least 65536/,
  },
  'a page of less than 64 KiB': {
    call: cache => cache.list(listOf({maxResponseBytes: 1})),
    reason: 'INVALID_OPTION',
    fields: ['max_response_bytes'],
    says: /is 1; allowed/,
  },
  'a purge of nothing in particular': {
    call: cache => cache.purge({prefix: '', namespace: '', all: false}),
    reason: 'INVALID_OPTION',
    fields: ['prefix'],
    says: /all: true/,
  },
  'a purge of a prefix and of all': {
    call: cache => cache.purge({prefix: 'k', namespace: '', all: true}),
    reason: 'INVALID_OPTION',
    fields: ['all', 'prefix'],
    says: /at most one/,
  },
  'an increment that would start past 64 bits': {
    call: cache => cache.increment(incrementOf('k', {initial: 2n ** 63n - 1n, delta: 1n})),
    reason: 'NUMBER_OVERFLOW',
    fields: ['delta'],
    says: /9223372036854775807 \+ 1 is past 64 bits/,
  },
};

for (const [name, {call, reason, fields, says}] of Object.entries(refused)) {
  test(`${name} is refused with ${reason}, and changes nothing`, t => {
    const cache = makeCache();
    const error = t.throws(() => call(cache), {instanceOf: CacheError}) as CacheError;
    t.is(error.reason, reason);
    t.deepEqual(
      error.violations.map(violation => violation.field),
      fields,
    );
    t.regex(error.message, says);
    t.true(error.message.length < 500);
    const {revision, total} = cache.stats();
    t.is(revision, 0);
    t.is(total.puts + total.misses + total.entries, 0);
  });
}

const lifetimes = {ttlMs: 1000, expireTimeMs: new ManualClock().wallMs() + 1000, keepTtl: true, noExpiry: true};
const names: Record<string, string> = {
  ttlMs: 'ttl',
  expireTimeMs: 'expire_time',
  keepTtl: 'keep_ttl',
  noExpiry: 'no_expiry',
};

for (const [one, first] of Object.entries(lifetimes)) {
  for (const [two, second] of Object.entries(lifetimes)) {
    if (one >= two) continue;
    test(`${names[one]} and ${names[two]} together are refused`, t => {
      const cache = makeCache();
      const error = t.throws(() => cache.put(putOf('k', '', {[one]: first, [two]: second})), {
        instanceOf: CacheError,
      }) as CacheError;
      t.is(error.reason, 'INVALID_TTL');
      t.deepEqual(error.violations.map(each => each.field).sort(), [names[one], names[two]].sort());
    });
  }
}

const allowed: Record<string, (cache: Cache) => unknown> = {
  'a key of the longest length': cache => cache.put(putOf('k'.repeat(20))),
  'a key of one byte': cache => cache.put(putOf('\0')),
  'a value of the largest size': cache => cache.put(putOf('k', 'x'.repeat(5000))),
  'an entry that fills its namespace': cache => cache.put(putOf('k', 'x'.repeat(2000), {namespace: 'small'})),
  'the shortest TTL': cache => cache.put(putOf('k', '', {ttlMs: 1e-6})),
  'a TTL of a century': cache => cache.put(putOf('k', '', {ttlMs: century})),
  'a TTL of zero beside keep_ttl': cache => cache.put(putOf('k', '', {ttlMs: 0, keepTtl: true})),
  'a content type of 255 bytes': cache => cache.put(putOf('k', '', {contentType: 'x'.repeat(255)})),
  'a jitter of 1': cache => cache.put(putOf('k', '', {ttlMs: 1, ttlJitter: 1})),
  'a batch of 1,000': cache => cache.batchGet(Array(1000).fill(getOf('k')), 65_536),
  'the name of the default namespace': cache => cache.put(putOf('k', '', {namespace: 'default'})),
  'an empty prefix in a list': cache => cache.list(listOf()),
};

for (const [name, call] of Object.entries(allowed)) {
  test(`${name} is allowed`, t => t.notThrows(() => call(makeCache())));
}

test('a value that can never fit evicts nothing', t => {
  const cache = makeCache();
  cache.put(putOf('k', 'value', {namespace: 'small'}));
  t.throws(() => cache.put(putOf('z', 'x'.repeat(2100), {namespace: 'small'})));
  t.is(cache.get(getOf('k', {namespace: 'small'})).outcome, 'hit');
});

test('a long name of a namespace is cut in the message', t => {
  const error = t.throws(() => makeCache().get(getOf('k', {namespace: 'n'.repeat(100_000)})));
  t.true(error.message.length < 300);
});
