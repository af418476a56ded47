/** An entry is gone at its deadline, not before; and its memory comes back. */
import test from 'ava';
import {charge, noDeadline} from '../../src/store/index.js';
import {StoreHarness} from '../helpers/store-harness.js';

test('an entry is gone at its deadline, not before', t => {
  const store = new StoreHarness();
  store.put('a', 'value', {ttlMs: 10});
  store.clock.advance(9);
  t.is(store.get('a')?.value, 'value');
  store.clock.advance(0.999);
  t.is(store.get('a')?.value, 'value');
  store.clock.advance(0.001);
  t.is(store.get('a'), undefined);
});

const operations: Record<string, (store: StoreHarness) => unknown> = {
  get: store => store.get('a'),
  peek: store => store.get('a', {peek: true}),
  delete: store => store.delete('a').outcome === 'deleted' || undefined,
  touch: store => store.touch('a', {ttlMs: 1000}).outcome === 'touched' || undefined,
  'get with a new deadline': store => store.get('a', {touchDeadlineMs: store.clock.nowMs() + 1000}),
  'put, as previous': store => store.put('a', 'new', {wantPrevious: true}).previous,
  scan: store => store.scanAll()[0],
};

for (const [name, operation] of Object.entries(operations)) {
  test(`${name} finds an entry until its deadline`, t => {
    const early = new StoreHarness();
    early.put('a', 'old', {ttlMs: 10});
    early.clock.advance(9.5);
    t.not(operation(early), undefined);

    const late = new StoreHarness();
    late.put('a', 'old', {ttlMs: 10});
    late.clock.advance(10);
    t.is(operation(late), undefined);
  });
}

test('an entry without a deadline stays', t => {
  const store = new StoreHarness();
  store.put('a');
  store.clock.advance(100 * 365 * 24 * 3600 * 1000);
  t.is(store.sweepAll(), 0);
  t.is(store.get('a')?.deadlineMs, noDeadline);
});

test('a put brings its own deadline, or none', t => {
  const store = new StoreHarness();
  store.put('a', '1', {ttlMs: 10});
  store.put('a', '2');
  store.clock.advance(1000);
  t.is(store.sweepAll(), 0);
  t.is(store.get('a')?.value, '2');
});

test('keepDeadline keeps the deadline of the entry that is replaced', t => {
  const store = new StoreHarness();
  const {deadlineMs} = store.put('a', '1', {ttlMs: 10});
  store.clock.advance(5);
  t.is(store.put('a', '2', {ttlMs: 1000, keepDeadline: true}).deadlineMs, deadlineMs);
  store.clock.advance(5);
  t.false(store.has('a'));
});

test('keepDeadline keeps that there is none', t => {
  const store = new StoreHarness();
  store.put('a', '1');
  t.is(store.put('a', '2', {ttlMs: 10, keepDeadline: true}).deadlineMs, noDeadline);
});

test('keepDeadline gives a new entry the deadline of the put', t => {
  const store = new StoreHarness();
  store.put('a', '1', {ttlMs: 10, keepDeadline: true});
  store.clock.advance(10);
  t.false(store.has('a'));
  t.is(store.put('a', '2', {ttlMs: 20, keepDeadline: true}).deadlineMs, store.clock.nowMs() + 20);
});

test('a touch moves the deadline and nothing else', t => {
  const store = new StoreHarness();
  store.put('a', 'value', {ttlMs: 10, contentType: 'text/plain'});
  const before = store.get('a')!;
  const touched = store.touch('a', {ttlMs: 100});
  t.deepEqual(touched, {outcome: 'touched', deadlineMs: store.clock.nowMs() + 100});
  t.deepEqual(store.get('a'), {...before, deadlineMs: touched.deadlineMs});
  store.clock.advance(99.9);
  t.true(store.has('a'));
  store.clock.advance(0.1);
  t.false(store.has('a'));
});

test('a touch can take the deadline away, and bring it nearer', t => {
  const store = new StoreHarness();
  store.put('a', '', {ttlMs: 10});
  store.put('b', '', {ttlMs: 1000});
  store.touch('a');
  store.touch('b', {ttlMs: 10});
  store.clock.advance(10);
  t.deepEqual(store.present('a', 'b'), ['a']);
});

test('onlyExtend and onlyShorten refuse what does neither; never is the longest', t => {
  const store = new StoreHarness();
  const {deadlineMs} = store.put('a', '', {ttlMs: 100});
  t.deepEqual(store.touch('a', {ttlMs: 100, onlyExtend: true}), {outcome: 'conditionLost', deadlineMs});
  t.deepEqual(store.touch('a', {ttlMs: 100, onlyShorten: true}), {outcome: 'conditionLost', deadlineMs});
  t.is(store.touch('a', {ttlMs: 99, onlyExtend: true}).outcome, 'conditionLost');
  t.is(store.touch('a', {ttlMs: 101, onlyShorten: true}).outcome, 'conditionLost');
  t.is(store.touch('a', {onlyShorten: true}).outcome, 'conditionLost');
  t.is(store.get('a')?.deadlineMs, deadlineMs);
  t.is(store.touch('a', {ttlMs: 101, onlyExtend: true}).outcome, 'touched');
  t.is(store.touch('a', {ttlMs: 50, onlyShorten: true}).outcome, 'touched');
  t.is(store.touch('a', {onlyExtend: true}).outcome, 'touched');
  t.is(store.touch('a', {onlyExtend: true}).outcome, 'conditionLost');
  t.is(store.touch('a', {ttlMs: 50, onlyShorten: true}).outcome, 'touched');
});

