/** `krusty watch --exec`: a command for each event, in order, and what happens when it fails or is slow. */
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {status} from '@grpc/grpc-js';
import test from 'ava';
import {WatchGap_Reason as GapReason} from '../../src/gen/krusty/cache/v1/watch.js';
import {tempFolder} from '../helpers/temp-files.js';
import {ended, krusty, startKrusty} from './helpers/krusty.js';
import {created, events, gap, listed, put, removed, snapshotEnd} from './helpers/watch-messages.js';
import {type Script, sendAndFail, startWatchServer} from './helpers/watch-server.js';

const enough = status.UNAUTHENTICATED;

/** Has the event in words from the environment, and as JSON from stdin. */
const show = `echo "$KRUSTY_EVENT \${KRUSTY_KEY-unset} \${KRUSTY_REVISION-unset}"; cat`;

test('it gets each event as JSON on stdin, and in its environment', async t => {
  const messages = [
    created('1'),
    events('2', listed('a b', '1'), put("it's $HOME\n", '2')),
    snapshotEnd('3', 9n),
    gap('4', GapReason.REASON_TRIMMED),
    events('5', removed('PURGE', ''), put('zero\0byte', '3')),
  ];
  const server = await startWatchServer(t, sendAndFail(enough, 'enough', ...messages));
  const options = {address: server.address, env: {KRUSTY_KEY: 'of somebody else'}};
  const {code, stdout, stderr} = await krusty(['watch', '--all', '-q', '--exec', show], options);
  t.is(stderr, 'krusty: enough\n');
  t.is(code, 4);
  const revision = '1736000000000000';
  const words = stdout.toString().replace(/^\{.*\n/gm, '');
  t.is(
    words,
    `PUT a b ${revision}\nPUT it's $HOME\n ${revision}\nSNAPSHOT_END unset unset\nGAP unset unset\nPURGE  ${revision}\nPUT unset ${revision}\n`,
  );
  const json = stdout.toString().match(/^\{.*$/gm)!;
  t.deepEqual(
    json.map(line => JSON.parse(line)).map(({entry, resumeToken}) => [entry?.key, resumeToken]),
    [
      ['a b', '1'],
      ["it's $HOME\n", '2'],
      [undefined, '3'],
      [undefined, '4'],
      ['', '4'],
      ['zero\0byte', '5'],
    ],
  );
});

test('commands run one after the other, in the order of the events', async t => {
  const log = join(tempFolder(t), 'log');
  const list = Array.from({length: 20}, (_, index) => put(`k${index}`, ''));
  const server = await startWatchServer(t, sendAndFail(enough, '', created('1'), events('2', ...list)));
  // It ends only after a child of its own has written: commands that overlapped would mix.
  const command = `echo "begin $KRUSTY_KEY" >> ${log}; sh -c 'echo "end $KRUSTY_KEY" >> ${log}'`;
  await krusty(['watch', '--all', '--exec', command], {address: server.address});
  const expected = list.map(({entry}) => `begin ${entry!.key}\nend ${entry!.key}\n`).join('');
  t.is(readFileSync(log, 'utf8'), expected);
});

test('a command that fails is reported, and the next one runs', async t => {
  const messages = [created('1'), events('2', put('a', ''), put('b\n', ''), put('c', '')), gap('3', 1)];
  const server = await startWatchServer(t, sendAndFail(enough, 'enough', ...messages));
  const command = 'case $KRUSTY_KEY in a) exit 3;; b*) kill -TERM $$;; c) echo fine;; *) exit 4;; esac';
  const {stdout, stderr} = await krusty(['watch', '--all', '-q', '--exec', command], {address: server.address});
  t.is(stdout.toString(), 'fine\n');
  t.is(
    stderr,
    'the command failed with exit code 3, for PUT "a"\n' +
      'the command was ended by SIGTERM, for PUT "b\\n"\n' +
      'the command failed with exit code 4, for GAP\n' +
      'krusty: enough\n',
  );
});

test('a command that does not read its input is no failure', async t => {
  const messages = [created('1'), events('2', put('a', 'v'.repeat(1_000_000)))];
  const server = await startWatchServer(t, sendAndFail(enough, 'enough', ...messages));
  const {stderr} = await krusty(['watch', 'a', '-q', '--exec', 'exec true'], {address: server.address});
  t.is(stderr, 'krusty: enough\n');
});

test('while a command runs, the server is not read', async t => {
  const gate = join(tempFolder(t), 'gate');
  const total = 1000;
  let written = 0;
  const flood: Script = call => {
    const write = () => {
      while (written < total) if (!call.write(events('2', put(`k${written++}`, 'v'.repeat(60_000))))) return;
      call.emit('error', {code: enough, details: 'enough'});
    };
    call.on('drain', write);
    call.write(created('1'));
    write();
  };
  const server = await startWatchServer(t, flood);
  const command = `test -e ${gate} || { echo waiting; while ! test -e ${gate}; do sleep 0.1; done; }`;
  const child = startKrusty(['watch', '--all', '-q', '--exec', `${command}; test $KRUSTY_KEY != k9 || kill $PPID`], {
    address: server.address,
  });
  t.teardown(() => child.kill('SIGKILL'));
  const end = ended(child);
  await once(child.stdout!, 'data');
  // Another client comes and goes: time enough for all of it to be sent, were it read.
  await krusty(['get', 'k', '--timeout', '1s'], {address: server.address});
  t.true(written < total / 4, String(written));
  writeFileSync(gate, '');
  const {signal} = await end;
  t.is(signal, 'SIGTERM');
});
