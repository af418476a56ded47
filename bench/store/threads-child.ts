/**
 * Threads on one shared store, for the bench `store`: a process with a store made for
 * two threads, and workers that put and get there; the first has a store of its own
 * besides, made for one.
 */
import {once} from 'node:events';
import {isMainThread, parentPort, Worker, workerData} from 'node:worker_threads';
import {systemClock} from '../../src/base/index.js';
import {
  attachStore,
  charge,
  createStore,
  handleOf,
  noDeadline,
  type Store,
  type StoreHandle,
} from '../../src/store/index.js';
import {answerRequests} from '../lib/node-child.js';
import {KeyWriter, keyBytes, makeDraw} from './keys.js';

export interface ThreadsRequest {
  /** How many threads the store is made for. */
  store: 1 | 2;
  threads: 1 | 2;
  seconds: number;
}

export interface ThreadsAnswer {
  /** Of all threads together. */
  operationsPerSecond: number;
  /** How many cores' time the process had. */
  cores: number;
}

const valueBytes = 100;
const putsOf20 = 2;

interface Round {
  store: 1 | 2;
  seconds: number;
}

interface WorkerData {
  shared: StoreHandle;
  entries: number;
  hasOwn: boolean;
  seed: number;
}

if (isMainThread) await beMain(Number(process.argv[2]));
else beWorker(workerData as WorkerData);

async function beMain(entries: number): Promise<void> {
  const shared = handleOf(filledStore(entries, 2));
  const workers = [1, 2].map(seed => {
    const workerData: WorkerData = {shared, entries, hasOwn: seed === 1, seed};
    return new Worker(new URL(import.meta.url), {workerData});
  });
  await Promise.all(workers.map(worker => once(worker, 'message')));
  await answerRequests(async ({store, threads, seconds}: ThreadsRequest): Promise<ThreadsAnswer> => {
    const start = performance.now();
    const cpuBefore = process.cpuUsage();
    const rates = await Promise.all(
      workers.slice(0, threads).map(async worker => {
        worker.postMessage({store, seconds} satisfies Round);
        const [rate] = (await once(worker, 'message')) as [number];
        return rate;
      }),
    );
    const cpu = process.cpuUsage(cpuBefore);
    const cores = (cpu.user + cpu.system) / 1000 / (performance.now() - start);
    return {operationsPerSecond: rates.reduce((sum, rate) => sum + rate, 0), cores};
  });
  process.exit();
}

/** With room to spare, since equal shares of the shards are not equally full. */
function filledStore(entries: number, threads: number): Store {
  const maxMemoryBytes = 2 * entries * charge(keyBytes, valueBytes);
  const namespaces = [{maxEntries: 2 * entries, maxMemoryBytes}];
  const store = createStore({clock: systemClock, namespaces, maxKeyBytes: 1024, maxValueBytes: 2 ** 20, threads});
  const key = new KeyWriter();
  const value = Buffer.alloc(valueBytes, 'v');
  for (let number = 0; number < entries; number++) {
    key.write(number);
    store.put(0, key.bytes, value, {contentType: '', deadlineMs: noDeadline});
  }
  return store;
}

function beWorker({shared, entries, hasOwn, seed}: WorkerData): void {
  const stores = {1: hasOwn ? filledStore(entries, 1) : undefined, 2: attachStore(shared, systemClock)};
  const key = new KeyWriter();
  const value = Buffer.alloc(valueBytes, 'v');
  const draw = makeDraw('uniform', entries, seed * 7919);
  parentPort!.on('message', ({store: which, seconds}: Round) => {
    const store = stores[which]!;
    const start = performance.now();
    let operations = 0;
    let elapsedMs = 0;
    while (elapsedMs < seconds * 1000) {
      for (let step = 0; step < 2000; step++) {
        key.write(draw());
        if (step % 20 < putsOf20) store.put(0, key.bytes, value, {contentType: '', deadlineMs: noDeadline});
        else if (!store.get(0, key.bytes, {peek: false, metadataOnly: false})) throw new Error('an entry is missing');
      }
      operations += 2000;
      elapsedMs = performance.now() - start;
    }
    parentPort!.postMessage(operations / (elapsedMs / 1000));
  });
  parentPort!.postMessage('ready');
}
