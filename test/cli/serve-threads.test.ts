/** `krusty serve --threads`: what it prints, how it ends, and that it does not outlive one of its threads. */
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import test, {type ExecutionContext} from 'ava';
import {createTestClient} from '../helpers/test-client.js';
import {type Ended, ended, krusty, parsed, startKrusty} from './helpers/krusty.js';

const dyingThread = new URL('./helpers/dying-thread.js', import.meta.url).href;
const small = ['--max-memory', '64mb'];

interface Serving {
  child: ChildProcess;
  address: string;
  end: Promise<Ended>;
}

async function serve(t: ExecutionContext, args: string[], env?: Record<string, string>): Promise<Serving> {
  const child = startKrusty(['serve', '--port', '0', '--json', ...small, ...args], {env});
  t.teardown(() => child.kill('SIGKILL'));
  const end = ended(child);
  let output = '';
  child.stdout!.on('data', chunk => {
    output += chunk;
  });
  while (!output.endsWith('\n}\n')) await once(child.stdout!, 'data');
  return {child, end, address: (parsed(output) as {address: string}).address};
}

test('the threads are shown by the start, and by the statistics', async t => {
  const child = startKrusty(['serve', '--port', '0', '--threads', '3', ...small]);
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout!.on('data', chunk => {
    output += chunk;
  });
  while (!/CacheService\/Get\n/.test(output)) await once(child.stdout!, 'data');
  t.regex(output, /^ {2}3 threads serve$/m);
  const address = /on (127\.0\.0\.1:\d+)/.exec(output)![1]!;
  t.regex((await krusty(['stats', '--address', address])).stdout.toString(), /^threads +3$/m);
});

test('SIGTERM drains every thread and ends with 0', async t => {
  const {child, end, address} = await serve(t, ['--threads', '2']);
  const clients = Array.from({length: 8}, () => createTestClient(address));
  t.teardown(() => {
    for (const client of clients) client.close();
  });
  const watches = clients.map(client => client.watch({targets: [{prefix: ''}]}));
  for (const watch of watches) t.is((await watch.next())?.message?.$case, 'created');
  child.kill('SIGTERM');
  for (const watch of watches) t.is((await watch.next())?.message?.$case, 'draining');
  const {code, stderr} = await end;
  t.is(code, 0, stderr);
  t.regex(stderr, /^SIGTERM: finishing the calls under way; once more stops at once\n$/);
});

test('a port in use is told as with one thread', async t => {
  const {address} = await serve(t, ['--threads', '2']);
  const port = address.split(':')[1]!;
  for (const threads of ['1', '2']) {
    const {code, stderr} = await krusty(['serve', '--port', port, '--threads', threads, ...small]);
    t.is(code, 1);
    t.regex(stderr, /^krusty: cannot listen: port \d+ of 127\.0\.0\.1 is in use\./);
  }
});

const deaths: Record<string, RegExp> = {
  throw: /^krusty: fatal: serving thread 1 died: Error: planted\n {4}at /,
  exit: /^krusty: fatal: serving thread 1 died: it ended itself, with code 7\n/,
  memory: /^krusty: fatal: serving thread 1 died: .*memory limit/m,
};

for (const [death, message] of Object.entries(deaths)) {
  test(`a thread that dies takes the process with it, and says why: ${death}`, async t => {
    const options = [`--import=${dyingThread}`, ...(death === 'memory' ? ['--max-old-space-size=64'] : [])];
    const env = {NODE_OPTIONS: options.join(' '), KRUSTY_TEST_DEATH: death};
    const {child, end} = await serve(t, ['--threads', '2'], env);
    child.kill('SIGUSR2');
    const {code, signal, stderr} = await end;
    // Where the engine cannot end the thread alone, it ends the process itself.
    if (death === 'memory' && signal === 'SIGABRT') {
      t.regex(stderr, /^FATAL ERROR: .*heap/m);
      return;
    }
    t.is(code, 1, `${signal} ${stderr}`);
    t.regex(stderr, message);
    t.regex(stderr, /^The process ends, since what its threads share may be half changed\.$/m);
  });
}
