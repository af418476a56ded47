/** What every gRPC transport is, so that a server can choose among them. */
import type {Duplex} from 'node:stream';
import type {Method} from './method.js';
import type {FaultLog} from './status.js';

/** How long connections last. */
export interface ConnectionLifetime {
  /** One so old, give or take a tenth, is asked to go, and cut off a while later; undefined: it may stay. */
  maxAgeMs?: number;
  /** The same of one that has had no call for so long. */
  maxIdleMs?: number;
  /** How long nothing may come before the client is asked whether it is there; keepaliveMsDefault if unset. */
  keepaliveMs?: number;
}

export interface GrpcServerOptions extends ConnectionLifetime {
  methods: readonly Method[];
  /** A larger request is answered RESOURCE_EXHAUSTED by the engine. */
  maxReceiveBytes: number;
  logFault: FaultLog;
}

/** What a transport has seen of its peers. */
export interface TransportCounters {
  /** Connections open now. */
  connections: number;
  /** Connections that came when there were too many. */
  refusedConnections: number;
  /** What is held for clients: answers that wait to be taken, requests that are not complete or whose turn has not come. */
  heldBytes: number;
  /** How often a turn of the event loop ended with some of what clients want left for the next, so that others had theirs. */
  cutTurns: number;
  /** Connections cut off for what the peer did, by what it was. */
  faults: ReadonlyMap<string, number>;
  /** Requests ended for what the peer did, by what it was. */
  requestFaults: ReadonlyMap<string, number>;
}

export interface GrpcServer {
  /** What it has counted, if it counts. */
  counters?(): TransportCounters;
  /** Serves a connection that somebody else has accepted, and of which nothing was read, or all of it put back. */
  accept(connection: Duplex): void;
  /** Takes no new calls and connections; done when the calls under way are, or cut off after so long. */
  close(drainMs: number): Promise<void>;
}
