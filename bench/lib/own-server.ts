/** This server in a process that can be asked to collect its garbage and to measure the gaps of its event loop. */
import type {ServerOptions} from '../../src/server/index.js';
import {waitUntilIdle} from './cpu.js';
import type {Gaps} from './gaps.js';
import {startNodeChild} from './node-child.js';
import {type Resident, residentOf} from './resident.js';

export type ServerRequest = 'address' | 'collect' | 'startGaps' | 'stopGaps' | 'startTurns' | 'longestTurn';

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
  /** From now on a timer of 1 ms notes how late it comes: that does not keep the event loop turning, as the gaps do. */
  startTurns(): Promise<void>;
  /** The longest turn of the event loop since, to about a millisecond. */
  longestTurnMs(): Promise<number>;
  stop(): Promise<void>;
}

// Node's young generation grows to its full size within the first minutes of a load, whatever the server holds; here
// it has it from the start, so that it does not count as growth.
const fullYoungGeneration = ['--min-semi-space-size=16'];

/** Starts it; `before` are words put before the command, `flags` are Node's. */
export async function startOwnServer(
  options: Partial<ServerOptions>,
  before: string[],
  flags: string[] = fullYoungGeneration,
): Promise<OwnServer> {
  const child = startNodeChild('lib/server-child.js', [JSON.stringify(options)], {
    before,
    flags: ['--expose-gc', ...flags],
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
    startTurns: () => ask('startTurns'),
    longestTurnMs: () => ask('longestTurn'),
    stop: () => child.stop(),
  };
}
