/** Explain over the wire: what last happened to a key, or since when nothing is known to have. */
import type {ExplainAnswer} from '../../src/cache/index.js';
import {ExplainResponse} from '../../src/gen/krusty/cache/v1/admin_service.js';
import {EventType, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import {contractTest} from '../helpers/contract-test.js';
import {duration, millis, timestamp} from '../helpers/proto-times.js';
import {RpcError} from '../helpers/rpc-error.js';
import {bytes} from '../helpers/text.js';
import {withOperations} from '../helpers/with-operations.js';

const history = {historyBytes: 2 ** 20};
const revision = 1_736_000_000_000_002;
const changeTimeMs = 1_736_000_000_000.25;
const historyStartMs = 1_735_000_000_000;

const answers: Record<
  string,
  {answer: Partial<ExplainAnswer>; message: Parameters<typeof ExplainResponse.fromPartial>[0]}
> = {
  'a put': {
    answer: {change: {type: 'put', revision, changeTimeMs}, present: true},
    message: {type: EventType.EVENT_TYPE_PUT, present: true},
  },
  'an eviction': {
    answer: {change: {type: 'evict', revision, changeTimeMs, evictionLimit: 'memory'}},
    message: {type: EventType.EVENT_TYPE_EVICT, evictionLimit: EvictionLimit.EVICTION_LIMIT_MEMORY},
  },
  'a purge': {
    answer: {change: {type: 'purge', revision, changeTimeMs, purgePrefix: 'a/'}},
    message: {type: EventType.EVENT_TYPE_PURGE, purgePrefix: 'a/'},
  },
};

for (const [name, {answer, message}] of Object.entries(answers)) {
  contractTest(`Explain tells of ${name} with every field`, async (t, start) => {
    const requests: unknown[] = [];
    const {client} = await start(
      withOperations({
        explain: request => {
          requests.push(request);
          return {historyStartMs, present: false, ...answer};
        },
      }),
    );
    t.deepEqual(
      await client.explain({key: 'k', namespace: 'other'}),
      ExplainResponse.fromPartial({
        revision: BigInt(revision),
        changeTime: timestamp(changeTimeMs),
        historyStartTime: timestamp(historyStartMs),
        ...message,
      }),
    );
    t.deepEqual(requests, [{key: 'k', namespace: 'other'}]);
  });
}

contractTest('Explain without a change says since when there was none', async (t, start) => {
  const {client} = await start(withOperations({explain: async () => ({historyStartMs, present: true})}));
  const historyStartTime = timestamp(historyStartMs);
  t.deepEqual(await client.explain({key: 'k'}), ExplainResponse.fromPartial({historyStartTime, present: true}));
});

contractTest('Explain follows what happens to a key', async (t, start) => {
  const {client, clock, cache} = await start({...history, namespaces: [{maxEntries: 2}]});
  const startMs = clock.wallMs();
  const put = (key: string) => client.put({key, value: bytes('v'), ttl: duration(1000)});
  const explained = async (key: string) => {
    const {type, present, evictionLimit, purgePrefix} = await client.explain({key});
    return {type, present, evictionLimit, purgePrefix};
  };
  const nothing = {type: 0, present: false, evictionLimit: 0, purgePrefix: ''};

  t.deepEqual(await explained('k'), nothing);
  clock.advance(5);
  const {revision: putRevision} = await put('k');
  const answer = await client.explain({key: 'k'});
  t.like(answer, {type: EventType.EVENT_TYPE_PUT, revision: putRevision, present: true});
  t.is(millis(answer.changeTime), startMs + 5);
  t.is(millis(answer.historyStartTime), startMs);

  await put('one');
  await put('two');
  const evicted = {evictionLimit: EvictionLimit.EVICTION_LIMIT_ENTRIES, type: EventType.EVENT_TYPE_EVICT};
  t.deepEqual(await explained('k'), {...nothing, ...evicted});
  clock.advance(1000);
  t.deepEqual(await explained('one'), {...nothing, type: EventType.EVENT_TYPE_EXPIRE});
  while (!cache.sweep(1000));
  await put('a/1');
  await client.purge({prefix: 'a/'});
  t.deepEqual(await explained('a/1'), {...nothing, type: EventType.EVENT_TYPE_PURGE, purgePrefix: 'a/'});
  await client.purge({all: true});
  t.deepEqual(await explained('a/1'), {...nothing, type: EventType.EVENT_TYPE_PURGE});
});

contractTest('Explain of an empty key is INVALID_ARGUMENT KEY_EMPTY', async (t, start) => {
  const {client} = await start(history);
  const error = await t.throwsAsync(client.explain({key: ''}), {instanceOf: RpcError});
  t.like(error, {code: 'INVALID_ARGUMENT', reason: 'KEY_EMPTY'});
  t.is(error.violations[0]?.field, 'key');
});
