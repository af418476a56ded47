/** What a port tells of its connections to whatever spreads them over threads. */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import test from 'ava';
import {Port, type Transport} from '../../src/server/port.js';

/** Ends each connection, and says when the first has gone. */
class Gone implements Transport {
  #settle = () => {};
  readonly first = new Promise<void>(resolve => {
    this.#settle = resolve;
  });

  accept(connection: Socket): void {
    connection.once('close', this.#settle).destroy();
  }

  async close(): Promise<void> {}
}

test('each connection that is accepted is told, and how many are left when that is asked', async t => {
  const accepted: number[] = [];
  const counts: number[] = [];
  const spread = {
    accepted: (connections: number) => void accepted.push(connections),
    count: (connections: number) => void counts.push(connections),
  };
  const gone = new Gone();
  const port = new Port({transports: {h2: gone, 'http/1.1': gone}, spread});
  const number = await port.listen('127.0.0.1', 0);
  const first = connect(number, '127.0.0.1');
  await once(first, 'connect');
  const second = connect(number, '127.0.0.1');
  await once(second, 'connect');
  second.write('GET / HTTP/1.1\r\n');
  await gone.first;
  port.countConnections();
  await new Promise(resolve => setImmediate(resolve));
  t.deepEqual(accepted, [1, 2]);
  t.deepEqual(counts, [1]);
  first.destroy();
  await port.close(0);
});
