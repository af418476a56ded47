/** The checker notices whatever is broken, at random, in the records of real runs. */
import test from 'ava';
import {Random, withSeed} from '../helpers/random.js';
import {checkRun} from './checker.js';
import {faultRun} from './fault-run.js';
import {mutate, mutations} from './mutations.js';

const runsLeast = 20;
const runsMost = 500;
const timesLeast = 3;

test('the checker notices each kind of fault in the records of real runs', t =>
  withSeed(t, async seed => {
    const random = new Random(seed);
    const times = new Map(Object.keys(mutations).map(kind => [kind, 0]));
    const isEnough = () => [...times.values()].every(count => count >= timesLeast);
    for (let run = 0; run < runsLeast || (run < runsMost && !isEnough()); run++) {
      const {record, faults} = await faultRun(seed + run);
      t.deepEqual(faults, [], `the run of seed ${seed + run} has no fault of its own`);
      for (const transcript of record.transcripts) {
        for (const kind of Object.keys(mutations)) {
          const broken = mutate(kind, transcript, {lives: record.lives, random});
          if (!broken) continue;
          times.set(kind, times.get(kind)! + 1);
          const found = checkRun({lives: record.lives, transcripts: [broken]});
          if (found.length === 0) t.fail(`${transcript.watcher} ${kind}, and nobody notices`);
        }
      }
    }
    t.true(isEnough(), JSON.stringify([...times]));
  }));
