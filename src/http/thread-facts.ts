/** What a server tells of itself, and each thread that serves of itself alone. */
import type {StatsAnswer, TransportCounters} from '../rpc/index.js';
import type {LoopLag} from './loop-lag.js';

export interface ThreadFacts {
  loopLag: Pick<LoopLag, 'counts' | 'sumMs'>;
  /** The heap of JavaScript, which each thread has for itself. */
  heapBytes: number;
  /** What its gRPC transport has counted, if it counts. */
  transport: TransportCounters | undefined;
}

export interface ServerState {
  stats: StatsAnswer;
  /** At least one. */
  threads: readonly ThreadFacts[];
}

/** Of this thread, as plain values that another thread can be sent. */
export function threadFacts({counts, sumMs}: LoopLag, transport: TransportCounters | undefined): ThreadFacts {
  return {loopLag: {counts, sumMs}, heapBytes: process.memoryUsage().heapTotal, transport};
}
