/** This server in a process that can be asked to collect its garbage and to measure the gaps of its event loop. */
import type {ServerOptions} from '../../src/server/index.js';
import {waitUntilIdle} from './cpu.js';
import type {Gaps} from './gaps.js';
import {startNodeChild} from './node-child.js';
import {type Resident, residentOf} from './resident.js';

export type ServerRequest = 'address' | 'collect' | 'startGaps' | 'stopGaps';

export interface ServerMemory {
  /** What the engine holds: its heap, and the memory that objects there refer to. */
  engineBytes: number;
}

export interface OwnServer {
  address: string;
  pid: number;
  /** Its memory, once it does nothing more and what can be given back at will has been. */
  memory(): Promise<ServerMemory & Resident>;
  /** From now on it looks at the clock in each turn of the event loop. */
  startGaps(): Promise<void>;
  stopGaps(): Promise<Gaps>;
  stop(): Promise<void>;
}

/** Starts it; `before` are words put before the command. */
export async function startOwnServer(options: Partial<ServerOptions>, before: string[]): Promise<OwnServer> {
  const child = startNodeChild('lib/server-child.js', [JSON.stringify(options)], {
    before,
    // Node's young generation grows to its full size within the first minutes of a load, whatever the server holds; here
    // it has it from the start, so that it does not count as growth.
    flags: ['--expose-gc', '--min-semi-space-size=16'],
  });
  const ask = <T>(request: ServerRequest) => child.ask<T>(request);
  return {
    address: await ask<string>('address'),
    pid: child.pid,
    async memory() {
      await waitUntilIdle(child.pid);
      return {...(await ask<ServerMemory>('collect')), ...residentOf(child.pid)};
    },
    startGaps: () => ask('startGaps'),
    stopGaps: () => ask('stopGaps'),
    stop: () => child.stop(),
  };
}
