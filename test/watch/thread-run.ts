/**
 * One run with several threads on one cache, each of which writes it and has watchers
 * of its own (thread-part.ts). What comes between what is up to the machine, so a seed
 * gives the same operations again, but not the same run.
 */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import {reserveCache} from '../../src/cache/index.js';
import {charge} from '../../src/store/index.js';
import {Random} from '../helpers/random.js';
import {checkRun} from './checker.js';
import type {FaultRunResult} from './fault-run.js';
import {type Deed, History} from './history.js';
import type {Profile} from './profile.js';
import {SharedClock} from './shared-clock.js';
import type {PartOrder, PartReport} from './thread-part.js';

const threadsMost = 4;
const roundsMost = 30;
/** A thread that hears nothing waits for ever. */
const waitMsMost = 30_000;
const kib = 1024;
const maxKeyBytes = 64;
const marks = 'marks';

/** The threads, for run after run. */
export class RunThreads {
  readonly #workers = Array.from({length: threadsMost}, () => new Worker(new URL('./thread-part.js', import.meta.url)));

  /** Gives each of the first so many threads an order; answers what all say when they have done it. */
  order(threads: number, orderOf: (thread: number) => PartOrder): Promise<PartReport[]> {
    return Promise.all(
      this.#workers.slice(0, threads).map(async (worker, thread) => {
        worker.postMessage(orderOf(thread));
        return (await answerOf(worker, thread)) as PartReport;
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }
}

async function answerOf(worker: Worker, thread: number): Promise<unknown> {
  try {
    const [answer] = await once(worker, 'message', {signal: AbortSignal.timeout(waitMsMost)});
    return answer;
  } catch (error) {
    throw new Error(`thread ${thread} did not come to its end: has it not heard of what another changed?`, {
      cause: error,
    });
  }
}

export async function threadRun(seed: number, workers: RunThreads): Promise<FaultRunResult> {
  const random = new Random(seed);
  const threads = 2 + random.below(threadsMost - 1);
  const profile = drawProfile(random);
  const clock = new SharedClock();
  const {historyBytes, historyKeepsPrevious, namespaces} = profile;
  const options = {historyBytes, historyKeepsPrevious, namespaces, maxKeyBytes, maxValueBytes: profile.valueBytesMost};
  const handle = reserveCache({...options, clock, threads});
  const begin = {handle, options, clock: clock.buffer, profile, marks};
  await workers.order(threads, thread => ({do: 'begin', task: {...begin, thread, seed: seed + 1000 * thread}}));
  for (let rounds = 1 + random.below(roundsMost); rounds > 0; rounds--) {
    const operations = random.pick([1, 10, 100]);
    await workers.order(threads, () => ({do: 'round', operations: random.below(operations)}));
  }
  await workers.order(threads, () => ({do: 'runDry'}));
  const reports = await workers.order(threads, () => ({do: 'end'}));
  const history = new History();
  const faults = reports.flatMap(report => report.faults);
  faults.push(
    ...writeHistory(
      history,
      reports.flatMap(({deeds}) => deeds),
    ),
  );
  const record = {
    lives: [{history, historyBytes, historyKeepsPrevious, isShared: true}],
    transcripts: reports.flatMap(({transcripts}) => transcripts),
  };
  return {
    faults: [...faults, ...checkRun(record)],
    steps: [`${threads} threads`, ...reports.flatMap(({steps}) => steps)],
    record,
    again: '--threads 1',
  };
}

/** What all threads have done, in the order of revisions; answers what cannot have happened. */
function writeHistory(history: History, deeds: Deed[]): string[] {
  const faults: string[] = [];
  for (const deed of deeds.sort((one, other) => one.revision - other.revision)) {
    try {
      history.add(deed);
    } catch (error) {
      faults.push(`the store: ${(error as Error).message}`);
    }
  }
  return faults;
}

function drawProfile(random: Random): Profile {
  const count = random.pick([10, 30, 400, 2000]);
  const valueBytesMost = random.pick([100, 1500]);
  return {
    name: 'small',
    historyBytes: random.pick([8, 32, 64, 256, 1024]) * kib,
    historyKeepsPrevious: random.oneIn(2),
    // Just large enough to be cut into 16 shards: the more there are, the more can come between them, and the more is evicted.
    namespaces: ['default', 'other', marks].map(name => ({
      name,
      maxEntries: 16 * 4096,
      maxMemoryBytes: 16 * 16 * charge(maxKeyBytes, valueBytesMost),
      ttlJitter: 0,
    })),
    keys: Array.from({length: count}, (_, index) => `${random.pick(['', 'a', 'ab', 'b'])}${index.toString(36)}`),
    prefilled: random.oneIn(3) ? 0 : count,
    valueBytesMost,
    watchers: 1 + random.below(4),
    isCrowded: false,
    steps: 0,
  };
}
