/** What the change log says of each operation. */
import test from 'ava';
import type {ChangeType} from '../../src/store/index.js';
import {LoggedStore} from '../helpers/logged-store.js';
import {StoreHarness} from '../helpers/store-harness.js';

/** What is common to the entries below. */
const plain = {valueOmitted: false, contentType: '', deadlineMs: Number.POSITIVE_INFINITY};

test('a put is written down with the entry as it is now', t => {
  const store = new LoggedStore();
  const {revision, deadlineMs} = store.put('a', 'value', {ttlMs: 1000, contentType: 'text/plain'});
  t.deepEqual(store.changes(), [
    {
      type: 'put',
      namespace: 0,
      key: 'a',
      revision,
      entry: {value: 'value', valueOmitted: false, revision, contentType: 'text/plain', deadlineMs},
    },
  ]);
});

const replacements = {
  'a value of its length': 'VALUE',
  'a value of another length': 'value'.repeat(100),
  'a value of several slots': 'value'.repeat(10_000),
  'no value': '',
};

for (const [what, value] of Object.entries(replacements)) {
  test(`a put that replaces an entry by ${what} is written down with the new one`, t => {
    const store = new LoggedStore();
    store.put('a', 'value', {ttlMs: 1000, contentType: 'text/plain'});
    const from = store.log.head;
    const {revision} = store.put('a', value);
    t.deepEqual(store.changes(from), [
      {type: 'put', namespace: 0, key: 'a', revision, entry: {...plain, value, revision}},
    ]);
  });

  test(`a put that replaces an entry by ${what} is written down with both where both are kept`, t => {
    const store = new LoggedStore({keepsPrevious: true});
    const before = store.put('a', 'before', {ttlMs: 1000, contentType: 'text/plain'});
    const from = store.log.head;
    const {revision} = store.put('a', value);
    const entry = {...plain, value, revision};
    const previous = {
      value: 'before',
      valueOmitted: false,
      revision: before.revision,
      contentType: 'text/plain',
      deadlineMs: before.deadlineMs,
    };
    t.deepEqual(store.changes(from), [{type: 'put', namespace: 0, key: 'a', revision, entry, previous}]);
  });
}

test('a put that keeps the deadline is written down with it', t => {
  const store = new LoggedStore();
  const {deadlineMs} = store.put('a', 'value', {ttlMs: 1000});
  store.put('a', 'next', {keepDeadline: true});
  t.is(store.changes()[1]!.entry!.deadlineMs, deadlineMs);
});

test('a put that asks for what it replaces is written down like any other', t => {
  const store = new LoggedStore();
  store.put('a', 'before');
  t.is(store.put('a', 'after', {wantPrevious: true}).previous?.value, 'before');
  t.is(store.changes()[1]!.previous, undefined);
});

test('where what puts replace is kept, a put that does not ask for it is not told', t => {
  const store = new LoggedStore({keepsPrevious: true});
  store.put('a', 'before');
  t.is(store.put('a', 'after').previous, undefined);
  t.is(store.put('a', 'lost', {ifAbsent: true}).previous, undefined);
});

test('a touch is written down with the new deadline and without the value', t => {
  const store = new LoggedStore();
  const {revision} = store.put('a', 'value', {contentType: 'text/plain'});
  const {deadlineMs} = store.touch('a', {ttlMs: 1000});
  store.get('a', {touchDeadlineMs: deadlineMs + 1});
  const entry = {value: '', valueOmitted: true, revision, contentType: 'text/plain'};
  t.deepEqual(store.changes().slice(1), [
    {type: 'touch', namespace: 0, key: 'a', revision: revision + 1, entry: {...entry, deadlineMs}},
    {type: 'touch', namespace: 0, key: 'a', revision: revision + 2, entry: {...entry, deadlineMs: deadlineMs + 1}},
  ]);
});

const removals: Record<string, (store: LoggedStore) => unknown> = {
  delete: store => store.delete('a', {namespace: 1}),
  expire: store => {
    store.clock.advance(1000);
    store.get('a', {namespace: 1});
  },
  evict: store => store.put('b', '', {namespace: 1}),
};

