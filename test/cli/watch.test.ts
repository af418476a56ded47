/** `krusty watch` as a process, against servers that play what goes wrong. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {status} from '@grpc/grpc-js';
import test, {type ExecutionContext} from 'ava';
import {createClient} from '../../cli/lib/client.js';
import {WatchGap_Reason as GapReason} from '../../src/gen/krusty/cache/v1/watch.js';
import {ended, krusty, krustyPath, shell, startKrusty} from './helpers/krusty.js';
import {bookmark, created, draining, events, gap, listed, put, removed, snapshotEnd} from './helpers/watch-messages.js';
import {type Script, send, sendAndFail, startWatchServer} from './helpers/watch-server.js';

/** Ends a watch: no other attempt follows this. */
const enough: Script = sendAndFail(status.UNAUTHENTICATED, 'enough');

/** Runs a watch that meets the scripts, and then its end. */
async function watch(t: ExecutionContext, args: string[], ...scripts: Script[]) {
  const server = await startWatchServer(t, ...scripts, enough);
  const end = await krusty(['watch', ...args], {address: server.address});
  return {...end, stdout: end.stdout.toString(), requests: server.requests, address: server.address};
}

const withoutTimes = (text: string) => text.replace(/^\d\d:\d\d:\d\d {2}/gm, '');
const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));

test('it asks for what the command line says', async t => {
  const args = ['a', 'b', '--prefix', 'p:', '--prefix', 'q:', '-n', 'space', '--initial', '--from', 'x.1'];
  const {requests} = await watch(t, [...args, '--events', 'put,Delete', '--keys-only', '--previous']);
  t.like(requests[0], {
    namespace: 'space',
    resumeToken: 'x.1',
    initialState: true,
    eventTypes: [1, 3],
    keysOnly: true,
    includePrevious: true,
    bookmarkInterval: {seconds: 10n, nanos: 0},
    onGap: 0,
  });
  t.deepEqual(
    requests[0]!.targets.map(({key, prefix}) => prefix ?? key),
    ['a', 'b', 'p:', 'q:'],
  );
});

test('--all and an empty prefix follow every key, and nothing at all is asked about', async t => {
  for (const args of [['--all'], ['--prefix', '']]) {
    const {requests} = await watch(t, args);
    t.deepEqual(requests[0]!.targets, [{key: '', prefix: ''}]);
  }
  const {code, stderr} = await krusty(['watch']);
  t.is(code, 2);
  t.is(stderr, 'krusty: what to watch? Allowed: KEYs, --prefix PREFIX, or --all\n');
});

test('an unknown type is refused with those there are', async t => {
  const {code, stderr} = await krusty(['watch', 'a', '--events', 'put,gone']);
  t.is(code, 2);
  t.regex(stderr, /--events "put,gone" is not allowed; allowed: put, touch, delete, expire, evict, purge; several/);
});

test('it writes a line for each event, and says on stderr when it stands', async t => {
  const first = send(created('1'), events('2', put('a', '1'), removed('DELETE', 'a')), bookmark('3'));
  const {stdout, stderr, code, address} = await watch(t, ['a', '--prefix', 'b'], call => {
    first(call);
    enough(call);
  });
  t.is(withoutTimes(stdout), 'stored   a = 1\ndeleted  a\n');
  t.is(stderr, `watching 2 keys and prefixes at ${address}; Ctrl-C ends it\nkrusty: enough\n`);
  t.is(code, 4);
});

test('a snapshot comes first, and its end is said', async t => {
  const script: Script = call => {
    send(
      created('1'),
      events('2', listed('a', '1'), listed('b', '2')),
      snapshotEnd('3'),
      events('4', put('a', '3')),
    )(call);
    enough(call);
  };
  const {stdout} = await watch(t, ['--all', '--initial'], script);
  t.is(
    withoutTimes(stdout),
    'listed   a = 1\nlisted   b = 2\ncomplete 2 entries listed; changes follow\nstored   a = 3\n',
  );
});

test('--json writes an object a line, and errors on stderr as JSON', async t => {
  const script: Script = call => {
    send(
      created('1'),
      events('2', listed('a', '1')),
      snapshotEnd('3'),
      bookmark('4'),
      events('5', put('b', '2')),
    )(call);
    enough(call);
  };
  const {stdout, stderr} = await watch(t, ['--all', '--json', '-q'], script);
  t.deepEqual(
    objects(stdout).map(({type, entry, resumeToken}) => [type, entry?.key, resumeToken]),
    [
      ['EVENT_TYPE_PUT', 'a', '2'],
      [undefined, undefined, '3'],
      ['EVENT_TYPE_PUT', 'b', '5'],
    ],
  );
  t.deepEqual(JSON.parse(stderr), {error: {message: 'enough', exitCode: 4, status: 'UNAUTHENTICATED'}});
  const {stdout: withBookmarks} = await watch(t, ['--all', '--json', '--bookmarks'], script);
  t.deepEqual(
    objects(withBookmarks).map(({resumeToken}) => resumeToken),
    ['1', '2', '3', '4', '5'],
  );
});

test('a stream that breaks is resumed, and both are said', async t => {
  const {stdout, stderr, requests} = await watch(
    t,
    ['--all', '--initial'],
    sendAndFail(status.UNAVAILABLE, 'gone', created('1'), events('2', put('a', '1'))),
    sendAndFail(status.RESOURCE_EXHAUSTED, 'full'),
    sendAndFail(status.INTERNAL, 'oops', created('2'), events('3', put('a', '2'))),
  );
  t.is(withoutTimes(stdout), 'stored   a = 1\nstored   a = 2\n');
  t.deepEqual(
    requests.map(({resumeToken}) => resumeToken),
    ['', '2', '2', '3'],
  );
  const [, lost, back, broke] = stderr.split('\n');
  t.is(lost, 'the connection is lost; connecting again');
  t.regex(back!, /^connected again after [\dms]+$/);
  t.is(broke, 'the watch broke off: oops; connecting again');
});

