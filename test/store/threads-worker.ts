/** One thread of threads.test.ts: random operations on a shared store, every answer checked for being whole. */
import {parentPort, workerData} from 'node:worker_threads';
import {systemClock} from '../../src/base/index.js';
import {attachStore, noDeadline, type Store, type StoreHandle} from '../../src/store/index.js';

export interface RoundTask {
  handle: StoreHandle;
  seed: number;
  operations: number;
}

export interface RoundReport {
  faults: string[];
  /** Of this thread's puts, in order. */
  revisions: number[];
}

parentPort!.postMessage(runRound(workerData as RoundTask));

function runRound({handle, seed, operations}: RoundTask): RoundReport {
  const store = attachStore(handle, systemClock);
  const report: RoundReport = {faults: [], revisions: []};
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let step = 0; step < operations && report.faults.length < 10; step++) takeStep(store, random, report);
  return report;
}

function takeStep(store: Store, random: (below: number) => number, {faults, revisions}: RoundReport): void {
  const namespace = random(4) === 0 ? 1 : 0;
  const name = `key-${random(30_000)}`;
  const key = Buffer.from(name);
  const choice = random(100);
  if (choice < 50) {
    const view = store.get(namespace, key, {peek: random(2) === 0, metadataOnly: false});
    if (view && !isWhole(name, view.value)) faults.push(`${name} holds ${Buffer.from(view.value).subarray(0, 60)}`);
  } else if (choice < 90) {
    const deadlineMs = random(3) === 0 ? systemClock.nowMs() + 1 + random(300) : noDeadline;
    const value = valueFor(name, random(20) === 0 ? 200 + random(1000) : 1 + random(20));
    const {revision} = store.put(namespace, key, value, {contentType: '', deadlineMs});
    if (revision <= (revisions.at(-1) ?? 0)) faults.push(`revision ${revision} after ${revisions.at(-1)}`);
    revisions.push(revision);
  } else if (choice < 95) {
    store.delete(namespace, key, {});
  } else if (choice < 98) {
    store.sweep(100);
  } else if (random(20) === 0) {
    store.purge(namespace, Buffer.from(`key-${random(100)}`));
    while (!store.sweep(1000));
  } else {
    const prefix = key.subarray(0, 5);
    const cursor = {position: 0, revision: 0, recordsLeft: 500, done: false};
    for (let view = store.scan(namespace, prefix, cursor, {metadataOnly: true}); view; ) {
      if (!Buffer.from(view.key).toString().startsWith('key-')) faults.push(`scanned ${view.key}`);
      view = store.scan(namespace, prefix, cursor, {metadataOnly: true});
    }
  }
}

/** The key again and again: a mixture of two writes could not look like one. */
function valueFor(name: string, times: number): Uint8Array {
  return Buffer.from(`${name};`.repeat(times));
}

function isWhole(name: string, value: Uint8Array): boolean {
  const text = Buffer.from(value).toString();
  return text.length > 0 && text === `${name};`.repeat(text.length / (name.length + 1));
}
