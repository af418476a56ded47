/** The real server in a process of its own, which can be asked to collect its garbage. */
import {createServer, type ServerOptions} from '../../src/server/index.js';
import {answerRequests} from '../lib/node-child.js';

export interface ServerAnswer {
  address: string;
}

const server = await createServer({port: 0, ...(JSON.parse(process.argv[2]!) as Partial<ServerOptions>)});

await answerRequests(async (): Promise<ServerAnswer> => {
  // What an earlier collection leaves to finalizers, a later one frees.
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    await new Promise<void>(resolve => setImmediate(resolve));
  }
  return {address: server.address};
});
