/** What Get, Put, Delete and Touch answer, as the comments of the contract promise it. */
import {
  DeleteResponse_Outcome as Deleted,
  GetResponse_Outcome as Got,
  PutResponse_Outcome as Put,
  TouchResponse_Outcome as Touched,
} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {charge} from '../../src/store/index.js';
import {contractTest} from '../helpers/contract-test.js';
import {duration, millis, timestamp} from '../helpers/proto-times.js';
import {bytes, text} from '../helpers/text.js';

const wholeByteRange = Uint8Array.from({length: 256}, (_, byte) => byte);

contractTest('a value comes back byte for byte, with revision, content type and expiry', async (t, start) => {
  const {client, clock} = await start();
  const put = await client.put({
    key: 'k',
    value: wholeByteRange,
    contentType: 'image/png',
    ttl: duration(1500),
  });
  t.is(put.outcome, Put.OUTCOME_STORED);
  t.is(millis(put.expireTime), clock.wallMs() + 1500);
  t.is(put.previous, undefined);
  const got = await client.get({key: 'k'});
  t.is(got.outcome, Got.OUTCOME_HIT);
  t.deepEqual(Uint8Array.from(got.entry!.value), wholeByteRange);
  t.like(got.entry, {
    revision: put.revision,
    contentType: 'image/png',
    expireTime: put.expireTime,
    valueOmitted: false,
  });
  t.like(got.entry, {key: '', namespace: '', updateTime: undefined, sizeBytes: 0n});
});

contractTest('the full view shows every field of an entry', async (t, start) => {
  const {client, clock} = await start();
  const {revision} = await client.put({key: 'k', value: bytes('value'), contentType: 'text/plain'});
  const {entry} = await client.get({key: 'k', view: EntryView.ENTRY_VIEW_FULL});
  t.like(entry, {
    key: 'k',
    namespace: 'default',
    revision,
    updateTime: timestamp(clock.wallMs()),
    sizeBytes: BigInt(charge(1, 'value'.length + 'text/plain'.length)),
    expireTime: undefined,
  });
});

contractTest('a miss is an answer', async (t, start) => {
  const {client} = await start();
  t.deepEqual(await client.get({key: 'none'}), {outcome: Got.OUTCOME_MISS, entry: undefined});
});

contractTest('an empty value is a hit', async (t, start) => {
  const {client} = await start();
  await client.put({key: 'k'});
  const {outcome, entry} = await client.get({key: 'k'});
  t.is(outcome, Got.OUTCOME_HIT);
  t.is(entry?.value.length, 0);
  t.false(entry?.valueOmitted);
});

contractTest('metadata_only leaves the value out and says so', async (t, start) => {
  const {client} = await start();
  const {revision} = await client.put({key: 'k', value: bytes('value')});
  const {outcome, entry} = await client.get({key: 'k', metadataOnly: true});
  t.is(outcome, Got.OUTCOME_HIT);
  t.like(entry, {revision, valueOmitted: true});
  t.is(entry?.value.length, 0);
});

contractTest('if_revision_not answers NOT_MODIFIED until the value changes', async (t, start) => {
  const {client} = await start();
  const {revision} = await client.put({key: 'k', value: bytes('value')});
  const same = await client.get({key: 'k', ifRevisionNot: revision});
  t.is(same.outcome, Got.OUTCOME_NOT_MODIFIED);
  t.like(same.entry, {revision, valueOmitted: true});
  t.is(same.entry?.value.length, 0);
  await client.touch({key: 'k', ttl: duration(1000)});
  t.is((await client.get({key: 'k', ifRevisionNot: revision})).outcome, Got.OUTCOME_NOT_MODIFIED);
  await client.put({key: 'k', value: bytes('value')});
  const changed = await client.get({key: 'k', ifRevisionNot: revision});
  t.is(changed.outcome, Got.OUTCOME_HIT);
  t.is(text(changed.entry?.value), 'value');
  t.is((await client.get({key: 'k', ifRevisionNot: 2n ** 64n - 1n})).outcome, Got.OUTCOME_HIT);
});

contractTest('touch_ttl makes a hit live longer', async (t, start) => {
  const {client, clock} = await start();
  await client.put({key: 'k', ttl: duration(1000)});
  const {entry} = await client.get({key: 'k', touchTtl: duration(5000)});
  t.is(millis(entry?.expireTime), clock.wallMs() + 5000);
  clock.advance(4999);
  t.is((await client.get({key: 'k'})).outcome, Got.OUTCOME_HIT);
  clock.advance(1);
  t.is((await client.get({key: 'k', touchTtl: duration(5000)})).outcome, Got.OUTCOME_MISS);
});

contractTest('an entry is gone at its expire_time, not before', async (t, start) => {
  const {client, clock} = await start();
  await client.put({key: 'ttl', ttl: duration(1000)});
  await client.put({key: 'time', expireTime: timestamp(clock.wallMs() + 1000)});
  clock.advance(999);
  t.is((await client.get({key: 'ttl'})).outcome, Got.OUTCOME_HIT);
  t.is((await client.get({key: 'time'})).outcome, Got.OUTCOME_HIT);
  clock.advance(1);
  t.is((await client.get({key: 'ttl'})).outcome, Got.OUTCOME_MISS);
  t.is((await client.get({key: 'time'})).outcome, Got.OUTCOME_MISS);
});

