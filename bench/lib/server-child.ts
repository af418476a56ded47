/** The real server in a process of its own, which can be looked into: see own-server.ts. */
import {monitorEventLoopDelay} from 'node:perf_hooks';
import {setTimeout as delay} from 'node:timers/promises';
import {createServer, type ServerOptions} from '../../src/server/index.js';
import {type Gaps, measureGaps} from './gaps.js';
import {answerRequests} from './node-child.js';
import type {ServerMemory, ServerRequest} from './own-server.js';

const server = await createServer({port: 0, ...(JSON.parse(process.argv[2]!) as Partial<ServerOptions>)});
let measuring = false;
let gaps: Promise<Gaps> | undefined;
const timerMs = 1;
const turns = monitorEventLoopDelay({resolution: timerMs});

await answerRequests(async (request: ServerRequest): Promise<unknown> => {
  switch (request) {
    case 'address':
      return server.address;
    case 'collect':
      return await collect();
    case 'startGaps':
      measuring = true;
      gaps = measureGaps(() => measuring);
      return {};
    case 'stopGaps':
      measuring = false;
      return await gaps;
    case 'startTurns':
      turns.reset();
      turns.enable();
      return {};
    case 'longestTurn':
      turns.disable();
      return Math.max(0, turns.max / 1e6 - timerMs);
  }
});

/** Collects garbage a few times: what an earlier collection leaves to finalizers, a later one frees. */
async function collect(): Promise<ServerMemory> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    await delay(50);
  }
  const {heapUsed, external} = process.memoryUsage();
  return {engineBytes: heapUsed + external};
}
