/**
 * Many runs, for after a change to the store, its locks or the cache:
 *
 *   npm run test:linear -- 2000           from a seed that is drawn and printed
 *   npm run test:linear -- 1 1234567      one again, as far as the machine does the same again
 */
import {LinearThreads} from './run.js';

const operations = 1000;
const failuresMost = 5;
const given = process.argv.slice(2).map(Number);
const [runs = 500, firstSeed = Math.floor(Math.random() * 2 ** 31)] = given;

console.log(`${runs} runs of several threads from seed ${firstSeed}`);
const threads = new LinearThreads();
let failures = 0;
for (let seed = firstSeed; seed < firstSeed + runs && failures < failuresMost; seed++) {
  const faults = await threads.check(seed, {operations});
  if (faults.length === 0) continue;
  failures++;
  console.log(`seed ${seed}:\n${faults.join('\n')}`);
}
await threads.close();
console.log(failures === 0 ? 'no fault was found' : `${failures} of them failed`);
if (failures > 0) process.exitCode = 1;
