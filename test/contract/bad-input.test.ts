/**
 * Every bad input gets its clear error: a code, a stable reason, the field, and a
 * message that says what is allowed; and the server goes on as if nothing had been.
 */
import {contractTest} from '../helpers/contract-test.js';
import {timestamp} from '../helpers/proto-times.js';
import {lengthDelimited, rawCall} from '../helpers/raw-call.js';
import {RpcError} from '../helpers/rpc-error.js';
import type {TestClient} from '../helpers/test-client.js';
import {bytes} from '../helpers/text.js';

interface BadInput {
  call: (client: TestClient) => Promise<unknown>;
  code: string;
  reason: string;
  /** The fields that the BadRequest names; none: there is no BadRequest. */
  fields?: string[];
  /** In the message: what is allowed. */
  says: RegExp;
}

const service = '/krusty.cache.v1.CacheService';
const ttl = {seconds: 60n, nanos: 0};
const invalid = 'INVALID_ARGUMENT';
const badKey = lengthDelimited(1, Uint8Array.of(0x61, 0xff));

const badInputs: Record<string, BadInput> = {
  'an empty key': {
    call: client => client.get({}),
    code: invalid,
    reason: 'KEY_EMPTY',
    fields: ['key'],
    says: /allowed: 1 to 1024 bytes/,
  },
  'a key too long': {
    call: client => client.put({key: 'k'.repeat(1025)}),
    code: invalid,
    reason: 'KEY_TOO_LONG',
    fields: ['key'],
    says: /1025 bytes; allowed: at most 1024/,
  },
  'a key that is not UTF-8': {
    call: client => rawCall(client.raw, `${service}/Get`, badKey),
    code: invalid,
    reason: 'INVALID_UTF8',
    fields: ['request'],
    says: /61ff is not UTF-8; keys and other texts must be/,
  },
  'a key that is not UTF-8, in a put': {
    call: client => rawCall(client.raw, `${service}/Put`, lengthDelimited(1, Uint8Array.of(0xed, 0xa0, 0x80))),
    code: invalid,
    reason: 'INVALID_UTF8',
    fields: ['request'],
    says: /eda080 is not UTF-8/,
  },
  'a key that is not UTF-8, within a batch': {
    call: client => rawCall(client.raw, `${service}/BatchGet`, lengthDelimited(1, badKey)),
    code: invalid,
    reason: 'INVALID_UTF8',
    fields: ['request'],
    says: /is not UTF-8/,
  },
  'a namespace that is not UTF-8': {
    call: client => rawCall(client.raw, `${service}/Get`, lengthDelimited(2, Uint8Array.of(0xc0, 0xaf))),
    code: invalid,
    reason: 'INVALID_UTF8',
    fields: ['request'],
    says: /c0af is not UTF-8/,
  },
  'a value too large': {
    call: client => client.put({key: 'k', value: new Uint8Array(2 ** 20 + 1)}),
    code: invalid,
    reason: 'VALUE_TOO_LARGE',
    fields: ['value'],
    says: /1048577 bytes; allowed: at most 1048576/,
  },
  'a value that can never fit': {
    call: client => client.put({key: 'k', namespace: 'small', value: new Uint8Array(2000)}),
    code: invalid,
    reason: 'VALUE_TOO_LARGE',
    fields: ['value'],
    says: /can never fit; the namespace small has 1000/,
  },
  'a negative TTL': {
    call: client => client.put({key: 'k', ttl: {seconds: -1n, nanos: 0}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /is -1 s; allowed: above 0/,
  },
  'a negative TTL of nanoseconds': {
    call: client => client.touch({key: 'k', ttl: {seconds: 0n, nanos: -1}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /allowed: above 0/,
  },
  'an overflowing TTL': {
    call: client => client.put({key: 'k', ttl: {seconds: 2n ** 63n - 1n, nanos: 0}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /out of range; allowed: above 0 and at most 36525d/,
  },
  'a TTL whose nanos have the other sign': {
    call: client => client.increment({key: 'k', ttl: {seconds: 1n, nanos: -1}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /not a valid Duration; allowed: nanos of at most 999999999, of the same sign/,
  },
  'a TTL of too many nanos': {
    call: client => client.put({key: 'k', ttl: {seconds: 1n, nanos: 1_000_000_000}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl'],
    says: /allowed: nanos/,
  },
  'a touch_ttl of zero': {
    call: client => client.get({key: 'k', touchTtl: {seconds: 0n, nanos: 0}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['touch_ttl'],
    says: /allowed: above 0/,
  },
  'an expire_time that is past': {
    call: client => client.put({key: 'k', expireTime: {seconds: 1n, nanos: 0}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['expire_time'],
    says: /is past; allowed: a moment to come/,
  },
  'an expire_time too far away': {
    call: client => client.put({key: 'k', expireTime: {seconds: 2n ** 63n - 1n, nanos: 0}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['expire_time'],
    says: /too far away; allowed/,
  },
  'an expire_time of negative nanos': {
    call: client => client.put({key: 'k', expireTime: {seconds: 4_000_000_000n, nanos: -1}}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['expire_time'],
    says: /not a valid Timestamp; allowed: nanos from 0/,
  },
  'ttl and expire_time': {
    call: client => client.put({key: 'k', ttl, expireTime: timestamp(2e12)}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl', 'expire_time'],
    says: /ttl and expire_time are both set; allowed: at most one/,
  },
  'ttl and no_expiry in an increment': {
    call: client => client.increment({key: 'k', ttl, noExpiry: true}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl', 'no_expiry'],
    says: /at most one/,
  },
  'a jitter above 1': {
    call: client => client.put({key: 'k', ttl, ttlJitter: 2}),
    code: invalid,
    reason: 'INVALID_TTL',
    fields: ['ttl_jitter'],
    says: /is 2; allowed: 0 to 1/,
  },
  'two conditions at once': {
    call: client => client.put({key: 'k', ifAbsent: true, ifRevision: 1n}),
    code: invalid,
    reason: 'INVALID_CONDITION',
    fields: ['if_absent', 'if_revision'],
    says: /if_absent and if_revision are both set; allowed: at most one/,
  },
  'if_revision of 0': {
    call: client => client.delete({key: 'k', ifRevision: 0n}),
    code: invalid,
    reason: 'INVALID_CONDITION',
    fields: ['if_revision'],
    says: /allowed: at least 1/,
  },
  'only_extend and only_shorten': {
    call: client => client.touch({key: 'k', onlyExtend: true, onlyShorten: true}),
    code: invalid,
    reason: 'INVALID_OPTION',
    fields: ['only_extend', 'only_shorten'],
    says: /at most one/,
  },
  'peek and touch_ttl': {
    call: client => client.get({key: 'k', peek: true, touchTtl: ttl}),
    code: invalid,
    reason: 'INVALID_OPTION',
    fields: ['peek', 'touch_ttl'],
    says: /at most one/,
  },
  'a content type with a line end': {
    call: client => client.put({key: 'k', contentType: 'a\r\nb'}),
    code: invalid,
    reason: 'INVALID_CONTENT_TYPE',
    fields: ['content_type'],
    says: /allowed: at most 255 characters of printable ASCII/,
  },
  'an unknown namespace': {
    call: client => client.get({key: 'k', namespace: 'none'}),
    code: 'NOT_FOUND',
    reason: 'UNKNOWN_NAMESPACE',
    fields: ['namespace'],
    says: /"none"; there are: default, small/,
  },
  'an unknown namespace of a long name that a cut would split': {
    call: client => client.get({key: 'k', namespace: `${'n'.repeat(62)}${'\u{1f600}'.repeat(10)}`}),
    code: 'NOT_FOUND',
    reason: 'UNKNOWN_NAMESPACE',
    fields: ['namespace'],
    says: /there are: default, small/,
  },
  'an unknown namespace of control characters': {
    call: client => client.get({key: 'k', namespace: '\0\r\n%41\u{1f600}'}),
    code: 'NOT_FOUND',
    reason: 'UNKNOWN_NAMESPACE',
    fields: ['namespace'],
    // As it was sent: neither cut nor decoded twice on the way.
    says: /"\0\r\n%41\u{1f600}"; there are/u,
  },
  'an empty batch': {
    call: client => client.batchGet({}),
    code: invalid,
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /has 0 items; allowed: 1 to 1000/,
  },
  'a batch of 1,001': {
    call: client => client.batchPut({requests: Array(1001).fill({key: 'k'})}),
    code: invalid,
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /has 1001 items; allowed: 1 to 1000/,
  },
  'an empty batch of deletes': {
    call: client => client.batchDelete({}),
    code: invalid,
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /1 to 1000/,
  },
  'a batch of 1,001 touches': {
    call: client => client.batchTouch({requests: Array(1001).fill({key: 'k'})}),
    code: invalid,
    reason: 'BATCH_SIZE',
    fields: ['requests'],
    says: /1 to 1000/,
  },
  'a batch answer that is to be too small': {
    call: client => client.batchGet({requests: [{key: 'k'}], maxResponseBytes: 1000}),
    code: invalid,
    reason: 'INVALID_OPTION',
    fields: ['max_response_bytes'],
    says: /is 1000; allowed: at least 65536/,
  },
  'an increment of text': {
    call: client => client.increment({key: 'text'}),
    code: 'FAILED_PRECONDITION',
    reason: 'NOT_A_NUMBER',
    fields: ['key'],
    says: /allowed: the decimal text of a signed 64-bit integer/,
  },
  'an increment past 64 bits': {
    call: client => client.increment({key: 'k', initial: 2n ** 63n - 1n}),
    code: 'OUT_OF_RANGE',
    reason: 'NUMBER_OVERFLOW',
    fields: ['delta'],
    says: /past 64 bits; allowed: -9223372036854775808 to 9223372036854775807/,
  },
  'a forged page token': {
    call: client => client.list({pageToken: 'MS5hYmM'}),
    code: invalid,
    reason: 'INVALID_PAGE_TOKEN',
    fields: ['page_token'],
    says: /list again from the first page/,
  },
  'a purge of neither a prefix nor all': {
    call: client => client.purge({}),
    code: invalid,
    reason: 'INVALID_OPTION',
    fields: ['prefix'],
    says: /allowed: a prefix, or all: true/,
  },
  'a purge of both': {
    call: client => client.purge({prefix: 'k', all: true}),
    code: invalid,
    reason: 'INVALID_OPTION',
    fields: ['all', 'prefix'],
    says: /at most one/,
  },
  'a message cut short': {
    call: client => rawCall(client.raw, `${service}/Get`, Uint8Array.of(0x0a, 0x10, 0x61)),
    code: invalid,
    reason: 'MALFORMED_REQUEST',
    says: /not valid Protobuf/,
  },
  'bytes that are no message': {
    call: client =>
      rawCall(
        client.raw,
        `${service}/Put`,
        Uint8Array.from({length: 64}, () => 0xff),
      ),
    code: invalid,
    reason: 'MALFORMED_REQUEST',
    says: /not valid Protobuf/,
  },
  'a message with something behind its end': {
    call: client => rawCall(client.raw, `${service}/Put`, Uint8Array.of(0x0a, 0x01, 0x61, 0x00, 0x1a, 0x01, 0x62)),
    code: invalid,
    reason: 'MALFORMED_REQUEST',
    says: /not valid Protobuf: it ends at byte 4 of 7/,
  },
  'the end of a group that nothing began': {
    call: client => rawCall(client.raw, `${service}/Put`, Uint8Array.of(0x0a, 0x01, 0x61, 0x0c, 0x1a, 0x01, 0x62)),
    code: invalid,
    reason: 'MALFORMED_REQUEST',
    says: /not valid Protobuf/,
  },
};

for (const [name, {call, code, reason, fields = [], says}] of Object.entries(badInputs)) {
  contractTest(`${name} is ${code} ${reason}`, async (t, start) => {
    const {client, faults} = await start({namespaces: [{}, {name: 'small', maxMemoryBytes: 1000}]});
    await client.put({key: 'text', value: bytes('text')});
    const before = await client.getStats();
    const error = await t.throwsAsync(call(client), {instanceOf: RpcError});
    t.is(error.code, code);
    t.is(error.reason, reason);
    t.is(error.domain, 'krusty.cache.v1');
    t.deepEqual(
      error.violations.map(violation => violation.field),
      fields,
    );
    t.true(error.violations.every(violation => violation.description !== '' && violation.reason === reason));
    t.regex(error.message, says);
    t.is(error.status?.message, error.message);
    t.deepEqual(await client.getStats(), before, 'nothing changed, and the server goes on');
    t.deepEqual(faults, []);
  });
}

contractTest('a request larger than the server receives is RESOURCE_EXHAUSTED', async (t, start) => {
  const {client} = await start({maxReceiveBytes: 2 ** 21});
  const error = await t.throwsAsync(client.put({key: 'k', value: new Uint8Array(3 * 2 ** 20)}), {instanceOf: RpcError});
  t.is(error.code, 'RESOURCE_EXHAUSTED');
  t.is(error.reason, undefined);
  t.is((await client.getStats()).total?.puts, 0n);
});

contractTest('an unknown method and an unknown service are UNIMPLEMENTED', async (t, start) => {
  const {client} = await start();
  for (const path of [`${service}/Steal`, '/krusty.cache.v1.Nothing/Get', '/krusty.cache.v1.CacheService/get']) {
    const error = await t.throwsAsync(rawCall(client.raw, path, new Uint8Array(0)), {instanceOf: RpcError});
    t.is(error.code, 'UNIMPLEMENTED', path);
  }
  t.is((await client.checkHealth()).status, 1);
});

contractTest('fields that the server does not know are passed over', async (t, start) => {
  const {client} = await start();
  const request = Uint8Array.from([...lengthDelimited(1, bytes('k')), 0x98, 0x3f, 0x01]);
  t.deepEqual([...(await rawCall(client.raw, `${service}/Get`, request))], [0x08, 0x02]);
});
