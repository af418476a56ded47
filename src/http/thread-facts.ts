/** What a thread that serves tells of itself, beside what all of a server's threads have in common. */
import type {TransportCounters} from '../rpc/index.js';
import type {LoopLag} from './loop-lag.js';

export interface ThreadFacts {
  loopLag: Pick<LoopLag, 'counts' | 'sumMs'>;
  /** The heap of JavaScript, which each thread has for itself. */
  heapBytes: number;
  /** What its gRPC transport has counted, if it counts. */
  transport: TransportCounters | undefined;
}

/** Of this thread, as plain values that another thread can be sent. */
export function threadFacts({counts, sumMs}: LoopLag, transport: TransportCounters | undefined): ThreadFacts {
  return {loopLag: {counts, sumMs}, heapBytes: process.memoryUsage().heapTotal, transport};
}