for (const [type, remove] of Object.entries(removals)) {
  test(`${type} is written down with the entry that it removed`, t => {
    const store = new LoggedStore({namespaces: [{}, {maxEntries: 1}]});
    const {revision, deadlineMs} = store.put('a', 'value', {ttlMs: 1000, contentType: 'text/plain', namespace: 1});
    const from = store.log.head;
    remove(store);
    const {evictionLimit, ...change} = store.changes(from)[0]!;
    t.deepEqual(change, {
      type: type as ChangeType,
      namespace: 1,
      key: 'a',
      revision: change.revision,
      previous: {value: 'value', valueOmitted: false, revision, contentType: 'text/plain', deadlineMs},
    });
    t.is(evictionLimit, type === 'evict' ? 'entries' : undefined);
    t.true(change.revision > revision);
  });
}

test('evictions are written down before the put that they make room for, with the limit that they keep', t => {
  const store = new LoggedStore({namespaces: [{maxMemoryBytes: 1000}]});
  for (const key of 'abcd') store.put(key, 'x'.repeat(100));
  const from = store.log.head;
  store.put('z', 'x'.repeat(600));
  const changes = store.changes(from);
  t.deepEqual(
    changes.map(({type, key, evictionLimit}) => [type, key, evictionLimit]),
    [
      ['evict', 'a', 'memory'],
      ['evict', 'b', 'memory'],
      ['put', 'z', undefined],
    ],
  );
});

test('what makes room ahead of a put writes down what it evicts', t => {
  const store = new LoggedStore({namespaces: [{maxEntries: 3}]});
  for (const key of 'abc') store.put(key);
  t.deepEqual(
    store.added(() => store.store.makeRoom(0, Buffer.from('d'), 100, 10)),
    ['evict a'],
  );
  t.deepEqual(
    store.added(() => store.put('d')),
    ['put d'],
  );
});

test('what is dead when it would be evicted is written down as expired, or not at all where it is purged', t => {
  const store = new LoggedStore({namespaces: [{maxEntries: 2}]});
  store.put('expired', '', {ttlMs: 10});
  store.put('purged');
  store.clock.advance(10);
  t.deepEqual(
    store.added(() => store.put('a')),
    ['expire expired', 'put a'],
  );
  t.deepEqual(
    store.added(() => store.purge('pur')),
    ['purge pur'],
  );
  t.deepEqual(
    store.added(() => store.put('b')),
    ['put b'],
  );
});

test('a purge is one change, and what it removes is none, even past its deadline', t => {
  const store = new LoggedStore({namespaces: [{}, {}]});
  for (const key of ['a1', 'a2', 'b']) store.put(key, '', {namespace: 1, ttlMs: 10});
  const from = store.log.head;
  const revision = store.purge('a', 1);
  store.clock.advance(1000);
  store.sweepAll();
  t.deepEqual(
    store.changes(from).map(({type, key}) => `${type} ${key}`),
    ['purge a', 'expire b'],
  );
  t.deepEqual(store.changes(from)[0], {type: 'purge', namespace: 1, key: 'a', revision});
});

test('a purge of everything has an empty prefix', t => {
  const store = new LoggedStore();
  const revision = store.purge('');
  t.deepEqual(store.changes(), [{type: 'purge', namespace: 0, key: '', revision}]);
});

const nothings: Record<string, (store: LoggedStore) => unknown> = {
  'a get': store => store.get('a'),
  'a miss': store => store.get('b'),
  'a lost put': store => store.put('a', '', {ifAbsent: true}),
  'a lost delete': store => store.delete('a', {ifRevision: 1}),
  'a lost touch': store => store.touch('a', {ttlMs: 1, onlyExtend: true}),
  'a delete of nothing': store => store.delete('b'),
  'a scan': store => store.scanAll(),
};

for (const [what, nothing] of Object.entries(nothings)) {
  test(`${what} is not written down`, t => {
    const store = new LoggedStore({keepsPrevious: true});
    store.put('a', '', {ttlMs: 10});
    t.deepEqual(
      store.added(() => nothing(store)),
      [],
    );
  });
}

test('without history there is no log, and revisions are counted all the same', t => {
  const [without, withLog] = [new StoreHarness(), new LoggedStore()];
  t.is(without.store.changeLog, undefined);
  for (const store of [without, withLog]) {
    store.put('a', '', {ttlMs: 10});
    store.touch('a', {ttlMs: 20});
    store.purge('b');
    store.clock.advance(20);
    store.get('a');
  }
  t.is(without.store.lastRevision, withLog.store.lastRevision);
});
