/** Writing to a socket's handle: nothing is lost or out of order, whoever reads slowly, and whatever the stream writes behind it. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {type Written, writeDirectly} from '../../src/wire/direct-write.js';

async function socketPair(t: ExecutionContext): Promise<{ours: Socket; theirs: Socket}> {
  const server = createServer({pauseOnConnect: true}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ours = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[theirs]] = await Promise.all([once(server, 'connection'), once(ours, 'connect')]);
  ours.on('error', () => {});
  t.teardown(() => {
    ours.destroy();
    theirs.destroy();
    server.close();
  });
  return {ours, theirs};
}

test('a small write is taken at once, on this version of Node', async t => {
  const {ours, theirs} = await socketPair(t);
  t.is(writeDirectly(ours, Buffer.from('hello')), 'taken');
  theirs.resume();
  const [bytes] = await once(theirs, 'data');
  t.is(bytes.toString(), 'hello');
});

test('what a slow reader leaves waiting comes in order, with what the stream writes behind it, before the end', async t => {
  const {ours, theirs} = await socketPair(t);
  const outcomes = new Set<Written>();
  const sent: Buffer[] = [];
  for (let count = 0; count < 400; count++) {
    const bytes = Buffer.alloc(50_000, `${count},`);
    sent.push(bytes);
    const written = writeDirectly(ours, bytes);
    outcomes.add(written);
    if (written === 'not') ours.write(bytes);
  }
  ours.end();
  t.deepEqual([...outcomes].sort(), ['not', 'taken', 'waiting']);
  const received: Buffer[] = [];
  theirs.on('data', (bytes: Buffer) => received.push(bytes));
  theirs.resume();
  await once(theirs, 'end');
  t.true(Buffer.concat(received).equals(Buffer.concat(sent)));
});

test('a socket that is gone is left to its stream', async t => {
  const {ours} = await socketPair(t);
  ours.destroy();
  t.is(writeDirectly(ours, Buffer.from('x')), 'not');
});
