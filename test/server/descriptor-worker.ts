/** A thread of shared-descriptor.test.ts: it listens, and closes, when it is asked to. */
import {createServer} from 'node:net';
import {parentPort} from 'node:worker_threads';
import {Line} from '../../src/server/line.js';
import {listenFirst, listenNext, type NextPlace} from '../../src/server/listening.js';
import {closeShared} from '../../src/server/shared-descriptor.js';

export type ListenerAnswers = typeof answers;

const server = createServer(socket => socket.end('hello'));
const answers = {
  listenFirst: async (host: string) => {
    const next = await listenFirst(server, {host, port: 0, way: 'descriptor'});
    return {next: next as {fd: number}, port: (server.address() as {port: number}).port};
  },
  listenNext: (place: NextPlace) => listenNext(server, place),
  close: (isLast: boolean) => closeShared(server, isLast),
};
new Line(parentPort!, answers);