test('a touch of nothing answers so', t => {
  const store = new StoreHarness();
  t.is(store.touch('a', {ttlMs: 10}).outcome, 'notFound');
  t.is(store.stats().touches, 0);
});

test('a get with a new deadline answers it and keeps the revision', t => {
  const store = new StoreHarness();
  const {revision} = store.put('a', 'value', {ttlMs: 10});
  const deadlineMs = store.clock.nowMs() + 100;
  const got = store.get('a', {touchDeadlineMs: deadlineMs});
  t.is(got?.deadlineMs, deadlineMs);
  t.is(got?.revision, revision);
  store.clock.advance(50);
  t.true(store.has('a'));
});

test('a sweep frees what nobody reads, within a second of its deadline', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 500; index++) store.put(`key ${index}`, 'value', {ttlMs: 1 + index * 7});
  store.put('stays', 'value');
  store.clock.advance(500 * 7 + 1000);
  t.is(store.sweepAll(), 500);
  t.is(store.stats().entries, 1);
  t.is(store.stats().memoryBytes, charge('stays'.length, 'value'.length));
  t.is(store.stats().expirations, 500);
});

test('a sweep removes nothing before its deadline, however often it runs', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 300; index++) store.put(`key ${index}`, '', {ttlMs: 1 + index});
  for (let elapsedMs = 0; elapsedMs <= 300; elapsedMs++) {
    store.sweepAll();
    for (let index = 0; index < 300; index += 13) t.is(store.has(`key ${index}`), 1 + index > elapsedMs);
    store.clock.advance(1);
  }
});

test('a sweep stays within its slice, and says when nothing is left to do', t => {
  const store = new StoreHarness({}, {});
  for (let index = 0; index < 25; index++) store.put(`key ${index}`, '', {ttlMs: 10, namespace: index % 2});
  store.clock.advance(2000);
  const left = () => store.stats(0).entries + store.stats(1).entries;
  for (let before = left(); !store.store.sweep(10); before = left()) t.true(left() >= before - 10);
  t.is(left(), 0);
  t.true(store.store.sweep(10), 'nothing is left to do');
});

test('a sweep forgets the deadlines that an entry no longer has', t => {
  const store = new StoreHarness();
  store.put('touched', '', {ttlMs: 10});
  store.touch('touched', {ttlMs: 100_000});
  store.put('replaced', '', {ttlMs: 10});
  store.put('replaced', '', {ttlMs: 100_000});
  store.put('again', '', {ttlMs: 10});
  store.delete('again');
  store.put('again', '', {ttlMs: 100_000});
  store.clock.advance(5000);
  t.is(store.sweepAll(), 0);
  t.deepEqual(store.present('touched', 'replaced', 'again'), ['touched', 'replaced', 'again']);
  store.clock.advance(100_000);
  t.is(store.sweepAll(), 3);
});

test('deadlines that are made nearer, after a sweep has passed, are kept too', t => {
  const store = new StoreHarness();
  store.put('a', '', {ttlMs: 100_000});
  store.clock.advance(50_000);
  t.is(store.sweepAll(), 0);
  store.touch('a', {ttlMs: 1});
  store.put('b', '', {ttlMs: 1});
  store.clock.advance(1001);
  t.is(store.sweepAll(), 2);
});

test('an entry stored with a deadline that is past is a miss, and its memory comes back', t => {
  const store = new StoreHarness();
  for (let index = 0; index < 100; index++) store.put(`later ${index}`, '', {ttlMs: 100_000 + index * 1000});
  store.clock.advance(10_000);
  t.is(store.sweepAll(), 0);
  store.put('a', 'value', {ttlMs: 0});
  store.put('b', 'value', {ttlMs: -5000});
  t.is(store.get('a'), undefined);
  store.clock.advance(1000);
  store.sweepAll();
  t.is(store.stats().entries, 100);
  t.is(store.stats().expirations, 2);
});

const hourMs = 3_600_000;

