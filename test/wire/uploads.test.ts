/** Large messages on many streams at once, from a peer whose streams cannot pass each other. */
import test from 'ava';
import {limits} from '../../src/base/index.js';
import {types} from '../../src/wire/frame.js';
import {data, endStream, headers, message, requestFields, windowUpdate} from './helpers/frames.js';
import {startBench} from './helpers/peer.js';

test('many large messages on a connection go at once while the server holds little', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30));
  const size = 1_000_000;
  const ids = [1, 3, 5, 7, 9, 11, 13, 15];
  await peer.ask(...ids.map(id => headers(id, requestFields('/t.T/Echo'))));
  const body = message(Buffer.alloc(size));
  for (let from = 0; from < body.length; from += 16_000) {
    const piece = body.subarray(from, from + 16_000);
    for (const id of ids) await peer.ask(data(id, piece, from + piece.length === body.length ? endStream : 0));
  }
  for (let round = 0; round < 50; round++) await peer.settle();
  t.is(bench.runs, ids.length, 'no stream had to wait for its window');
  t.is(peer.goAway, undefined);
});

test('a proxy that sends the bytes of all streams in one line gets to their end', async t => {
  const bench = startBench(t);
  const peer = await bench.connect([4, 2 ** 30]);
  await peer.ask(windowUpdate(0, 2 ** 30));
  const size = 1_000_000;
  // Twice what there is room for, of incomplete messages.
  const ids = Array.from({length: Math.ceil((2 * limits.wireIncompleteFreeBytes) / size)}, (_, index) => 2 * index + 1);
  const room = new Map(ids.map(id => [id, limits.wireStreamWindowBytes]));
  room.set(0, limits.wireConnectionWindowBytes);
  await peer.ask(...ids.map(id => headers(id, requestFields('/t.T/Echo'))));
  const body = message(Buffer.alloc(size));
  let seen = peer.framesOf(types.windowUpdate).length;
  const makeRoom = () => {
    const updates = peer.framesOf(types.windowUpdate);
    for (const {streamId, payload} of updates.slice(seen)) {
      room.set(streamId, room.get(streamId)! + payload.readUInt32BE(0));
    }
    seen = updates.length;
  };
  let halts = 0;
  for (let from = 0; from < body.length; from += 16_000) {
    const piece = body.subarray(from, from + 16_000);
    for (const id of ids) {
      while (Math.min(room.get(id)!, room.get(0)!) < piece.length) {
        await peer.settle();
        makeRoom();
        if (Math.min(room.get(id)!, room.get(0)!) >= piece.length) break;
        if (++halts > 200) return t.fail(`stream ${id} came to a halt for good at ${from}`);
        bench.timers.advance(limits.wireCheckMs);
      }
      peer.send(data(id, piece, from + piece.length === body.length ? endStream : 0));
      for (const window of [id, 0]) room.set(window, room.get(window)! - piece.length);
    }
  }
  for (let round = 0; round < 50; round++) await peer.settle();
  t.is(bench.runs, ids.length);
  t.true(halts > 0);
  t.is(peer.goAway, undefined);
});
