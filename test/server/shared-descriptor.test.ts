/** One descriptor for several threads: each can accept on it, and closing it closes nothing else. */
import {once} from 'node:events';
import {closeSync, fstatSync, openSync} from 'node:fs';
import {connect} from 'node:net';
import {Worker} from 'node:worker_threads';
import test, {type ExecutionContext} from 'ava';
import {Line} from '../../src/server/line.js';
import type {ListenerAnswers} from './descriptor-worker.js';

const workerFile = new URL('./descriptor-worker.js', import.meta.url);

function startListener(t: ExecutionContext): Line<ListenerAnswers> {
  const worker = new Worker(workerFile, {trackUnmanagedFds: false});
  t.teardown(() => worker.terminate());
  return new Line<ListenerAnswers>(worker, {});
}

test.serial('while threads close one after another, nobody gets the number of their descriptor', async t => {
  const threads = [startListener(t), startListener(t), startListener(t)] as const;
  const {next, port} = await threads[0].ask('listenFirst', '127.0.0.1');
  for (const thread of threads.slice(1)) await thread.ask('listenNext', next);
  const opened: number[] = [];
  t.teardown(() => {
    for (const each of opened) closeSync(each);
  });
  for (const thread of threads.slice(0, 2)) {
    t.true(await thread.ask('close', false));
    t.is(await greeting(port), 'ECONNREFUSED', 'the first has closed the port');
    for (let file = 0; file < 50; file++) opened.push(openSync('/dev/zero', 'r'));
  }
  t.false(opened.includes(next.fd));
  t.false(await threads[2].ask('close', true));
  for (const each of opened) t.true(fstatSync(each).isCharacterDevice(), `${each} is still open`);
});

test.serial('whichever thread closes last, the others serve until the first closes', async t => {
  const threads = [startListener(t), startListener(t)] as const;
  const {next, port} = await threads[0].ask('listenFirst', '127.0.0.1');
  await threads[1].ask('listenNext', next);
  for (let connection = 0; connection < 10; connection++) t.is(await greeting(port), 'hello');
  t.true(await threads[1].ask('close', false));
  t.is(await greeting(port), 'ECONNREFUSED');
  t.false(await threads[0].ask('close', true));
});

/** What a connection is told, or the code of what it failed with. */
async function greeting(port: number): Promise<string> {
  const socket = connect({host: '127.0.0.1', port});
  try {
    const [data] = await once(socket.setEncoding('utf8'), 'data');
    return data;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!;
  } finally {
    socket.destroy();
  }
}
