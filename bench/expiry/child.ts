/**
 * One run of the bench `expiry` in a process of its own: fills the store with entries
 * of one second's deadlines, then reads in each turn of the event loop, with the
 * server's own housekeeping beside it, until the memory is back.
 */
import {systemClock} from '../../src/base/index.js';
import {startHousekeeping} from '../../src/server/housekeeping.js';
import {charge, createStore, type Store} from '../../src/store/index.js';
import {type Gaps, measureGaps} from '../lib/gaps.js';
import {answerRequests} from '../lib/node-child.js';
import {KeyWriter, keyBytes} from '../store/keys.js';

export interface ExpiryRequest {
  entries: number;
  /** Over how long the deadlines are spread. */
  spreadMs: number;
}

export interface ExpiryAnswer {
  /** From the last deadline until 99.9 % of the memory was back. */
  lagMs: number;
  slices: number;
  /** The longest call of sweep, and the longest by the CPU that the process spent in it. */
  longestSliceMs: number;
  longestSliceCpuMs: number;
  gaps: Gaps;
  reads: number;
  /** Reads that found an entry past its deadline: there must be none. */
  expiredReads: number;
  /** Reads that did not find one before its deadline: there must be none either. */
  lostReads: number;
}

const valueBytes = 100;
const readsPerTurn = 16;
const fillMsPerMillion = 4000;
const leadMsMost = 30_000;
const warmUpLeadMs = 400;
const warmUpEntries = 50_000;
const waitMsMost = 30_000;

/**
 * Times slices of housekeeping. A slice is all that it does without letting others in,
 * in one call of sweep or several; so it ends when microtasks run.
 */
class SliceTimer {
  readonly result = {slices: 0, longestSliceMs: 0, longestSliceCpuMs: 0};
  #before: {ms: number; cpu: NodeJS.CpuUsage} | undefined;

  time(sweep: () => boolean): boolean {
    if (!this.#before) {
      this.#before = {cpu: process.cpuUsage(), ms: performance.now()};
      this.result.slices++;
      queueMicrotask(() => {
        this.#before = undefined;
      });
    }
    const done = sweep();
    const ms = performance.now() - this.#before.ms;
    const cpu = process.cpuUsage(this.#before.cpu);
    this.result.longestSliceMs = Math.max(this.result.longestSliceMs, ms);
    this.result.longestSliceCpuMs = Math.max(
      this.result.longestSliceCpuMs,
      Math.min(ms, (cpu.user + cpu.system) / 1000),
    );
    return done;
  }
}

await answerRequests(async ({entries, spreadMs}: ExpiryRequest): Promise<ExpiryAnswer> => {
  const store = createStore({
    clock: systemClock,
    namespaces: [{maxEntries: entries, maxMemoryBytes: entries * charge(keyBytes, valueBytes)}],
    maxKeyBytes: 1024,
    maxValueBytes: 2 ** 20,
  });
  // The engine's compiling takes its time too, but that has nothing to do with how much expires.
  const warmUp = {entries: Math.min(entries, warmUpEntries), spreadMs, leadMs: warmUpLeadMs};
  for (let round = 0; round < 2; round++) await expire(store, warmUp);
  // Late enough to be all there when the first expires; where it is not, the fill is done again with twice the time.
  return expire(store, {entries, spreadMs, leadMs: Math.max(2000, (fillMsPerMillion * entries) / 1e6)});
});

async function expire(store: Store, options: ExpiryRequest & {leadMs: number}): Promise<ExpiryAnswer> {
  const {entries, spreadMs, leadMs} = options;
  const key = new KeyWriter();
  const value = Buffer.alloc(valueBytes, 'v');
  const firstDeadlineMs = Math.ceil(systemClock.nowMs()) + leadMs;
  const deadlineOf = (number: number) => firstDeadlineMs + (number % (spreadMs + 1));
  for (let number = 0; number < entries; number++) {
    key.write(number);
    store.put(0, key.bytes, value, {contentType: '', deadlineMs: deadlineOf(number)});
  }
  if (systemClock.nowMs() > firstDeadlineMs) {
    if (leadMs > leadMsMost) throw new Error(`a fill takes longer than ${leadMs} ms`);
    return expire(store, {...options, leadMs: 2 * leadMs});
  }
  const fullBytes = store.stats(0).memoryBytes;

  const slices = new SliceTimer();
  const stop = startHousekeeping({sweep: steps => slices.time(() => store.sweep(steps))});
  const counts = {reads: 0, expiredReads: 0, lostReads: 0};
  const lastDeadlineMs = firstDeadlineMs + spreadMs;
  let lagMs = Number.POSITIVE_INFINITY;
  const gaps = await measureGaps(() => {
    for (let step = 0; step < readsPerTurn; step++) {
      const number = Math.floor(Math.random() * entries);
      key.write(number);
      const beforeMs = systemClock.nowMs();
      const found = store.get(0, key.bytes, {peek: true, metadataOnly: false}) !== undefined;
      counts.reads++;
      if (found && beforeMs >= deadlineOf(number)) counts.expiredReads++;
      if (!found && systemClock.nowMs() < deadlineOf(number)) counts.lostReads++;
    }
    const nowMs = systemClock.nowMs();
    if (lagMs === Number.POSITIVE_INFINITY && store.stats(0).memoryBytes <= fullBytes / 1000) {
      lagMs = nowMs - lastDeadlineMs;
    }
    return nowMs < lastDeadlineMs + 300 || (lagMs === Number.POSITIVE_INFINITY && nowMs < lastDeadlineMs + waitMsMost);
  });
  stop();
  return {lagMs: Math.min(lagMs, waitMsMost), ...slices.result, gaps, ...counts};
}
