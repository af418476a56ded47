/**
 * A long round of the frame fuzzer:
 *
 *   npm run test:fuzz                    10 million frames, from a seed that is drawn and printed
 *   npm run test:fuzz -- 100000 1234567  so many, from this seed: one round again
 *
 * It goes by rounds of 100,000 frames, each with a seed of its own, and ends at the first that fails.
 */
import type {ExecutionContext} from 'ava';
import {Random} from '../helpers/random.js';
import {fuzzConnections} from './helpers/fuzz-run.js';
import {startBench} from './helpers/peer.js';

const framesARound = 100_000;
const roundsAReport = 10;

const [framesWanted = 10_000_000, firstSeed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
const rounds = Math.ceil(framesWanted / framesARound);
console.log(`${rounds * framesARound} frames from seed ${firstSeed}`);

const bench = startBench({teardown: () => {}} as unknown as ExecutionContext);
const sent = {frames: 0, connections: 0};
const beganMs = performance.now();
let lastRound = 0;
for (let round = 1; round <= rounds && process.exitCode === undefined; round++) {
  lastRound = round;
  await runRound(firstSeed + round - 1);
  if (round % roundsAReport === 0) console.log(soFar());
}
console.log(`${soFar()}: ${process.exitCode === undefined ? 'no fault was found' : 'a fault was found'}`);

async function runRound(seed: number): Promise<void> {
  try {
    const {frames, connections} = await fuzzConnections(bench, new Random(seed), framesARound);
    sent.frames += frames;
    sent.connections += connections;
    if (bench.faults.length > 0) throw bench.faults[0];
  } catch (error) {
    console.log(`a round failed; to have it again: npm run test:fuzz -- ${framesARound} ${seed}\n`, error);
    process.exitCode = 1;
  }
}

function soFar(): string {
  const mebibytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  const seeds = `seeds ${firstSeed} to ${firstSeed + lastRound - 1}`;
  return `${sent.frames} frames on ${sent.connections} connections, ${seeds}, ${seconds} s, ${mebibytes} MiB resident`;
}
