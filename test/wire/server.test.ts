/** A server with the wire transport: its end. What else a server does, tests of the server ask of each transport. */
import test from 'ava';
import {createWireServer} from '../../src/wire/index.js';

test('a server that never listened can be closed', async t => {
  const server = createWireServer({methods: [], maxReceiveBytes: 100, logFault: fault => t.fail(String(fault))});
  await server.close(1000);
  t.pass();
});
