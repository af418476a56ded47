/** Sockets that read into one buffer, beside those that do as Node does: both give every byte, in order, and end. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server} from 'node:net';
import {type Duplex, PassThrough} from 'node:stream';
import test, {type ExecutionContext} from 'ava';
import {readDirectly} from '../../src/wire/direct-read.js';

/** Answers a client whose connection was given to onSocket. */
async function listen(t: ExecutionContext, reads: boolean, onSocket: (socket: Duplex, server: Server) => void) {
  const server = createServer(socket => onSocket(reads ? readDirectly(socket).duplex : socket, server));
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

test('what was read before comes first, and once', async t => {
  const server = createServer({allowHalfOpen: true}, socket => {
    socket.once('readable', () => {
      socket.unshift(Buffer.concat([socket.read() as Buffer, Buffer.from(' and')]));
      const {duplex, firstBytes} = readDirectly(socket);
      let text = String(firstBytes);
      duplex.on('data', (bytes: Buffer) => {
        text += bytes;
      });
      duplex.on('end', () => duplex.end(text));
      duplex.write('go on');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const client = connect({port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true});
  client.write('first');
  let received = '';
  client.on('data', bytes => {
    if (received === '') client.end(' last');
    received += bytes;
  });
  await once(client, 'end');
  client.end();
  t.is(received, 'go onfirst and last');
});

test('its server has closed when it has, and counts it meanwhile', async t => {
  let closed = false;
  const client = await listen(t, true, (socket, server) => {
    server.close(() => {
      closed = true;
    });
    socket.on('data', () => {
      t.false(closed);
      server.on('close', () => client.destroy());
      socket.destroy();
    });
  });
  client.write('x');
  await once(client, 'close');
  t.true(closed);
});

test('what is no plain socket is used as it is', t => {
  const duplex = new PassThrough();
  t.is(readDirectly(duplex).duplex, duplex);
});
