/** Some runs in which two threads write one store while the hub of a third reads; `npm run test:watch` makes more. */
import test from 'ava';
import {withSeed} from '../helpers/random.js';
import {reportOf} from './report.js';
import {threadRun, WriterThreads} from './thread-run.js';

const runs = 12;
const stepsShown = 40;

test('while two threads write the store, every guarantee of Watch holds', async t => {
  const writers = new WriterThreads();
  t.teardown(() => writers.close());
  await withSeed(t, async seed => {
    for (let run = 0; run < runs; run++) {
      const result = await threadRun(seed + run, writers);
      if (result.faults.length > 0) t.log(reportOf(seed + run, result, stepsShown));
      t.is(result.faults.length, 0, `the run of seed ${seed + run} failed`);
    }
  });
});
