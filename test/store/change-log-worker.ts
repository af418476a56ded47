/**
 * One thread of change-log-threads.test.ts: changes a shared store at random and says
 * what it was answered, or follows its log and says what it met.
 */
import {parentPort, workerData} from 'node:worker_threads';
import {systemClock} from '../../src/base/index.js';
import {
  attachStore,
  type Change,
  ChangeReader,
  type ChangeType,
  type LoggedEntry,
  noDeadline,
  type Store,
  type StoreHandle,
} from '../../src/store/index.js';
import {Random} from '../helpers/random.js';

export interface WriteTask {
  do: 'write';
  handle: StoreHandle;
  seed: number;
  operations: number;
  valueBytesMost: number;
}

export interface FollowTask {
  do: 'follow';
  handle: StoreHandle;
  /** Not 0 when nobody writes any more. */
  done: Int32Array;
}

/** A change as the writer was told of it; `sum` is that of the value. */
export interface Told {
  type: ChangeType;
  key: string;
  revision: number;
  sum?: number;
}

/** A change as it stands in the log. */
export interface Met extends Told {
  entry?: MetEntry;
  previous?: MetEntry;
}

export interface MetEntry {
  revision: number;
  deadlineMs: number;
  sum: number;
}

export interface WriteReport {
  told: Told[];
}

export interface FollowReport {
  met: Met[];
  /** What was wrong with single changes. */
  faults: string[];
  /** How often the reader's position was gone. */
  gaps: number;
}

const keys = 3000;
const sumBytes = 4;

const task = workerData as WriteTask | FollowTask;
parentPort!.postMessage(task.do === 'write' ? write(task) : follow(task));

function write({handle, seed, operations, valueBytesMost}: WriteTask): WriteReport {
  const store = attachStore(handle, systemClock);
  const random = new Random(seed);
  const told: Told[] = [];
  for (let step = 0; step < operations; step++) change(store, random, {told, valueBytesMost});
  return {told};
}

/** One change, or none. */
function change(store: Store, random: Random, {told, valueBytesMost}: {told: Told[]; valueBytesMost: number}): void {
  const name = `key-${String(random.below(keys)).padStart(4, '0')}`;
  const key = Buffer.from(name);
  const deadlineMs = random.oneIn(5) ? systemClock.nowMs() + 1 + random.below(100) : noDeadline;
  const choice = random.below(100);
  if (choice < 60) {
    const value = valueFor(random, random.below(random.oneIn(10) ? valueBytesMost : 100));
    const {stored, revision} = store.put(0, key, value, {contentType: '', deadlineMs, ifAbsent: random.oneIn(4)});
    if (stored) told.push({type: 'put', key: name, revision, sum: sumOf(value)});
  } else if (choice < 80) {
    store.touch(0, key, {deadlineMs});
  } else if (choice < 90) {
    const {outcome, revision} = store.delete(0, key, {});
    if (outcome === 'deleted') told.push({type: 'delete', key: name, revision});
  } else if (choice < 95) {
    store.sweep(50);
  } else {
    const prefix = name.slice(0, -1);
    told.push({type: 'purge', key: prefix, revision: store.purge(0, Buffer.from(prefix))});
    while (!store.sweep(1000));
  }
}

/** Reads until nobody writes and nothing is left. */
function follow({handle, done}: FollowTask): FollowReport {
  const store = attachStore(handle, systemClock);
  const log = store.changeLog!;
  const reader = new ChangeReader(log);
  const report: FollowReport = {met: [], faults: [], gaps: 0};
  let position = 0;
  for (;;) {
    const wasDone = Atomics.load(done, 0) !== 0;
    const what = reader.meet(position);
    if (what === 'change') {
      report.met.push(metOf(reader.change(), report.faults));
      position = reader.next;
    } else if (what === 'gone') {
      report.gaps++;
      position = log.tail;
    } else if (wasDone) {
      return report;
    } else {
      // The writers need the processor more.
      Atomics.wait(done, 0, 0, 1);
    }
  }
}

function metOf({type, key, revision, entry, previous}: Change, faults: string[]): Met {
  const name = Buffer.from(key).toString();
  if (!name.startsWith('key')) faults.push(`revision ${revision} has the key ${name}`);
  const metEntry = (logged: LoggedEntry): MetEntry => {
    const {value, valueOmitted} = logged;
    if (!valueOmitted && !isWhole(value)) faults.push(`revision ${revision} has a torn value of ${value.length} bytes`);
    return {revision: logged.revision, deadlineMs: logged.deadlineMs, sum: valueOmitted ? 0 : sumOf(value)};
  };
  const sum = type === 'put' ? sumOf(entry!.value) : undefined;
  return {type, key: name, revision, sum, entry: entry && metEntry(entry), previous: previous && metEntry(previous)};
}

/** Random bytes, and behind them their sum. */
function valueFor(random: Random, length: number): Uint8Array {
  const value = Buffer.alloc(length + sumBytes, random.bytes(Math.min(length + 1, 200)));
  value.writeInt32LE(hashOf(value.subarray(0, length)), length);
  return value;
}

function sumOf(value: Uint8Array): number {
  return Buffer.from(value).readInt32LE(value.length - sumBytes);
}

function isWhole(value: Uint8Array): boolean {
  return hashOf(value.subarray(0, value.length - sumBytes)) === sumOf(value);
}

function hashOf(bytes: Uint8Array): number {
  let hash = 1;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}
