/** Some runs of several threads on a few keys; `npm run test:linear` makes more. */
import test from 'ava';
import {Random, withSeed} from '../helpers/random.js';
import {checkHistory} from './checker.js';
import {type Fault, faults} from './faults.js';
import {LinearThreads} from './run.js';

const threads = new LinearThreads();
test.after.always(() => threads.close());

const runs = 10;
const operations = 400;
const triesMost = 50;

test.serial('what several threads are answered can be explained by one after the other', t =>
  withSeed(t, async seed => {
    for (let run = 0; run < runs; run++) t.deepEqual(await threads.check(seed + run, {operations}), []);
  }),
);

for (const fault of Object.keys(faults) as Fault[]) {
  test.serial(`it is found if a thread ${fault}`, t =>
    withSeed(t, async seed => {
      let found: string[] = [];
      for (let run = 0; run < triesMost && found.length === 0; run++) {
        found = await threads.check(seed + run, {operations: 5 * operations, fault});
      }
      t.not(found.length, 0);
    }),
  );
}

test.serial('it is found if two answers of a run are exchanged', t =>
  withSeed(t, async seed => {
    const random = new Random(seed);
    const history = await threads.run(seed, {operations});
    for (let time = 0; time < 20; time++) {
      const changed = history.map(each => [...each]);
      const thread = random.pick(changed);
      const written = thread.filter(({done}) => done.do === 'increment');
      const [one, other] = [random.pick(written), random.pick(written)];
      if (one === other) continue;
      thread[thread.indexOf(one)] = {...one, done: other.done};
      thread[thread.indexOf(other)] = {...other, done: one.done};
      t.not(checkHistory(changed).length, 0);
    }
  }),
);
