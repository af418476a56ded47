/**
 * The command line against each transport, with what a transport could change: large
 * values both ways, many answers, failures with their details. All other tests of it
 * use the one that is the default.
 */
import {randomBytes} from 'node:crypto';
import {serverTest} from '../helpers/contract-test.js';
import {krusty} from './helpers/krusty.js';

serverTest(
  'a value of a megabyte goes in and out, and one that no message holds is refused in words',
  async (t, start) => {
    const {server} = await start();
    const {address} = server;
    const value = randomBytes(2 ** 20);
    t.is((await krusty(['put', 'large', '-'], {address, input: value})).code, 0);
    t.true((await krusty(['get', 'large'], {address})).stdout.equals(value));
    const refused = await krusty(['put', 'large', '-'], {address, input: Buffer.alloc(3 * 2 ** 20)});
    t.is(refused.code, 2);
    t.regex(refused.stderr, /larger than the server receives/);
  },
);

serverTest('misses, lost conditions and refusals have their exit codes and words', async (t, start) => {
  const {server, client} = await start();
  const {address} = server;
  await client.put({key: 'there'});
  t.is((await krusty(['get', 'missing'], {address})).code, 3);
  t.is((await krusty(['put', 'there', 'x', '--if-absent'], {address})).code, 6);
  const refused = await krusty(['get', ''], {address});
  t.is(refused.code, 2);
  t.regex(refused.stderr, /is empty; allowed: 1 to 1024 bytes.*\(KEY_EMPTY\)/);
});

serverTest('many keys are listed and fetched', async (t, start) => {
  const {server, client} = await start();
  const {address} = server;
  const keys = Array.from({length: 1500}, (_, index) => `key:${index}`);
  await client.batchPut({requests: keys.slice(0, 1000).map(key => ({key}))});
  await client.batchPut({requests: keys.slice(1000).map(key => ({key}))});
  const listed = await krusty(['list'], {address});
  t.deepEqual(listed.stdout.toString().trimEnd().split('\n').sort(), keys.toSorted());
  const fetched = await krusty(['batch-get', '--keys-from', '-'], {address, input: keys.join('\n')});
  t.is(fetched.stdout.toString(), keys.map(key => `${key}\t""\n`).join(''));
});
