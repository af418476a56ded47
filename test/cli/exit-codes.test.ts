/** Every exit code, as scripts see it; with --json too, where an answer is on stdout and an error on stderr. */
import {once} from 'node:events';
import {type AddressInfo, createServer as createTcpServer, type Server as TcpServer} from 'node:net';
import {Server, ServerCredentials, status} from '@grpc/grpc-js';
import test from 'ava';
import {exitCodeMeanings} from '../../cli/lib/exit-codes.js';
import {CacheServiceService} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {bytes, useServer} from './helpers/fixture.js';
import {ended, krusty, parsed, startKrusty} from './helpers/krusty.js';

const fixture = useServer(test);
const {run} = fixture;

/** Accepts connections, and never says a word. */
let mute: TcpServer;
let muteAddress: string;
test.before(async () => {
  mute = createTcpServer(socket => socket.on('error', () => {}));
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  muteAddress = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
});
test.after.always(() => mute.close());

test('3: a miss, of get, delete, touch and batch-get', async t => {
  for (const command of ['get', 'delete', 'touch', 'batch-get']) {
    const miss = await run([command, 'missing\n']);
    t.is(miss.code, 3, command);
    t.is(miss.stdout.toString(), '');
    t.is(miss.stderr, 'no entry "missing\\n"\n');
  }
  const json = await run(['get', 'missing', '--json']);
  t.is(json.code, 3);
  t.deepEqual(parsed(json.stdout), {outcome: 'OUTCOME_MISS'});
  t.is(json.stderr, '');
});

test('6: a lost condition, of put, get, delete and touch', async t => {
  const {revision} = await fixture.client.put({key: 'held', value: bytes('v')});
  const lost: [args: string[], words: RegExp][] = [
    [['put', 'held', 'x', '--if-absent'], /^not stored: there is an entry already: "held" is at revision \d+\n$/],
    [['put', 'absent', 'x', '--if-present'], /^not stored: there is no entry "absent"\n$/],
    [['put', 'held', 'x', '--if-revision', '7'], /^not stored: it is not the revision you named: .* \d+\n$/],
    [['get', 'held', '--if-revision-not', `${revision}`], /^"held" is still at revision \d+\n$/],
    [['delete', 'held', '--if-revision', '7'], /^not deleted: it is not the revision you named/],
    [['touch', 'held', '--ttl', '1m', '--only-extend'], /^not touched: "held" never expires\n$/],
  ];
  for (const [args, words] of lost) {
    const {code, stdout, stderr} = await run(args);
    t.is(code, 6, args.join(' '));
    t.is(stdout.toString(), '');
    t.regex(stderr, words);
  }
  const json = await run(['put', 'held', 'x', '--if-absent', '--json', '--quiet']);
  t.is(json.code, 6);
  t.deepEqual(parsed(json.stdout), {outcome: 'OUTCOME_NOT_STORED', revision: revision.toString()});
});

test('0: a condition that holds', async t => {
  const {revision} = await fixture.client.put({key: 'holds', value: bytes('1')});
  t.is((await run(['put', 'holds', '2', '--if-revision', `${revision}`])).code, 0);
  t.is((await run(['touch', 'holds', '--ttl', '1m', '--only-shorten'])).code, 0);
  t.is((await run(['get', 'holds', '--if-revision-not', `${revision}`, '--peek'])).stdout.toString(), '2');
});

test('1: what the server cannot do, with its reason', async t => {
  await fixture.client.put({key: 'text', value: bytes('abc')});
  const words = await run(['incr', 'text']);
  t.is(words.code, 1);
  t.regex(words.stderr, /^krusty: .*not a number.*\(NOT_A_NUMBER\)\n$/);
  const json = await run(['incr', 'text', '--json']);
  t.is(json.code, 1);
  t.is(json.stdout.toString(), '');
  t.like(parsed(json.stderr), {error: {exitCode: 1, reason: 'NOT_A_NUMBER', status: 'FAILED_PRECONDITION'}});
});

test('2: a wrong command line, found by krusty', async t => {
  const wrong: [args: string[], words: RegExp][] = [
    [['gett', 'k'], /^krusty: there is no command "gett"\. Did you mean get\?\n$/],
    [['get'], /Missing 1 required arg/],
    [['get', 'a', '--nope'], /Nonexistent flag: --nope/],
    [['put', 'a'], /there is no value/],
  ];
  for (const [args, words] of wrong) {
    const {code, stdout, stderr} = await krusty(args);
    t.is(code, 2, args.join(' '));
    t.is(stdout.toString(), '');
    t.regex(stderr, words);
  }
  const json = await krusty(['get', '--json']);
  t.is(json.code, 2);
  t.like(parsed(json.stderr), {error: {exitCode: 2}});
});

test('4: not authenticated, or not allowed', async t => {
  const server = new Server();
  const codes = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];
  const handlers = Object.keys(CacheServiceService).map(name => [
    name,
    (_call: unknown, callback: (error: object) => void) => callback({code: codes.shift(), details: 'who are you?'}),
  ]);
  server.addService(CacheServiceService, Object.fromEntries(handlers));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  t.teardown(() => server.forceShutdown());
  for (const statusName of ['UNAUTHENTICATED', 'PERMISSION_DENIED']) {
    const {code, stderr} = await krusty(['get', 'k', '--json'], {address: `127.0.0.1:${port}`});
    t.is(code, 4);
    t.deepEqual(parsed(stderr), {error: {message: 'who are you?', exitCode: 4, status: statusName}});
  }
});

test('5: nobody listens, and the words say how to start a server', async t => {
  const listener = createTcpServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const free = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  listener.close();
  await once(listener, 'close');
  const {code, stderr} = await krusty(['ping'], {address: free});
  t.is(code, 5);
  t.is(stderr.split('\n').length, 2, stderr);
  t.true(
    stderr.startsWith(`krusty: no server answers at ${free}: the connection is refused. Start one: krusty serve.`),
  );
});

test('5: no answer in time', async t => {
  const {code, stderr} = await krusty(['get', 'k', '--timeout', '300ms'], {address: muteAddress});
  t.is(code, 5);
  t.regex(stderr, /^krusty: no answer from 127\.0\.0\.1:\d+ within 300ms\. .*--timeout\n$/);
});

test('130: Ctrl-C, as a shell reports it', async t => {
  const connected = once(mute, 'connection');
  const child = startKrusty(['get', 'k', '--timeout', '60s'], {address: muteAddress});
  const end = ended(child);
  await connected;
  child.kill('SIGINT');
  const {code, signal, stderr} = await end;
  // Ended by the signal itself, so that a loop around it ends, too; a shell makes 128 + 2 of it.
  t.deepEqual({code, signal, stderr}, {code: null, signal: 'SIGINT', stderr: ''});
});

test('the help explains every exit code', async t => {
  const help = (await krusty(['help', 'exit-codes'])).stdout.toString();
  for (const meaning of Object.values(exitCodeMeanings)) t.true(help.includes(meaning), meaning);
  t.regex((await krusty([])).stdout.toString(), /Exit codes: 0 done, .*krusty help exit-codes/s);
});
