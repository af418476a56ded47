/** Some runs in which several threads write one cache, each with watchers of its own; `npm run test:watch` makes more. */
import test from 'ava';
import {withSeed} from '../helpers/random.js';
import {reportOf} from './report.js';
import {RunThreads, threadRun} from './thread-run.js';

const runs = 12;
const stepsShown = 40;

test('while several threads write one cache, every guarantee of Watch holds on each', async t => {
  const threads = new RunThreads();
  t.teardown(() => threads.close());
  await withSeed(t, async seed => {
    for (let run = 0; run < runs; run++) {
      const result = await threadRun(seed + run, threads);
      if (result.faults.length > 0) t.log(reportOf(seed + run, result, stepsShown));
      t.is(result.faults.length, 0, `the run of seed ${seed + run} failed`);
    }
  });
});
