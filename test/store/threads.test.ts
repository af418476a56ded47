/**
 * Several threads on one store: what each reads is whole, what all count adds up, and
 * a thread that dies inside ends the process rather than leave it hanging.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {systemClock} from '../../src/base/index.js';
import {checkStore, createStore, handleOf} from '../../src/store/index.js';
import type {RoundReport, RoundTask} from './threads-worker.js';

const maxKeyBytes = 64;
const maxValueBytes = 16 * 1024;
const workerFile = new URL('./threads-worker.js', import.meta.url);

for (const threads of [2, 4]) {
  test(`${threads} threads on one store leave it whole after each round, and their counts add up`, async t => {
    const namespaces = [
      {maxEntries: 40_000, maxMemoryBytes: 24 * 2 ** 20},
      {maxEntries: 20_000, maxMemoryBytes: 8 * 2 ** 20},
    ];
    const store = createStore({clock: systemClock, namespaces, maxKeyBytes, maxValueBytes, threads});
    let lastRevision = 0;
    let puts = 0;
    for (let round = 0; round < 3; round++) {
      const reports = await Promise.all(
        Array.from({length: threads}, (_, index) =>
          runRound({handle: handleOf(store), seed: 1000 * round + index + 1, operations: 10_000}),
        ),
      );
      checkStore(store);
      t.deepEqual(
        reports.flatMap(report => report.faults),
        [],
      );
      const revisions = reports.flatMap(report => report.revisions);
      t.is(new Set(revisions).size, revisions.length, 'no two changes have the same revision');
      t.true(Math.min(...reports.map(report => report.revisions[0]!)) > lastRevision);
      lastRevision = store.lastRevision;
      puts += revisions.length;
    }
    const stats = [store.stats(0), store.stats(1)];
    t.is(stats[0]!.puts + stats[1]!.puts, puts);
    for (const [namespace, {maxEntries, maxMemoryBytes}] of namespaces.entries()) {
      const {entries, memoryBytes, deletes, expirations, evictionsEntries, evictionsMemory, purged} = stats[namespace]!;
      const gone = deletes + expirations + evictionsEntries + evictionsMemory + purged;
      t.true(entries + gone <= stats[namespace]!.puts, 'what is there or gone was put');
      t.true(entries <= maxEntries);
      t.true(memoryBytes <= maxMemoryBytes);
    }
  });
}

test('a thread that dies inside a critical section ends the process with its reason', async t => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./threads-death.js', import.meta.url))]);
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  const [, signal] = await once(child, 'close');
  t.is(signal, 'SIGABRT', stdout);
  t.regex(stderr, /thread \d+ has held a lock of the store .* the process ends/);
});

async function runRound(task: RoundTask): Promise<RoundReport> {
  const worker = new Worker(workerFile, {workerData: task});
  const [report] = await once(worker, 'message');
  return report;
}
