/**
 * `npm run bench` runs every benchmark, `npm run bench -- NAME …` those named;
 * `--quick` makes short runs that only show that it works. The bars come last.
 */
import {attacks} from './attacks.js';
import {batches} from './batch.js';
import {expiry} from './expiry.js';
import {fairness} from './fairness.js';
import {hitRatio} from './hit-ratio.js';
import {http} from './http.js';
import {latency} from './latency.js';
import {describeMachine} from './lib/machine.js';
import {type Bar, type BenchOptions, type BenchResult, barLine, publish} from './lib/report.js';
import {memory} from './memory.js';
import {pauses} from './pauses.js';
import {store} from './store.js';
import {stream} from './stream.js';
import {threads} from './threads.js';
import {unary} from './unary.js';
import {watch} from './watch.js';

const benches: Record<string, (options: BenchOptions) => Promise<BenchResult>> = {
  unary,
  batch: batches,
  stream,
  latency,
  fairness,
  attacks,
  threads,
  http,
  store,
  memory,
  pauses,
  expiry,
  watch,
  'hit-ratio': hitRatio,
};

const words = process.argv.slice(2);
const options: BenchOptions = {quick: words.includes('--quick')};
const asked = words.filter(word => word !== '--quick');
for (const name of asked) {
  if (!(name in benches)) {
    console.error(`${name} is not a benchmark; there are ${Object.keys(benches).join(', ')}, and the flag --quick`);
    process.exit(2);
  }
}

const bars: Bar[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  try {
    const machine = await describeMachine();
    const result = await bench(options);
    publish(result, machine, options);
    bars.push(...result.bars);
  } catch (error) {
    process.exitCode = 1;
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}
console.log('');
for (const bar of bars) console.log(barLine(bar));