test('a shutdown of the server is said, and the gap behind it with its reason', async t => {
  const {stdout, stderr} = await watch(
    t,
    ['--all'],
    sendAndFail(status.UNAVAILABLE, 'bye', created('1'), events('2', put('a', '1')), draining('2')),
    call => {
      send(created('x.1'), gap('x.2', GapReason.REASON_RESTARTED), snapshotEnd('x.3'))(call);
      enough(call);
    },
  );
  t.regex(stderr, /^the server is shutting down; connecting again\nconnected again after /m);
  t.is(
    withoutTimes(stdout),
    'stored   a = 1\n' +
      'gap      changes were missed: the server was restarted\n' +
      'complete 0 entries listed; what else there was is gone\n',
  );
});

test('a server that crashes and is back is found again, with no word under --quiet', async t => {
  const server = await startWatchServer(t, send(created('1'), events('2', put('a', '1'))), send(created('2')), enough);
  const child = startKrusty(['watch', 'a', '-q'], {address: server.address});
  t.teardown(() => child.kill('SIGKILL'));
  const end = ended(child);
  await once(child.stdout!, 'data');
  server.crash();
  await server.restart();
  await server.asked(2);
  server.crash();
  await server.restart();
  const {stderr, code} = await end;
  t.is(stderr, 'krusty: enough\n');
  t.is(code, 4);
  t.deepEqual(
    server.requests.map(({resumeToken}) => resumeToken),
    ['', '2', '2'],
  );
});

/** Statuses that another attempt cannot mend: they come before the watch stands. */
const refusals: [status, exitCode: number][] = [
  [status.INVALID_ARGUMENT, 2],
  [status.NOT_FOUND, 1],
  [status.UNAUTHENTICATED, 4],
  [status.PERMISSION_DENIED, 4],
  [status.FAILED_PRECONDITION, 1],
  [status.UNIMPLEMENTED, 1],
  [status.UNAVAILABLE, 5],
];

for (const [code, exitCode] of refusals) {
  test(`${status[code]} at the start ends it with ${exitCode}`, async t => {
    const end = await watch(t, ['a'], sendAndFail(code, 'no'));
    t.is(end.requests.length, 1);
    t.is(end.code, exitCode);
    t.is(end.stdout, '');
    t.is(end.stderr.trimEnd().split('\n').length, 1);
  });
}

test('no answer in time ends it with 5', async t => {
  const {code, stderr} = await watch(t, ['a', '--timeout', '300ms'], () => {});
  t.is(code, 5);
  t.regex(stderr, /^krusty: no answer from .* within 300ms/);
});

test('the first message must come in time, and after it a watch may be silent for ever', async t => {
  const timers: {isStopped: boolean; fire(): void}[] = [];
  const later = (_durationMs: number, fire: () => void) => {
    const timer = {isStopped: false, fire};
    timers.push(timer);
    return () => {
      timer.isStopped = true;
    };
  };
  const server = await startWatchServer(t, send(created('1')), () => {});
  const client = await createClient({address: server.address, timeoutMs: 5000, later});
  t.teardown(() => client.close());
  const standing = client.watch({});
  await standing.next();
  t.true(timers[0]!.isStopped);
  const waiting = client.watch({}).next();
  await server.asked(2);
  t.false(timers[1]!.isStopped);
  timers[1]!.fire();
  await t.throwsAsync(waiting, {message: /no answer from .* within 5s/});
  await standing.return(undefined);
});

test('Ctrl-C ends it as a shell expects, and leaves no token where nobody reads it', async t => {
  const server = await startWatchServer(t, send(created('1'), events('2', put('a', '1'))));
  const child = startKrusty(['watch', 'a', '-q'], {address: server.address});
  const end = ended(child);
  await once(child.stdout!, 'data');
  child.kill('SIGINT');
  const {code, signal, stderr} = await end;
  t.deepEqual({code, signal, stderr}, {code: null, signal: 'SIGINT', stderr: ''});
});

// A terminal is made by util-linux's script; that of other systems takes other options.
const scriptPath = '/usr/bin/script';
const ifTerminal = process.platform === 'linux' && existsSync(scriptPath) ? test : test.skip;

ifTerminal('Ctrl-C on a terminal tells with which token to go on', async t => {
  const server = await startWatchServer(t, send(created('1'), events('x.2', put('a', '1'))));
  const command = `"${process.execPath}" "${krustyPath}" watch a --address ${server.address}`;
  // It runs the command on a terminal of its own, to which our input goes.
  const child = spawn(scriptPath, ['-qefc', command, '/dev/null']);
  t.teardown(() => child.kill('SIGKILL'));
  child.stdout.on('data', chunk => {
    if (`${chunk}`.includes('stored')) child.stdin.write('\x03');
  });
  const {code, stdout} = await ended(child);
  t.is(code, 130);
  t.true(stdout.toString().endsWith('\r\nto go on from here: --from x.2\r\n'), stdout.toString());
});

test('a reader that stops early ends it without a word', async t => {
  const endless: Script = call => {
    const write = () => {
      while (!call.cancelled && call.write(events('2', put('a', 'v'.repeat(1000)))));
    };
    call.on('drain', write);
    send(created('1'))(call);
    write();
  };
  const server = await startWatchServer(t, endless);
  const {code, stdout, stderr} = await shell('$KRUSTY watch a -q --json | head -n 3', {address: server.address});
  t.deepEqual({code, stderr, lines: stdout.toString().split('\n').length}, {code: 0, stderr: '', lines: 4});
});
