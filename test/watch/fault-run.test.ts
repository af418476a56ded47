/** Some fault runs; `npm run test:watch` makes more. */
import test from 'ava';
import {withSeed} from '../helpers/random.js';
import {faultRun} from './fault-run.js';
import {reportOf} from './report.js';
import {countSituations, situations} from './situations.js';

const runs = 120;
const stepsShown = 40;

test.serial('whatever happens to cache and watchers, every guarantee of Watch holds', t =>
  withSeed(t, async seed => {
    const counts = new Map<string, number>();
    for (let run = 0; run < runs; run++) {
      const result = await faultRun(seed + run);
      if (result.faults.length > 0) t.log(reportOf(seed + run, result, stepsShown));
      t.is(result.faults.length, 0, `the run of seed ${seed + run} failed`);
      countSituations(result.record, counts);
    }
    t.deepEqual(
      situations.filter(situation => !counts.has(situation)),
      [],
      'the runs have met everything that they are for',
    );
  }),
);

test.serial('the same seed gives the same run', t =>
  withSeed(t, async seed => {
    const [one, other] = [await faultRun(seed), await faultRun(seed)];
    t.deepEqual(one.steps, other.steps);
    t.true(one.steps.length > 20);
  }),
);
