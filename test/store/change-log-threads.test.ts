/**
 * Several threads change one store while another follows its log: it meets every
 * change once, whole, and in an order in which they could have happened.
 */
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {systemClock} from '../../src/base/index.js';
import {checkStore, createStore, handleOf, type Store} from '../../src/store/index.js';
import {withSeed} from '../helpers/random.js';
import {replay} from '../helpers/replay.js';
import type {FollowReport, FollowTask, WriteReport, WriteTask} from './change-log-worker.js';

const workerFile = new URL('./change-log-worker.js', import.meta.url);
const writers = 2;

interface Shape {
  ringBytes: number;
  memoryBytes: number;
  valueBytesMost: number;
  operations: number;
}

test('whoever follows meets every change once, with its value, in an order in which they could have happened', async t => {
  const shape = {ringBytes: 2 ** 25, memoryBytes: 8 * 17 * 1024, valueBytesMost: 1000, operations: 6000};
  await withSeed(t, async seed => {
    const {store, told, met, gaps, faults} = await run(shape, seed);
    t.deepEqual(faults, []);
    t.is(gaps, 0);
    t.true(met.every(({revision}, index) => index === 0 || revision > met[index - 1]!.revision));
    t.is(met.at(-1)!.revision, store.lastRevision);

    const byRevision = new Map(met.map(change => [change.revision, change]));
    for (const {type, key, revision, sum} of told) t.like(byRevision.get(revision)!, {type, key, sum});
    const {puts, deletes, touches, expirations, evictionsMemory} = store.stats(0);
    const purges = told.filter(change => change.type === 'purge').length;
    t.is(met.length, puts + deletes + touches + expirations + evictionsMemory + purges);
    t.true(evictionsMemory > 0 && expirations > 0);

    const {faults: impossible, entries} = replay(met);
    t.deepEqual(impossible.slice(0, 5), []);
    const cursor = {position: 0, revision: 0, recordsLeft: Number.POSITIVE_INFINITY, done: false};
    const next = () => store.scan(0, new Uint8Array(0), cursor, {metadataOnly: true});
    for (let view = next(); view; view = next()) {
      const name = Buffer.from(view.key).toString();
      t.is(entries.get(name)?.revision, view.revision);
      entries.delete(name);
    }
    t.true([...entries.values()].every(({deadlineMs}) => deadlineMs <= systemClock.nowMs()));
  });
});

const shapes: Record<string, Shape> = {
  'small records': {ringBytes: 2 ** 16, memoryBytes: 2 ** 19, valueBytesMost: 1000, operations: 6000},
  'records larger than what is copied at a time': {
    ringBytes: 2 ** 22,
    memoryBytes: 2 ** 25,
    valueBytesMost: 150_000,
    operations: 1000,
  },
};

for (const [what, shape] of Object.entries(shapes)) {
  test(`in a ring that turns over all the time, ${what} are met whole and in order, or are gone`, async t => {
    await withSeed(t, async seed => {
      const {store, met, faults} = await run(shape, seed);
      t.deepEqual(faults.slice(0, 5), []);
      t.true(met.every(({revision}, index) => index === 0 || revision > met[index - 1]!.revision));
      t.is(met.at(-1)!.revision, store.lastRevision);
      t.true(store.changeLog!.trims > 0);
    });
  });
}

async function run({ringBytes, memoryBytes, valueBytesMost, operations}: Shape, seed: number) {
  const store: Store = createStore({
    clock: systemClock,
    // Of these, 8 shards are made, and memory is what they evict for.
    namespaces: [{maxEntries: 8 * 4096, maxMemoryBytes: memoryBytes}],
    maxKeyBytes: 16,
    maxValueBytes: valueBytesMost,
    history: {bytes: ringBytes, keepsPrevious: true},
    threads: writers,
  });
  const handle = handleOf(store);
  const done = new Int32Array(new SharedArrayBuffer(4));
  const following = ask<FollowReport>({do: 'follow', handle, done});
  const reports = await Promise.all(
    Array.from({length: writers}, (_, index) =>
      ask<WriteReport>({do: 'write', handle, seed: seed + index, operations, valueBytesMost}),
    ),
  );
  Atomics.store(done, 0, 1);
  const followed = await following;
  checkStore(store);
  return {store, told: reports.flatMap(report => report.told), ...followed};
}

async function ask<Report>(task: WriteTask | FollowTask): Promise<Report> {
  const worker = new Worker(workerFile, {workerData: task});
  const [report] = await once(worker, 'message');
  return report;
}
