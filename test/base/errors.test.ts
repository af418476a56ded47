/** Each reason belongs to one class of failure, as the comment of CacheService says. */
import {readFileSync} from 'node:fs';
import test from 'ava';
import {CacheError, codeOfReason, type ErrorReason} from '../../src/base/index.js';
import {grpcCodes} from '../../src/rpc/status.js';

const reasons = Object.keys(codeOfReason) as ErrorReason[];

test('a reason is a stable name in capitals, as google.rpc.ErrorInfo wants it', t => {
  for (const reason of reasons) t.regex(reason, /^[A-Z][A-Z0-9_]{0,61}[A-Z0-9]$/);
});

test('the contract names each reason beside the status that it has', t => {
  const proto = readFileSync(new URL('../../../proto/krusty/cache/v1/cache_service.proto', import.meta.url), 'utf8');
  const comment = proto.slice(0, proto.indexOf('service CacheService'));
  const documented = new Map<string, string>();
  let status = '';
  for (const line of comment.split('\n').filter(each => each.startsWith('//   '))) {
    const [, begins, rest = ''] = /^\/\/ {3}([A-Z_]+)? +(.*)$/.exec(line) ?? [];
    status = begins ?? status;
    for (const [name] of rest.matchAll(/\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b|\bINTERNAL\b|\bDRAINING\b/g))
      documented.set(name, status);
  }
  // Health's own, which is part of the standard protocol.
  for (const reason of reasons.filter(each => each !== 'UNKNOWN_SERVICE')) {
    const code = codeOfReason[reason].replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
    t.is(documented.get(reason), code, reason);
  }
});

test('each class of failure has its number of google.rpc.Code', t => {
  t.deepEqual(grpcCodes, {
    invalidArgument: 3,
    notFound: 5,
    resourceExhausted: 8,
    failedPrecondition: 9,
    outOfRange: 11,
    unimplemented: 12,
    internal: 13,
    unavailable: 14,
  });
});

test('an error of a field says the field, in its message and for programs', t => {
  const error = CacheError.ofField('KEY_EMPTY', 'key', 'is empty');
  t.is(error.message, 'key: is empty');
  t.is(error.code, 'invalidArgument');
  t.deepEqual(error.violations, [{field: 'key', description: 'is empty'}]);
});

test('an error within a batch names the request that it is in', t => {
  const error = CacheError.ofField('KEY_EMPTY', 'key', 'is empty').within('requests[3]');
  t.is(error.reason, 'KEY_EMPTY');
  t.is(error.message, 'requests[3]: key: is empty');
  t.deepEqual(error.violations, [{field: 'requests[3].key', description: 'is empty'}]);
});
