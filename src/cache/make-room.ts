/**
 * Makes room for a large value a slice at a time.
 *
 * One value of 1 MiB takes the place of thousands of small entries. To evict them in
 * one go would stop every other caller for milliseconds, so it is spread over ticks
 * of the event loop before the value is stored.
 */
import {type Clock, limits, workSlice} from '../base/index.js';
import type {NamespaceId, Store} from '../store/index.js';

/** An entry to come: where, and what it is charged. */
export interface Incoming {
  namespace: NamespaceId;
  key: Uint8Array;
  sizeBytes: number;
}

/** When it is done the entry fits, unless others took the room meanwhile; then the put itself evicts what is missing. */
export async function makeRoomInSlices(store: Store, clock: Clock, incoming: Incoming): Promise<void> {
  const {namespace, key, sizeBytes} = incoming;
  for (let slice = 0; slice < limits.makeRoomSlicesMost; slice++) {
    if (workSlice(clock, steps => store.makeRoom(namespace, key, sizeBytes, steps))) return;
    await new Promise<void>(resolve => setImmediate(resolve));
  }
}
