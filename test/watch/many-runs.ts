/**
 * Many fault runs, for after a change to Watch or to the change log:
 *
 *   npm run test:watch -- 10000              from a seed that is drawn and printed; and 500 with several threads
 *   npm run test:watch -- 1 1234567          one run again, with all its steps
 *   npm run test:watch -- --threads 1 1234   one with several threads again, as far as the machine does the same again
 */
import {type FaultRunResult, faultRun} from './fault-run.js';
import {reportOf} from './report.js';
import {RunThreads, threadRun} from './thread-run.js';

/** A run with threads takes so many times as long, and is as much rarer. */
const threadRunCost = 20;
const stepsShown = 40;
const failuresMost = 5;

const given = process.argv.slice(2);
const isThreaded = given[0] === '--threads';
const [runs = 1000, firstSeed = Math.floor(Math.random() * 2 ** 31)] = given.slice(isThreaded ? 1 : 0).map(Number);

if (!isThreaded) await runMany('runs', runs, faultRun);
const threadRuns = isThreaded ? runs : Math.floor(runs / threadRunCost);
const threads = new RunThreads();
if (threadRuns > 0) await runMany('runs with several threads', threadRuns, seed => threadRun(seed, threads));
await threads.close();

async function runMany(what: string, count: number, run: (seed: number) => Promise<FaultRunResult>): Promise<void> {
  console.log(`${count} ${what} from seed ${firstSeed}`);
  let failures = 0;
  for (let seed = firstSeed; seed < firstSeed + count && failures < failuresMost; seed++) {
    const result = await run(seed);
    if (result.faults.length === 0) continue;
    failures++;
    console.log(reportOf(seed, result, count === 1 ? undefined : stepsShown));
  }
  console.log(failures === 0 ? 'no fault was found' : `${failures} of them failed`);
  if (failures > 0) process.exitCode = 1;
}
