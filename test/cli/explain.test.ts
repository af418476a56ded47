/** What an explanation looks like: a sentence for a person, an object for a program. */
import test from 'ava';
import {explainJson, explainText} from '../../cli/lib/explain.js';
import {ExplainResponse} from '../../src/gen/krusty/cache/v1/admin_service.js';
import {EventType, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import {ManualClock} from '../helpers/manual-clock.js';

const at = (wallMs: number) => ({seconds: BigInt(wallMs / 1000), nanos: 0});
const now = '2025-01-04T14:13:20Z';
const changeTime = at(1_736_000_000_000);

/** What the server answers, how long after, and the sentence. */
const explained: Record<string, [Parameters<typeof ExplainResponse.create>[0], number, string]> = {
  'a put': [
    {type: EventType.EVENT_TYPE_PUT, changeTime, present: true},
    500,
    `"k" was stored just now (${now}). It is there now.\n`,
  ],
  'a touch': [
    {type: EventType.EVENT_TYPE_TOUCH, changeTime, present: true},
    61_000,
    `"k" got a new expiry 1m1s ago (${now}). It is there now.\n`,
  ],
  'a delete': [
    {type: EventType.EVENT_TYPE_DELETE, changeTime},
    -5000,
    `"k" was deleted just now (${now}). There is no such entry now.\n`,
  ],
  'an expiry': [
    {type: EventType.EVENT_TYPE_EXPIRE, changeTime},
    3 * 3_600_000 + 125_000,
    `"k" expired 3h2m ago (${now}). There is no such entry now.\n`,
  ],
  'an eviction': [
    {type: EventType.EVENT_TYPE_EVICT, changeTime, evictionLimit: EvictionLimit.EVICTION_LIMIT_ENTRIES},
    1000,
    `"k" was evicted 1s ago (${now}), to keep the limit on entries of its namespace. There is no such entry now.\n`,
  ],
  'a purge of a prefix': [
    {type: EventType.EVENT_TYPE_PURGE, changeTime, purgePrefix: 'x\n'},
    50 * 3_600_000,
    `every key that begins with "x\\n" was purged 2d2h ago (${now}). There is no such entry now.\n`,
  ],
  'a purge of all': [
    {type: EventType.EVENT_TYPE_PURGE, changeTime},
    1000,
    `every key of its namespace was purged 1s ago (${now}). There is no such entry now.\n`,
  ],
  nothing: [
    {historyStartTime: changeTime, present: true},
    180_000,
    `nothing happened to "k" as far back as the history reaches, which began 3m ago (${now}). It is there now.\n`,
  ],
};

for (const [name, [answer, laterMs, sentence]] of Object.entries(explained)) {
  test(`the sentence on ${name}`, t => {
    const later = new ManualClock();
    later.advance(laterMs);
    t.is(explainText('k', ExplainResponse.create(answer), later), sentence);
  });
}

test('an explanation as JSON has only what applies', t => {
  const json = (answer: Parameters<typeof ExplainResponse.create>[0]) => explainJson(ExplainResponse.create(answer));
  const historyStartTime = at(0);
  t.deepEqual(json({historyStartTime}), {present: false, historyStartTime: '1970-01-01T00:00:00Z'});
  t.deepEqual(json({type: EventType.EVENT_TYPE_PURGE, revision: 5n, changeTime, historyStartTime}), {
    present: false,
    type: 'EVENT_TYPE_PURGE',
    revision: '5',
    changeTime: now,
    purgePrefix: '',
    historyStartTime: '1970-01-01T00:00:00Z',
  });
});
