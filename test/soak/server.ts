/**
 * A server in a process of its own that can be looked into: on each line of standard
 * input it says how it is, or whether its store is in order.
 *
 *   node dist/test/soak/server.js THREADS
 */
import {answerRequests} from '../../bench/lib/node-child.js';
import {serveOneThread} from './one-thread.js';
import {serveThreads} from './several-threads.js';

export type SoakRequest = 'address' | 'state' | 'check';

const threads = Number(process.argv[2]);
const soaked = await (threads > 1 ? serveThreads(threads) : serveOneThread());

await answerRequests((request: SoakRequest) => {
  switch (request) {
    case 'address':
      return soaked.address;
    case 'state':
      return soaked.state();
    case 'check':
      return soaked.check();
  }
});
process.exit();
