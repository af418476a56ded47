/** How a connection leaves, how a silent one is found out, and how long one may live. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {flags, types} from '../../src/wire/frame.js';
import {createWireServer} from '../../src/wire/index.js';
import {call, frame, ping, rstStream, windowUpdate} from './helpers/frames.js';
import {type Peer, startBench} from './helpers/peer.js';

const text = (value: string) => Buffer.from(value);

/** The peer has heard that it is to go. */
function heard(peer: Peer): Uint8Array {
  const [question] = peer.framesOf(types.ping);
  return frame(types.ping, flags.ack, 0, question!.payload);
}

test('a leaving server finishes what is under way, passes over what is new, and says so', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Later', text('x')));
  let closed = false;
  const closing = bench.server.close(5000).then(() => {
    closed = true;
  });
  await peer.settle();
  await peer.ask(heard(peer));
  t.deepEqual(peer.goAway, {code: 'NO_ERROR', message: '', lastStreamId: 1});
  await peer.ask(call(3, '/t.T/Echo', text('x')), windowUpdate(3, 5), rstStream(3), ping());
  t.deepEqual(peer.answer(3), {fields: {}, messages: [], ended: false, reset: undefined});
  t.false(closed);
  bench.waiting[0]!.answer(text('done'));
  await peer.settle();
  t.like(peer.answer(1), {messages: ['done'], ended: true});
  bench.timers.advance(limits.wireCloseMsMost);
  await closing;
  t.true(peer.closed);
  t.true(bench.connectSilently().duplex.readable);
});

test('what a client began before it heard that the server leaves is answered', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  const closing = bench.server.close(5000);
  await peer.settle();
  t.deepEqual(peer.goAway, {code: 'NO_ERROR', message: '', lastStreamId: 2 ** 31 - 1});
  await peer.ask(call(1, '/t.T/Echo', text('under way')), ping(flags.ack));
  t.like(peer.answer(1), {messages: ['under way'], ended: true});
  t.false(peer.closed, 'that was no answer to what the server asked');
  await peer.ask(call(3, '/t.T/Echo', text('just before')), heard(peer), call(5, '/t.T/Echo', text('after')));
  t.like(peer.answer(3), {messages: ['just before'], ended: true});
  t.deepEqual(peer.answer(5).messages, []);
  t.is(peer.goAway?.lastStreamId, 3);
  t.is(peer.framesOf(types.goAway).length, 2);
  t.true(peer.closed);
  peer.duplex.end();
  await closing;
});

test('who does not answer that it heard is not waited for', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  const closing = bench.server.close(5000);
  bench.timers.advance(limits.wireFarewellMsMost - 1);
  await peer.settle();
  t.false(peer.closed);
  bench.timers.advance(1);
  await peer.settle();
  t.is(peer.goAway?.lastStreamId, 0);
  t.true(peer.closed);
  bench.timers.advance(limits.wireCloseMsMost);
  await closing;
});

test('who has not said yet what it speaks is left at once', async t => {
  const bench = startBench(t);
  const peer = bench.connectSilently();
  const closing = bench.server.close(5000);
  await peer.settle();
  t.true(peer.closed);
  bench.timers.advance(limits.wireCloseMsMost);
  await closing;
});

test('a server that never listened can be closed', async t => {
  const server = createWireServer({methods: [], maxReceiveBytes: 100, logFault: fault => t.fail(String(fault))});
  await server.close(1000);
  t.pass();
});

test('a leaving server cuts off what takes too long', async t => {
  const bench = startBench(t);
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Stream', text('x')));
  const closing = bench.server.close(5000);
  bench.timers.advance(5000);
  t.true(bench.streams[0]!.closed);
  await peer.settle();
  t.is(peer.answer(1).fields['grpc-status'], '14', 'its client is told');
  bench.timers.advance(limits.wireCloseMsMost);
  await closing;
  await peer.settle();
  t.true(peer.closed);
});

test('so are those who do not take what they asked for', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 0]);
  await peer.ask(call(1, '/t.T/Large', text('100000')));
  const closing = bench.server.close(5000);
  bench.timers.advance(5000);
  await peer.settle();
  t.is(peer.answer(1).reset, 'CANCEL');
  bench.timers.advance(limits.wireCloseMsMost);
  await closing;
  t.is(bench.server.counters().heldBytes, 0);
});

test('a silent peer is asked whether it is there, and given up if it does not answer', async t => {
  const bench = startBench(t);
  const [there, gone] = [await bench.connect(), await bench.connect()];
  await bench.pass(limits.keepaliveMsDefault + 2000);
  t.is(there.framesOf(types.ping).length, 1);
  t.is(gone.framesOf(types.ping).length, 1);
  await there.ask(ping(1));
  await bench.pass(limits.keepaliveAnswerMs + 2000);
  t.false(there.closed);
  t.true(gone.closed);
});

test('an old connection, and one without calls, are asked to go', async t => {
  const old = startBench(t, {maxAgeMs: 60_000, random: () => 0.5});
  const oldPeer = await old.connect();
  await oldPeer.ask(call(1, '/t.T/Stream', text('x')));
  const idle = startBench(t, {maxIdleMs: 30_000});
  const [idlePeer, busyPeer] = [await idle.connect(), await idle.connect()];
  await busyPeer.ask(call(1, '/t.T/Stream', text('x')));
  await idle.pass(35_000);
  await old.pass(59_000);
  t.deepEqual([oldPeer.goAway, busyPeer.goAway], [undefined, undefined]);
  t.is(idlePeer.goAway?.code, 'NO_ERROR');
  t.true(idlePeer.closed);
  await old.pass(3000);
  t.is(oldPeer.goAway?.code, 'NO_ERROR');
  t.false(oldPeer.closed, 'its call goes on');
  old.streams[0]!.out.end();
  await oldPeer.settle();
  t.true(oldPeer.closed);
});

test('what still runs a while after its connection was asked to go is cut off', async t => {
  const bench = startBench(t, {maxAgeMs: 60_000, random: () => 0.5});
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Stream', text('x')));
  await bench.pass(62_000);
  t.is(peer.goAway?.code, 'NO_ERROR');
  await bench.pass(limits.connectionGraceMs - 2000);
  t.false(peer.closed);
  await bench.pass(4000);
  t.true(peer.closed);
  t.true(bench.streams[0]!.closed);
});

test('connections that came together do not go together', async t => {
  let drawn = 0;
  const bench = startBench(t, {maxAgeMs: 100_000, random: () => drawn++ / 10});
  const peers: Peer[] = [];
  for (let count = 0; count < 10; count++) peers.push(await bench.connect());
  const goneAt: number[] = [];
  for (let second = 1; peers.length > 0 && second <= 115; second++) {
    await bench.pass(1000);
    goneAt.push(...peers.splice(0, peers.findLastIndex(peer => peer.goAway) + 1).map(() => second));
  }
  t.is(goneAt.length, 10);
  t.is(new Set(goneAt).size, 10);
  t.true(goneAt[0]! >= 90 && goneAt.at(-1)! <= 111, String(goneAt));
});
