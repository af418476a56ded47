/** What every transport is, so that a server can choose among them. */
import type {Method} from './method.js';
import type {FaultLog} from './status.js';

export interface GrpcServerOptions {
  methods: readonly Method[];
  /** A larger request is answered RESOURCE_EXHAUSTED by the engine. */
  maxReceiveBytes: number;
  logFault: FaultLog;
}

export interface GrpcServer {
  /** Answers the port in use, which the system chose if it was 0. Fails with the system's error where it cannot listen. */
  listen(address: string, port: number): Promise<number>;
  /** Takes no new calls; done when those under way are, or cut off after so long. */
  close(drainMs: number): Promise<void>;
}
