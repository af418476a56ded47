/** A watch goes on when its stream breaks: from where, after how long, and when it does not. */
import test from 'ava';
import {CliError} from '../../cli/lib/errors.js';
import {reconnectDelayMs} from '../../cli/lib/timing.js';
import {resumingWatch} from '../../cli/lib/watch-resume.js';
import {limits} from '../../src/base/index.js';
import type {WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {bookmark, created, draining, events, put} from './helpers/watch-messages.js';

/** What one stream brings: messages, and at last perhaps a failure. */
type Stream = readonly (WatchResponse | Error)[];

const unavailable = new CliError('no server answers', {status: 'UNAVAILABLE'});
const refused = new CliError('token?', {status: 'INVALID_ARGUMENT', reason: 'MALFORMED_RESUME_TOKEN'});

interface Played {
  tokens: (string | undefined)[];
  said: string[];
  slept: number[];
  received: string[];
  failure: unknown;
}

/** Follows streams one after the other, until one fails for good. */
async function play(from: string | undefined, ...streams: Stream[]): Promise<Played> {
  const clock = new ManualClock();
  const played: Played = {tokens: [], said: [], slept: [], received: [], failure: undefined};
  const messages = resumingWatch(
    {resumeToken: from},
    {
      async *watch({resumeToken}) {
        played.tokens.push(resumeToken);
        for (const item of streams[played.tokens.length - 1] ?? [refused]) {
          if (item instanceof Error) throw item;
          yield item;
        }
      },
      timing: {
        nowMs: () => clock.nowMs(),
        async sleep(durationMs) {
          played.slept.push(durationMs);
          clock.advance(durationMs);
        },
        random: () => 0,
      },
      onLost: words => played.said.push(words),
      onBack: afterMs => played.said.push(`back after ${afterMs}`),
    },
  );
  try {
    for await (const {resumeToken} of messages) played.received.push(resumeToken);
  } catch (error) {
    played.failure = error;
  }
  return played;
}

test('a broken stream is followed by one from the last message', async t => {
  const played = await play(
    'given',
    [created('1'), events('2', put('a', 'v')), unavailable],
    [created('2'), events('3', put('b', 'v')), new CliError('odd', {status: 'INTERNAL'})],
  );
  t.deepEqual(played.tokens, ['given', '2', '3']);
  t.deepEqual(played.received, ['1', '2', '2', '3']);
  t.deepEqual(played.said, ['the connection is lost', 'back after 200', 'the watch broke off: odd']);
  t.is(played.failure, refused);
});

test('attempts come at growing distances, up to a bound, and soon again once something came', async t => {
  const failing = Array.from({length: 8}, () => [unavailable]);
  const played = await play(
    undefined,
    [created('1'), unavailable],
    ...failing,
    [created('1'), bookmark('2'), unavailable],
    [created('2'), unavailable],
    [created('2'), unavailable],
  );
  t.deepEqual(played.slept, [200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 200, 400, 800]);
  t.deepEqual(played.said.slice(0, 2), [
    'the connection is lost',
    `back after ${200 + 400 + 800 + 1600 + 3200 + 4 * 5000}`,
  ]);
});

test('a shutdown that was announced, and an end without an error, are no reason to stop', async t => {
  const played = await play(undefined, [created('1'), draining('2'), unavailable], [created('2')]);
  t.deepEqual(played.tokens, [undefined, '2', '2']);
  t.deepEqual(played.said, ['the server is shutting down', 'back after 200', 'the connection is lost']);
});

test('what never began is not tried again', async t => {
  for (const stream of [[unavailable], [refused], []]) {
    const played = await play(undefined, stream);
    t.is(played.tokens.length, 1);
    t.deepEqual(played.slept, []);
    t.true(played.failure instanceof CliError);
  }
});

test('what another attempt cannot mend ends it, and so does a fault of ours', async t => {
  for (const status of ['INVALID_ARGUMENT', 'NOT_FOUND', 'UNAUTHENTICATED', 'FAILED_PRECONDITION', 'UNIMPLEMENTED']) {
    const failure = new CliError('no', {status});
    t.is((await play(undefined, [created('1'), failure])).failure, failure);
  }
  const fault = new TypeError('x');
  t.is((await play(undefined, [created('1'), fault])).failure, fault);
});

test('delays vary by chance, between half and all of the time', t => {
  for (let attempts = 0; attempts < 2000; attempts++) {
    const [longest, shortest] = [reconnectDelayMs(attempts, 0), reconnectDelayMs(attempts, 0.999_999)];
    t.true(longest <= limits.reconnectMsMost && longest >= limits.reconnectMsLeast);
    t.true(shortest >= longest / 2 && shortest < longest * 0.51);
  }
});
