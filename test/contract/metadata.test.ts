/** Metadata reaches a method, and what a method adds reaches the client, over each transport. */
import {once} from 'node:events';
import {Client, credentials, Metadata} from '@grpc/grpc-js';
import test from 'ava';
import type {Method} from '../../src/rpc/index.js';
import {transports} from '../../src/server/options.js';
import {Port} from '../../src/server/port.js';
import {createTransport} from '../helpers/test-server.js';

/** Gives back what it was sent, with the trailers. */
const mirror: Method = {
  kind: 'unary',
  path: '/t.T/Mirror',
  handle: (request, call) => {
    for (const name of ['x-text', 'x-bytes-bin']) {
      const value = call.metadata(name)!;
      call.answerMetadata('trailers', name, name.endsWith('-bin') ? Buffer.from(value, 'latin1') : value);
    }
    return request;
  },
};

for (const transport of transports) {
  test(`${transport}: metadata of a name in -bin is any bytes`, async t => {
    const server = createTransport[transport]({
      methods: [mirror],
      maxReceiveBytes: 1000,
      logFault: fault => t.fail(String(fault)),
    });
    const http = {accept: () => t.fail(), close: async () => {}};
    const port = new Port({transports: {h2: server, 'http/1.1': http}});
    const client = new Client(`127.0.0.1:${await port.listen('127.0.0.1', 0)}`, credentials.createInsecure());
    t.teardown(async () => {
      client.close();
      await port.close(0);
    });
    const bytes = Buffer.from(Array.from({length: 256}, (_, value) => 255 - value));
    const metadata = new Metadata();
    metadata.set('x-text', 'some text');
    metadata.set('x-bytes-bin', bytes);
    const same = (message: Buffer) => message;
    const call = client.makeUnaryRequest(mirror.path, same, same, Buffer.from('request'), metadata, () => {});
    const [{code, metadata: trailers}] = await once(call, 'status');
    t.is(code, 0);
    t.deepEqual(trailers.get('x-text'), ['some text']);
    t.deepEqual(trailers.get('x-bytes-bin'), [bytes]);
  });
}
