/** What a watch looks like: lines for a person, objects for a program. */
import test from 'ava';
import {watchObjects} from '../../cli/lib/watch-json.js';
import {WatchText} from '../../cli/lib/watch-text.js';
import {
  WatchGap_Reason as GapReason,
  type WatchEvent,
  type WatchResponse,
} from '../../src/gen/krusty/cache/v1/watch.js';
import {ManualClock} from '../helpers/manual-clock.js';
import * as messages from './helpers/watch-messages.js';

const {bookmark, created, draining, events, gap, listed, put, removed, snapshotEnd, touched} = messages;

const past = {seconds: 0n, nanos: 0};
const clock = new ManualClock();

/** The lines without their times. */
function lines(responses: WatchResponse[], columns = 80): string[] {
  const text = new WatchText({clock, columns: () => columns});
  const all = responses.map(response => text.lines(response)).join('');
  return all.split('\n').map(line => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
}

/** Each kind of event, and its line. */
const eventLines: Record<string, [WatchEvent, string]> = {
  'a put': [put('greeting', 'hello'), 'stored   greeting = hello'],
  'a put that expires': [
    put('greeting', 'hello', {entry: {expireTime: past}}),
    'stored   greeting = hello  expires at 1970-01-01T00:00:00Z',
  ],
  'a put that lives on': [
    put('greeting', 'hello', {entry: {expireTime: {seconds: 1_736_000_300n, nanos: 0}}}),
    'stored   greeting = hello  expires in 5m',
  ],
  'a put with what was there': [
    put('greeting', 'hello', {previous: {value: Buffer.from('hi')}}),
    'stored   greeting = hello  was hi',
  ],
  'a put without its value': [put('greeting', '', {entry: {valueOmitted: true}}), 'stored   greeting'],
  'an empty value': [put('greeting', ''), 'stored   greeting = ""'],
  'a value with line ends': [put('greeting', 'a\nb'), 'stored   greeting = "a\\nb"'],
  'a value that steers': [put('greeting', '\u001b[2J'), 'stored   greeting = 4b of bytes'],
  'a value that is not UTF-8': [put('raw', new Uint8Array(2048).fill(0xff)), 'stored   raw = 2kb of bytes'],
  'an image': [
    put('cat', new Uint8Array(2048).fill(0xff), {entry: {contentType: 'image/png'}}),
    'stored   cat = 2kb of image/png',
  ],
  'a key that steers': [put('\u001b[2J', 'v'), 'stored   "\\u001b[2J" = v'],
  'an entry that was there': [listed('greeting', 'hello'), 'listed   greeting = hello'],
  'a touch': [touched('greeting', {expireTime: past}), 'touched  greeting  expires at 1970-01-01T00:00:00Z'],
  'a touch that keeps it': [touched('greeting'), 'touched  greeting  never expires'],
  'a delete': [removed('DELETE', 'greeting'), 'deleted  greeting'],
  'an expiry': [removed('EXPIRE', 'greeting', 'hello'), 'expired  greeting  was hello'],
  'an eviction': [removed('EVICT', 'greeting', 'hello'), 'evicted  greeting  was hello  to keep the limit on memory'],
  'a purge': [removed('PURGE', 'user:'), 'purged   every key that begins with "user:"'],
  'a purge of all': [removed('PURGE', ''), 'purged   every key'],
};

for (const [name, [event, line]] of Object.entries(eventLines)) {
  test(`the line of ${name}`, t => t.deepEqual(lines([events('1', event)]), [line, '']));
}

test('a snapshot is counted, and said to be complete', t => {
  const last = lines([
    created('1'),
    events('2', listed('a', '1'), put('c', '2')),
    events('3', listed('b', '2')),
    snapshotEnd('4'),
  ]);
  t.deepEqual(last.slice(-2), ['complete 2 entries listed; changes follow', '']);
});

test('a gap says why, and the end of its snapshot what is gone', t => {
  const why = {
    [GapReason.REASON_SLOW_READER]: 'they were read too slowly',
    [GapReason.REASON_TRIMMED]: 'the history no longer has them',
    [GapReason.REASON_RESTARTED]: 'the server was restarted',
  };
  for (const [reason, words] of Object.entries(why)) {
    t.deepEqual(lines([gap('1', Number(reason) as GapReason), events('2', listed('a', '1')), snapshotEnd('3')]), [
      `gap      changes were missed: ${words}`,
      'listed   a = 1',
      'complete 1 entry listed; what else there was is gone',
      '',
    ]);
  }
});

test('a person hears nothing of the begin, and of bookmarks and shutdowns what there is', t => {
  t.deepEqual(lines([created('1'), bookmark('2', 7n), draining('3')]), ['quiet    no change up to revision 7', '']);
});

test('a change has the time when it was made, anything else the time now', t => {
  const text = new WatchText({clock: new ManualClock({wallMs: 1_736_000_005_000}), columns: () => 80});
  const seconds = [events('1', put('a', 'v')), events('2', listed('a', 'v')), snapshotEnd('3')].map(response =>
    text.lines(response).slice(6, 8),
  );
  t.deepEqual(seconds, ['20', '25', '25']);
});

test('long values are cut to the width of the terminal, and say how long they are', t => {
  const long = '0123456789'.repeat(500);
  const both = put('greeting', long, {previous: {value: Buffer.from('😀'.repeat(999))}, entry: {expireTime: past}});
  for (const event of [put('greeting', long), removed('EVICT', 'greeting', long), both]) {
    for (const columns of event === both ? [132] : [80, 132]) {
      const text = new WatchText({clock, columns: () => columns});
      const line = text.lines(events('1', event)).trimEnd();
      t.true(line.length <= columns + 20 && Array.from(line).length <= columns, line);
      t.regex(line, /0… \(4\.9kb\)|[1-9]… \(4\.9kb\)/);
      t.notRegex(line, /[\ud800-\udbff](?![\udc00-\udfff])/);
    }
  }
  t.true(lines([events('1', put('k'.repeat(100), 'short'))])[0]!.endsWith('k = short'));
});

test('an object has what applies to its event, and bytes in base64', t => {
  const revision = '1736000000000000';
  const expected: [WatchEvent, object][] = [
    [
      put('a', 'v', {entry: {expireTime: past, contentType: 'text/plain'}, listed: true}),
      {
        type: 'EVENT_TYPE_PUT',
        revision,
        listed: true,
        entry: {key: 'a', value: 'dg==', revision, contentType: 'text/plain', expireTime: '1970-01-01T00:00:00Z'},
      },
    ],
    [
      removed('EVICT', 'a', 'v'),
      {
        type: 'EVENT_TYPE_EVICT',
        revision,
        listed: false,
        evictionLimit: 'EVICTION_LIMIT_MEMORY',
        entry: {key: 'a'},
        previous: {key: 'a', value: 'dg==', revision: '7', contentType: ''},
      },
    ],
    [removed('PURGE', ''), {type: 'EVENT_TYPE_PURGE', revision, listed: false, entry: {key: ''}}],
    [
      touched('a'),
      {
        type: 'EVENT_TYPE_TOUCH',
        revision,
        listed: false,
        entry: {key: 'a', valueOmitted: true, revision: '1', contentType: ''},
      },
    ],
  ];
  for (const [event, json] of expected) {
    t.deepEqual(
      watchObjects(events('2', event), '1').map(object => object.json),
      [{...json, resumeToken: '2'}] as never,
    );
  }
});

test('only the last object of a message has its token: behind any other, the message comes again', t => {
  const objects = watchObjects(events('2', put('a', '1'), put('b', '2'), put('c', '3')), '1');
  t.deepEqual(
    objects.map(({json}) => json.resumeToken),
    ['1', '1', '2'],
  );
});

test('messages about the watch are objects under their own name', t => {
  const all = [
    created('1', 5n),
    gap('2', GapReason.REASON_TRIMMED),
    snapshotEnd('3', 6n),
    bookmark('4', 7n),
    draining('5'),
  ];
  t.deepEqual(all.flatMap(response => watchObjects(response, '0')).map(({name, json}) => [name, json]) as unknown[], [
    ['CREATED', {created: {revision: '5'}, resumeToken: '1'}],
    ['GAP', {gap: {reason: 'REASON_TRIMMED'}, resumeToken: '2'}],
    ['SNAPSHOT_END', {snapshotEnd: {revision: '6'}, resumeToken: '3'}],
    ['BOOKMARK', {bookmark: {revision: '7'}, resumeToken: '4'}],
  ]);
});
