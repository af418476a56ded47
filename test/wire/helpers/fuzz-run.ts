/** Sends fuzzed frames on one connection after the other, and sees that nothing is left of each. */
import {assert} from '../../../src/base/index.js';
import type {Random} from '../../helpers/random.js';
import {call, preface, settings} from './frames.js';
import {cutAnywhere, randomFrame} from './fuzz.js';
import type {Bench} from './peer.js';

export async function fuzzConnections(
  bench: Bench,
  random: Random,
  framesWanted: number,
): Promise<{frames: number; connections: number}> {
  let frames = 0;
  let connections = 0;
  while (frames < framesWanted) {
    frames += await fuzzConnection(bench, random);
    connections++;
    if (connections % 50 === 0) await checkGoodPeer(bench);
  }
  return {frames, connections};
}

async function fuzzConnection(bench: Bench, random: Random): Promise<number> {
  const peer = bench.connectSilently();
  if (!random.oneIn(20)) peer.send(preface, settings([4, random.oneIn(3) ? random.below(1000) : 65_535]));
  let frames = 0;
  const rounds = 1 + random.below(20);
  for (let round = 0; round < rounds && !peer.goAway && !peer.closed; round++) {
    const count = 1 + random.below(30);
    const bytes = Buffer.concat(Array.from({length: count}, () => randomFrame(random)));
    frames += count;
    for (const piece of cutAnywhere(random, bytes)) peer.send(piece);
    await new Promise(resolve => setImmediate(resolve));
    actOnStreams(bench, random);
    if (random.oneIn(5)) bench.timers.advance(random.below(200));
  }
  peer.duplex.destroy();
  await peer.settle();
  bench.timers.advance(2000);
  assert(bench.server.counters().connections === 0, 'a connection that is gone is forgotten');
  assert(
    bench.streams.every(({closed}) => closed),
    'a stream whose connection is gone is over',
  );
  bench.streams.length = 0;
  bench.waiting.length = 0;
  return frames;
}

/** The handlers' side: some answer, some write, some end. */
function actOnStreams(bench: Bench, random: Random): void {
  for (const {out} of bench.streams) {
    if (random.oneIn(3)) out.write(Buffer.alloc(random.below(3000)));
    if (random.oneIn(10)) out.end(random.oneIn(2) ? undefined : new Error('of the test'));
  }
  for (const {answer} of bench.waiting.splice(0, random.below(3))) answer(Buffer.from('later'));
  // Errors that the test itself made are none of the server's.
  for (let at = bench.faults.length - 1; at >= 0; at--) {
    if ((bench.faults[at] as Error).message === 'of the test') bench.faults.splice(at, 1);
  }
}

async function checkGoodPeer(bench: Bench): Promise<void> {
  const peer = await bench.connect();
  await peer.ask(call(1, '/t.T/Echo', Buffer.from('good')));
  assert(peer.answer(1).messages[0] === 'good', 'a good peer is answered');
  peer.duplex.destroy();
  await peer.settle();
}