contractTest('keep_ttl, no_expiry and ttl_jitter do as they say', async (t, start) => {
  const {client, clock} = await start({namespaces: [{defaultTtlMs: 60_000}], random: () => 0.5});
  const expiry = async (request: Parameters<typeof client.put>[0]) => {
    const {expireTime} = await client.put({key: 'k', ...request});
    return expireTime && millis(expireTime)! - clock.wallMs();
  };
  t.is(await expiry({}), 60_000);
  t.is(await expiry({ttl: duration(0)}), 60_000);
  t.is(await expiry({ttl: duration(1000)}), 1000);
  t.is(await expiry({keepTtl: true}), 1000);
  t.is(await expiry({ttl: duration(1000), ttlJitter: 0.2}), 900);
  t.is(await expiry({noExpiry: true}), undefined);
  t.is(await expiry({keepTtl: true}), undefined);
});

contractTest('a lost condition is an answer, with the revision that stands', async (t, start) => {
  const {client} = await start();
  t.like(await client.put({key: 'k', ifPresent: true}), {outcome: Put.OUTCOME_NOT_STORED, revision: 0n});
  t.like(await client.put({key: 'k', ifRevision: 5n}), {outcome: Put.OUTCOME_NOT_STORED, revision: 0n});
  const {revision} = await client.put({key: 'k', value: bytes('1'), ifAbsent: true});
  const lost = {outcome: Put.OUTCOME_NOT_STORED, revision};
  t.like(await client.put({key: 'k', value: bytes('2'), ifAbsent: true}), lost);
  t.like(await client.put({key: 'k', value: bytes('2'), ifRevision: revision + 1n}), lost);
  t.is(text((await client.get({key: 'k'})).entry?.value), '1');
  const won = await client.put({key: 'k', value: bytes('2'), ifRevision: revision});
  t.is(won.outcome, Put.OUTCOME_STORED);
  t.true(won.revision > revision);
  t.is((await client.put({key: 'k', value: bytes('3'), ifPresent: true})).outcome, Put.OUTCOME_STORED);
});

contractTest('return_previous answers what was there, whether the put won or lost', async (t, start) => {
  const {client} = await start();
  t.is((await client.put({key: 'k', value: bytes('1'), returnPrevious: true})).previous, undefined);
  const won = await client.put({key: 'k', value: bytes('2'), returnPrevious: true});
  t.is(text(won.previous?.value), '1');
  const lost = await client.put({key: 'k', value: bytes('3'), ifAbsent: true, returnPrevious: true});
  t.is(text(lost.previous?.value), '2');
  t.is(lost.previous?.revision, won.revision);
});

contractTest('a delete removes, finds nothing, or loses its condition', async (t, start) => {
  const {client} = await start();
  t.deepEqual(await client.delete({key: 'k'}), {
    outcome: Deleted.OUTCOME_NOT_FOUND,
    revision: 0n,
    previous: undefined,
  });
  const {revision} = await client.put({key: 'k', value: bytes('value')});
  t.like(await client.delete({key: 'k', ifRevision: revision + 1n}), {outcome: Deleted.OUTCOME_NOT_DELETED, revision});
  const deleted = await client.delete({key: 'k', ifRevision: revision, returnPrevious: true});
  t.is(deleted.outcome, Deleted.OUTCOME_DELETED);
  t.true(deleted.revision > revision);
  t.is(text(deleted.previous?.value), 'value');
  t.is((await client.get({key: 'k'})).outcome, Got.OUTCOME_MISS);
});

contractTest('a touch changes the expiry, finds nothing, or loses its condition', async (t, start) => {
  const {client, clock} = await start();
  t.deepEqual(await client.touch({key: 'k', ttl: duration(1000)}), {
    outcome: Touched.OUTCOME_NOT_FOUND,
    expireTime: undefined,
  });
  await client.put({key: 'k'});
  const {outcome, expireTime} = await client.touch({key: 'k', ttl: duration(1000), onlyShorten: true});
  t.is(outcome, Touched.OUTCOME_TOUCHED);
  t.is(millis(expireTime), clock.wallMs() + 1000);
  const lost = await client.touch({key: 'k', ttl: duration(999), onlyExtend: true});
  t.deepEqual(lost, {outcome: Touched.OUTCOME_NOT_TOUCHED, expireTime});
  const soon = timestamp(clock.wallMs() + 500);
  t.deepEqual((await client.touch({key: 'k', expireTime: soon})).expireTime, soon);
  t.is((await client.touch({key: 'k', noExpiry: true, onlyExtend: true})).expireTime, undefined);
  t.is((await client.get({key: 'k'})).outcome, Got.OUTCOME_HIT);
});

contractTest('reaching a limit evicts the least recently used of the same namespace', async (t, start) => {
  const {client} = await start({namespaces: [{maxEntries: 2}, {name: 'other', maxEntries: 1}]});
  await client.put({key: 'a', namespace: 'other'});
  await client.put({key: 'a'});
  await client.put({key: 'b'});
  await client.get({key: 'a'});
  await client.get({key: 'b', peek: true});
  await client.put({key: 'c'});
  t.is((await client.get({key: 'b'})).outcome, Got.OUTCOME_MISS);
  t.is((await client.get({key: 'a', namespace: 'other'})).outcome, Got.OUTCOME_HIT);
  t.is((await client.get({key: 'a', namespace: 'default'})).outcome, Got.OUTCOME_HIT);
});

contractTest('a value of the largest size goes in and comes out', async (t, start) => {
  const {client} = await start();
  const value = new Uint8Array(2 ** 20).map((_, index) => index % 251);
  await client.put({key: 'k', value});
  t.is(Buffer.compare((await client.get({key: 'k'})).entry!.value, value), 0);
});

contractTest('revisions grow with each change, and stay below 2^53', async (t, start) => {
  const {client} = await start();
  let last = 0n;
  for (let round = 0; round < 20; round++) {
    const {revision} = await client.put({key: `k${round % 3}`});
    t.true(revision > last);
    last = revision;
  }
  t.true(last < 2n ** 53n);
});
