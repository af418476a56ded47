/** How long connections last: asked to go when old or idle, asked whether they are there when silent. */
import {once} from 'node:events';
import {type ClientHttp2Session, connect} from 'node:http2';
import type {ExecutionContext} from 'ava';
import {contractTest} from '../helpers/contract-test.js';
import {bytes} from '../helpers/text.js';

function connectTo(t: ExecutionContext, address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  return session;
}

contractTest('a connection without calls is asked to go', async (t, start) => {
  const {address} = await start({connections: {maxIdleMs: 200}});
  const session = connectTo(t, address);
  const [code] = await once(session, 'goaway');
  t.is(code, 0);
  await once(session, 'close');
});

contractTest('an old connection is asked to go, and its client notices nothing', async (t, start) => {
  const {address, client} = await start({connections: {maxAgeMs: 200}});
  const session = connectTo(t, address);
  let gone = false;
  session.on('goaway', () => {
    gone = true;
  });
  // The client's connection is as old as the other when that is asked to go.
  let calls = 0;
  for (; !gone; calls++) await client.put({key: 'k', value: bytes(String(calls))});
  for (let more = 0; more < 100; more++, calls++) await client.put({key: 'k', value: bytes(String(calls))});
  t.true(calls > 100);
});

contractTest('a silent client is asked whether it is there, and stays if it is', async (t, start) => {
  const {address} = await start({connections: {keepaliveMs: 100}});
  const session = connectTo(t, address);
  await once(session, 'ping');
  await once(session, 'ping');
  t.false(session.closed);
});
