/**
 * How much of the limit holds live data while the size of the values changes, in a
 * process of its own: fills a store, then puts values of another size, twice as much of
 * them as the limit, and looks all the while.
 */
import {systemClock} from '../../src/base/index.js';
import {charge, createStore, noDeadline, type Store} from '../../src/store/index.js';
import {answerRequests} from '../lib/node-child.js';
import {KeyWriter, keyBytes} from '../store/keys.js';

export interface ShiftRequest {
  limitBytes: number;
  /** Value sizes, one phase each. */
  phases: number[];
}

/** Shares of the limit. */
export interface PhaseAnswer {
  valueBytes: number;
  /** The least that the charges of the live entries came to, once the limit had been reached. */
  leastCharged: number;
  /** At the end of the phase. */
  charged: number;
  /** Key and value bytes of what a scan finds, at the end of the phase. */
  keysAndValues: number;
  entries: number;
}

await answerRequests(({limitBytes, phases}: ShiftRequest): PhaseAnswer[] => {
  const store = createStore({
    clock: systemClock,
    namespaces: [{maxEntries: 2 ** 24, maxMemoryBytes: limitBytes}],
    maxKeyBytes: 1024,
    maxValueBytes: 2 ** 20,
  });
  const key = new KeyWriter();
  let number = 0;
  const runPhase = (valueBytes: number, isFirst: boolean): PhaseAnswer => {
    const value = Buffer.alloc(valueBytes, 'v');
    const puts = Math.ceil((2 * limitBytes) / charge(keyBytes, valueBytes));
    let least = Number.POSITIVE_INFINITY;
    for (let put = 0; put < puts; put++) {
      key.write(number++);
      store.put(0, key.bytes, value, {contentType: '', deadlineMs: noDeadline});
      if (!isFirst || put > puts / 2) least = Math.min(least, store.stats(0).memoryBytes);
    }
    const {entries, memoryBytes} = store.stats(0);
    return {
      valueBytes,
      leastCharged: least / limitBytes,
      charged: memoryBytes / limitBytes,
      keysAndValues: liveBytes(store) / limitBytes,
      entries,
    };
  };
  return phases.map((valueBytes, index) => runPhase(valueBytes, index === 0));
});

function liveBytes(store: Store): number {
  const cursor = {position: 0, revision: 0, recordsLeft: 2 ** 31, done: false};
  let bytes = 0;
  for (;;) {
    const view = store.scan(0, new Uint8Array(0), cursor, {metadataOnly: false});
    if (!view) return bytes;
    bytes += view.key.length + view.value.length;
  }
}
