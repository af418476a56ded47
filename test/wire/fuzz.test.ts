/** A short round of the frame fuzzer; `npm run test:fuzz` is a long one. */
import test from 'ava';
import {Random, withSeed} from '../helpers/random.js';
import {fuzzConnections} from './helpers/fuzz-run.js';
import {startBench} from './helpers/peer.js';

test('no frames make the server fail or hold on to anything', async t =>
  withSeed(t, async seed => {
    const bench = startBench(t);
    const {frames} = await fuzzConnections(bench, new Random(seed), 20_000);
    t.true(frames >= 20_000);
    t.deepEqual(bench.faults, []);
  }));