for (const [name, jumpMs] of Object.entries({
  'a second': 1000,
  'five hours': 5 * hourMs,
  'two days': 48 * hourMs,
})) {
  test(`when the clock jumps by ${name}, all that is due is gone within so many slices, and nothing else`, t => {
    const store = new StoreHarness();
    const ttls = [1, 64, 65, 500, 4095, 4096, 4097, 50_000, 262_144, hourMs, 4 * hourMs, 30 * hourMs, 500 * hourMs];
    const endings = ttls.flatMap(ttlMs => [ttlMs, ttlMs + jumpMs, jumpMs - ttlMs]).filter(ttlMs => ttlMs > 0);
    for (const [index, ttlMs] of endings.entries()) store.put(`key ${index}`, '', {ttlMs});
    store.clock.advance(jumpMs);
    // What is due a tick later may be gone too.
    const dueBy = (ms: number) => endings.filter(ttlMs => ttlMs <= ms).length;
    store.clock.advance(64);
    // A tick takes a step where the wheel is not empty, a record one for each level that it passes.
    const slicesMost = Math.ceil((jumpMs / 64 + 10 * endings.length) / 1000) + 1;
    for (let slice = 0; !store.store.sweep(1000); slice++) if (slice > slicesMost) return t.fail('it takes too long');
    const {expirations} = store.stats();
    t.true(expirations >= dueBy(jumpMs) && expirations <= dueBy(jumpMs + 64), `${expirations} of ${dueBy(jumpMs)}`);
    const live = endings.filter(ttlMs => ttlMs > jumpMs + 64).length;
    t.is(store.present(...endings.map((_, index) => `key ${index}`)).length, live);
    store.check();
  });
}

test('an empty wheel has nothing to turn through, however far the clock jumps', t => {
  const store = new StoreHarness();
  store.put('a');
  store.clock.advance(80 * 365 * 24 * hourMs);
  t.true(store.store.sweep(10));
  store.put('b', '', {ttlMs: 100 * 365 * 24 * hourMs});
  store.put('c', '', {ttlMs: 100});
  store.clock.advance(164);
  t.is(store.sweepAll(), 1);
  t.deepEqual(store.present('a', 'b', 'c'), ['a', 'b']);
  store.check();
});

for (const [name, byMs] of Object.entries({back: -30 * 24 * hourMs, forward: 30 * 24 * hourMs})) {
  test(`a wall clock set ${name} neither revives nor kills, however it is swept`, t => {
    const store = new StoreHarness();
    store.put('short', '', {ttlMs: 100});
    store.put('long', '', {ttlMs: 1000});
    store.clock.advance(150);
    store.clock.setWallBy(byMs);
    t.deepEqual(store.present('short', 'long'), ['long']);
    t.is(store.sweepAll(), 0, 'whoever looked has removed it');
    t.is(store.stats().expirations, 1);
    store.clock.advance(849);
    store.sweepAll();
    t.true(store.has('long'));
    store.clock.advance(1);
    store.clock.setWallBy(-byMs);
    t.false(store.has('long'));
    t.is(store.stats().expirations, 2);
    store.check();
  });
}

test('a sweep finds every deadline, near or a century away, within a tick of it', t => {
  const store = new StoreHarness();
  const ttls: number[] = [];
  for (let ttlMs = 100; ttlMs < 100 * 365 * 24 * hourMs; ttlMs = Math.ceil(ttlMs * 1.9)) ttls.push(ttlMs);
  for (const ttlMs of ttls) store.put(`key ${ttlMs}`, '', {ttlMs});
  store.check();
  let nowMs = 0;
  // Not to the last: to turn through a century takes steps by the billion.
  for (const ttlMs of ttls.filter(each => each < 24 * hourMs)) {
    store.clock.advance(ttlMs - 1 - nowMs);
    while (!store.store.sweep(1_000_000));
    t.true(store.has(`key ${ttlMs}`), `${ttlMs} is there until then`);
    store.clock.advance(65);
    nowMs = ttlMs + 64;
    const {entries} = store.stats();
    while (!store.store.sweep(1_000_000));
    t.true(store.stats().entries < entries || !store.has(`key ${ttlMs}`), `${ttlMs} is freed`);
  }
  store.check();
});

test('a deadline is rounded up to a whole millisecond, in every answer', t => {
  const store = new StoreHarness();
  store.clock.advance(0.25);
  const deadlineMs = Math.ceil(store.clock.nowMs() + 10);
  t.is(store.put('a', '', {ttlMs: 10}).deadlineMs, deadlineMs);
  t.is(store.get('a')?.deadlineMs, deadlineMs);
  t.is(store.touch('a', {ttlMs: 20}).deadlineMs, deadlineMs + 10);
  t.is(store.get('a', {touchDeadlineMs: store.clock.nowMs() + 30})?.deadlineMs, deadlineMs + 20);
  store.clock.advance(deadlineMs + 20 - store.clock.nowMs() - 0.001);
  t.true(store.has('a'));
  store.clock.advance(0.001);
  t.false(store.has('a'));
});

test('the lag of an expiry is how long ago the deadline was', t => {
  const store = new StoreHarness();
  store.put('a', '', {ttlMs: 10});
  t.is(store.stats().expiryLagMs, 0);
  store.clock.advance(260);
  store.get('a');
  t.is(store.stats().expiryLagMs, 250);
});
