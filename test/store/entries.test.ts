/** What goes in comes out: keys and values as bytes, conditions, and answers of each operation. */
import test from 'ava';
import {noDeadline} from '../../src/store/index.js';
import {StoreHarness} from '../helpers/store-harness.js';
import {bytes} from '../helpers/text.js';

const read = {peek: false, metadataOnly: false};
const write = {contentType: '', deadlineMs: noDeadline};

test('a value comes back byte for byte', t => {
  const {store} = new StoreHarness();
  const value = Uint8Array.from({length: 256}, (_, byte) => byte);
  store.put(0, bytes('key'), value, write);
  t.deepEqual(Uint8Array.from(store.get(0, bytes('key'), read)!.value), value);
});

test('an empty value is a value like any other', t => {
  const store = new StoreHarness();
  store.put('a', '');
  t.is(store.get('a')?.value, '');
});

test('the store keeps copies: the caller may reuse its key and value', t => {
  const harness = new StoreHarness();
  const key = bytes('key');
  const value = bytes('value');
  harness.store.put(0, key, value, write);
  key.fill(0);
  value.fill(0);
  t.is(harness.get('key')?.value, 'value');
  t.deepEqual(
    harness.scanAll().map(entry => entry.key),
    ['key'],
  );
});

test('keys are compared as bytes: every one of them counts', t => {
  const {store} = new StoreHarness();
  const keys = [[0], [0, 0], [255], [255, 0], [97], [65], [195, 169], [101, 204, 129], [239, 187, 191, 97]];
  for (const [index, key] of keys.entries()) store.put(0, Uint8Array.from(key), Uint8Array.of(index), write);
  t.is(store.stats(0).entries, keys.length);
  for (const [index, key] of keys.entries()) {
    t.deepEqual([...store.get(0, Uint8Array.from(key), read)!.value], [index]);
  }
});

test('a key of the longest kind is kept whole', t => {
  const store = new StoreHarness();
  const long = 'k'.repeat(65_534);
  store.put(`${long}a`, 'a');
  store.put(`${long}b`, 'b');
  t.is(store.get(`${long}a`)?.value, 'a');
  t.is(store.get(`${long}b`)?.value, 'b');
});

test('a get leaves out the value that was not asked for', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', 'value', {contentType: 'text/plain'});
  const whole = store.get('a')!;
  t.is(whole.value, 'value');
  t.deepEqual(store.get('a', {metadataOnly: true}), {...whole, value: ''});
  t.deepEqual(store.get('a', {ifRevisionNot: revision}), {...whole, value: ''});
  t.deepEqual(store.get('a', {ifRevisionNot: revision + 1}), whole);
});

test('ifAbsent stores only where there is nothing', t => {
  const store = new StoreHarness();
  const first = store.put('a', '1', {ifAbsent: true});
  t.true(first.stored);
  const second = store.put('a', '2', {ifAbsent: true, ttlMs: 1000});
  t.deepEqual(second, {
    stored: false,
    existed: true,
    revision: first.revision,
    deadlineMs: noDeadline,
    previous: undefined,
  });
  t.is(store.get('a')?.value, '1');
});

test('ifPresent stores only where there is something', t => {
  const store = new StoreHarness();
  t.deepEqual(store.put('a', '1', {ifPresent: true}), {
    stored: false,
    existed: false,
    revision: 0,
    deadlineMs: noDeadline,
    previous: undefined,
  });
  t.false(store.has('a'));
  store.put('a', '1');
  t.true(store.put('a', '2', {ifPresent: true}).stored);
  t.is(store.get('a')?.value, '2');
});

test('ifRevision stores only over the value that it names', t => {
  const store = new StoreHarness();
  t.false(store.put('a', '1', {ifRevision: 1}).stored);
  const {revision} = store.put('a', '1');
  t.false(store.put('a', '2', {ifRevision: revision - 1}).stored);
  t.false(store.put('a', '2', {ifRevision: revision + 1}).stored);
  t.true(store.put('a', '2', {ifRevision: revision}).stored);
  t.false(store.put('a', '3', {ifRevision: revision}).stored);
  t.is(store.get('a')?.value, '2');
});

test('a condition sees an expired entry as absent', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', '1', {ttlMs: 10});
  store.clock.advance(10);
  t.false(store.put('a', '2', {ifPresent: true}).stored);
  t.false(store.put('a', '2', {ifRevision: revision}).stored);
  t.true(store.put('a', '2', {ifAbsent: true}).stored);
});

test('a put answers the entry as it was before, if it is asked to', t => {
  const store = new StoreHarness();
  t.is(store.put('a', '1', {wantPrevious: true}).previous, undefined);
  const before = store.get('a');
  t.deepEqual(store.put('a', '2', {wantPrevious: true}).previous, before);
  t.is(store.put('a', '3').previous, undefined);
  t.is(store.put('a', '4', {ifAbsent: true, wantPrevious: true}).previous?.value, '3');
});

test('a delete removes, once', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', '1');
  const removed = store.delete('a', {wantPrevious: true});
  t.is(removed.outcome, 'deleted');
  t.true(removed.revision > revision);
  t.is(removed.previous?.value, '1');
  t.is(store.get('a'), undefined);
  t.deepEqual(store.delete('a'), {outcome: 'notFound', revision: 0, previous: undefined});
  t.is(store.stats().memoryBytes, 0);
});

test('a delete with ifRevision leaves another value where it is', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', '1');
  const lost = store.delete('a', {ifRevision: revision + 1, wantPrevious: true});
  t.is(lost.outcome, 'conditionLost');
  t.is(lost.revision, revision);
  t.is(lost.previous?.value, '1');
  t.true(store.has('a'));
  t.is(store.delete('a', {ifRevision: revision}).outcome, 'deleted');
});

test('namespaces do not see each other', t => {
  const store = new StoreHarness({maxEntries: 2}, {maxEntries: 2});
  store.put('a', 'in 0');
  store.put('a', 'in 1', {namespace: 1});
  t.is(store.get('a')?.value, 'in 0');
  t.is(store.get('a', {namespace: 1})?.value, 'in 1');
  store.put('b', '', {namespace: 1});
  store.put('c', '', {namespace: 1});
  t.true(store.has('a'), 'the other namespace evicts its own');
  t.false(store.has('a', 1));
  store.delete('b', {namespace: 1});
  store.purge('', 1);
  store.sweepAll();
  t.is(store.stats(1).entries, 0);
  t.deepEqual(
    store.scanAll().map(entry => entry.value),
    ['in 0'],
  );
  t.is(store.stats(0).puts, 1);
  t.is(store.stats(1).puts, 3);
});
