/**
 * A long round of the frame fuzzer: `node dist/test/wire/fuzz-long.js FRAMES [SEED]`.
 * Prints how far it is, and fails with the seed where the server fails.
 */
import type {ExecutionContext} from 'ava';
import {Random} from '../helpers/random.js';
import {fuzzConnections} from './helpers/fuzz-run.js';
import {startBench} from './helpers/peer.js';

const framesWanted = Number(process.argv[2] ?? 10_000_000);
let seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 32));
const framesARound = 100_000;

const bench = startBench({teardown: () => {}} as unknown as ExecutionContext);
for (let frames = 0; frames < framesWanted; frames += framesARound, seed++) {
  try {
    await fuzzConnections(bench, new Random(seed), framesARound);
    if (bench.faults.length > 0) throw bench.faults[0];
  } catch (error) {
    console.error(`seed ${seed}:`, error);
    process.exit(1);
  }
  const mebibytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(`${frames + framesARound} frames, seed ${seed}, ${mebibytes} MiB resident`);
}
