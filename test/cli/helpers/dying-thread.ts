/**
 * Loaded into every thread of a server by --import. On SIGUSR2 the second of those that
 * serve dies, as KRUSTY_TEST_DEATH says.
 */
import {BroadcastChannel, isMainThread, workerData} from 'node:worker_threads';

const deaths: Record<string, () => void> = {
  throw: () => {
    throw new Error('planted');
  },
  exit: () => process.exit(7),
  memory: () => {
    const held: object[] = [];
    for (;;) held.push({});
  },
};

const channel = new BroadcastChannel('the end');
channel.unref();
if (isMainThread) process.on('SIGUSR2', () => channel.postMessage(''));
else if (workerData?.thread === 1) channel.onmessage = () => deaths[process.env.KRUSTY_TEST_DEATH!]!();
