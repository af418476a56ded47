/** The listener that reads into one buffer, and its fallback, which does as Node does. */
import {once} from 'node:events';
import {type AddressInfo, connect, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {createListener} from '../../src/wire/listener.js';

async function listen(t: ExecutionContext, readsDirectly: boolean, onSocket: (socket: Socket) => void) {
  const server = createListener({onSocket, readsDirectly});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {});
  t.teardown(() => client.destroy());
  return client;
}

for (const readsDirectly of [true, false]) {
  const how = readsDirectly ? 'directly' : 'as usual';

  test(`a socket that reads ${how} gets every byte in order, and can be paused`, async t => {
    const sent = Buffer.from(Uint8Array.from({length: 3_000_000}, (_, index) => (index * 31) >> 5));
    const pieces: Buffer[] = [];
    const ended = new Promise<void>(resolve => {
      listen(t, readsDirectly, socket => {
        socket.on('data', (bytes: Buffer) => {
          pieces.push(Buffer.from(bytes));
          socket.pause();
          setImmediate(() => socket.resume());
        });
        socket.on('end', resolve);
      }).then(client => client.end(sent), t.fail);
    });
    await ended;
    t.true(Buffer.concat(pieces).equals(sent));
  });

  test(`a socket that reads ${how} is closed when its peer goes away`, async t => {
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>(resolve => {
      closed = resolve;
    });
    const client = await listen(t, readsDirectly, socket => {
      socket.on('data', () => {});
      socket.on('error', () => {});
      socket.on('close', () => closed?.());
      socket.write('hello');
    });
    await once(client, 'data');
    client.resetAndDestroy();
    await isClosed;
    t.pass();
  });
}

test('sockets do read directly on this version of Node', async t => {
  const buffers = new Set<ArrayBufferLike>();
  let count = 0;
  const [first, second] = await Promise.all(
    [0, 1].map(() =>
      listen(t, true, socket =>
        socket.on('data', (bytes: Buffer) => {
          buffers.add(bytes.buffer);
          count++;
          socket.write('taken');
        }),
      ),
    ),
  );
  for (const client of [first!, second!, first!]) {
    client.write('x');
    await once(client, 'data');
  }
  t.is(count, 3);
  t.is(buffers.size, 1);
});
