/** A process of threads.test.ts: one thread dies while it changes the store, another then wants in. */
import {once} from 'node:events';
import {isMainThread, Worker, workerData} from 'node:worker_threads';
import {type Clock, systemClock} from '../../src/base/index.js';
import {attachStore, createStore, handleOf, noDeadline, type StoreHandle} from '../../src/store/index.js';

const key = Buffer.from('key');
const put = {contentType: '', deadlineMs: noDeadline};

if (isMainThread) {
  const store = createStore({
    clock: systemClock,
    namespaces: [{maxEntries: 10, maxMemoryBytes: 2 ** 20}],
    maxKeyBytes: 64,
    maxValueBytes: 1024,
    threads: 2,
  });
  const worker = new Worker(new URL(import.meta.url), {workerData: handleOf(store)});
  await once(worker, 'exit');
  // Nothing is reached behind this: the lock is held by a thread that is no more.
  store.put(0, key, key, put);
  console.log('the store was entered');
} else {
  // The store asks for the wall clock in the middle of a put: there this thread ends.
  const deadly: Clock = {...systemClock, wallMicros: () => process.exit()};
  attachStore(workerData as StoreHandle, deadly).put(0, key, key, put);
}
