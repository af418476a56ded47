/** `/-/metrics`: the format, that nothing of GetStats is missing, and the lag of the event loop. */
import {connect} from 'node:http2';
import test from 'ava';
import type {CacheStats, StatsAnswer, WatchStats} from '../../src/cache/index.js';
import {LoopLag} from '../../src/http/loop-lag.js';
import {metricsText} from '../../src/http/metrics.js';
import {ManualClock} from '../helpers/manual-clock.js';
import {getOf, putOf} from '../helpers/requests.js';
import {withOperations} from '../helpers/with-operations.js';
import {http2Test, httpTest} from './helpers/http-parts.js';
import {parseMetrics} from './helpers/parse-metrics.js';

httpTest('a server tells what it did, in the format that Prometheus reads', async (t, start) => {
  const {cache, ask} = await start({
    historyBytes: 2 ** 20,
    namespaces: [{}, {name: 'sessions', defaultTtlMs: 1500, policy: 'lru'}],
  });
  cache.put(putOf('a', 'x'));
  cache.get(getOf('a'));
  cache.get(getOf('b', {namespace: 'sessions'}));
  const {headers, body} = await ask('GET', '/-/metrics');
  t.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const metrics = parseMetrics(body.toString());
  const value = (name: string, labels: Record<string, string> = {}) =>
    metrics
      .get(name)
      ?.samples.find(sample => Object.entries(labels).every(([label, text]) => sample.labels[label] === text))?.value;

  t.is(value('krusty_entries', {namespace: 'default'}), 1);
  t.is(value('krusty_entries', {namespace: 'sessions'}), 0);
  t.is(value('krusty_lookups_total', {namespace: 'default', result: 'hit'}), 1);
  t.is(value('krusty_lookups_total', {namespace: 'sessions', result: 'miss'}), 1);
  t.is(value('krusty_default_ttl_seconds', {namespace: 'sessions'}), 1.5);
  t.is(value('krusty_default_ttl_seconds', {namespace: 'default'}), undefined);
  t.is(value('krusty_namespace_info', {namespace: 'sessions', policy: 'lru'}), 1);
  t.is(value('krusty_build_info', {version: '1.2.3-test'}), 1);
  t.is(value('krusty_watch_history_bytes'), 2 ** 20);
  t.true(value('process_resident_memory_bytes')! > 2 ** 20);
  t.true(value('process_cpu_seconds_total')! > 0);
  const {startTimeMs} = cache.stats();
  t.is(value('krusty_start_time_seconds'), startTimeMs / 1000);
});

http2Test(
  'a transport that counts what its clients do is told of, and no client makes up a label',
  async (t, start) => {
    const {address, ask} = await start();
    const session = connect(`http://${address}`);
    session.on('error', () => {});
    const stream = session.request({':method': 'POST', ':path': '/x', 'content-length': '5'});
    stream.on('error', () => {});
    stream.end('more than five');
    await new Promise(resolve => stream.on('close', resolve));
    const metrics = parseMetrics((await ask('GET', '/-/metrics')).body.toString());
    session.destroy();
    // The one that was made here, and that on which the metrics were asked for.
    t.is(metrics.get('krusty_h2_connections')?.samples[0]?.value, 2);
    t.is(metrics.get('krusty_h2_held_bytes')?.samples[0]?.value, 0);
    t.is(metrics.get('krusty_h2_refused_connections_total')?.samples[0]?.value, 0);
    const faults = metrics.get('krusty_h2_request_faults_total')?.samples ?? [];
    t.deepEqual(
      faults.map(({labels, value}) => [labels.fault, value]),
      [['PROTOCOL_ERROR', 1]],
    );
  },
);

test('every figure of GetStats is among the metrics', t => {
  // Each is a number of its own, whose milliseconds are seconds that no other figure is.
  let next = 1000;
  const figure = () => (next += 1001);
  const figures = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map(name => [name, figure()])) as Record<Name, number>;
  const stats = figures(cacheFigures) as unknown as CacheStats;
  const watch: WatchStats = figures(watchFigures);
  const answer: StatsAnswer = {
    ...figures(['startTimeMs', 'revision', 'maxKeyBytes', 'maxValueBytes']),
    total: stats,
    namespaces: [{name: 'default', stats, ...figures(['defaultTtlMs', 'maxTtlMs']), policy: 'lru'}],
    watch,
  };
  const facts = {
    ...figures(['cpuSeconds', 'residentBytes', 'heapBytes', 'startTimeSeconds', 'openFds']),
    nodeVersion: '',
  };
  const text = metricsText({stats: answer, version: '', loopLag: {counts: [], sumMs: 0}, facts});
  const told = new Set(text.match(/(?<= )[\d.]+$/gm)?.map(Number));
  for (let number = 2001; number <= next; number += 1001)
    t.true(told.has(number) || told.has(number / 1000), `${number}`);
});

/** A new figure has to be here, or this does not compile. */
const cacheFigures = Object.keys({
  entries: 0,
  maxEntries: 0,
  memoryBytes: 0,
  maxMemoryBytes: 0,
  hits: 0,
  misses: 0,
  puts: 0,
  deletes: 0,
  touches: 0,
  conditionsLost: 0,
  expirations: 0,
  evictionsEntries: 0,
  evictionsMemory: 0,
  purged: 0,
  expiryLagMs: 0,
} satisfies CacheStats);
const watchFigures = Object.keys({
  historyBytes: 0,
  historyStartMs: 0,
  trims: 0,
  watchers: 0,
  eventsDelivered: 0,
  slowestLagRevisions: 0,
  slowestLagBytes: 0,
  resyncs: 0,
  cancels: 0,
} satisfies WatchStats) as (keyof WatchStats)[];

httpTest('without a history there is nothing to tell of watches', async (t, start) => {
  const {ask} = await start();
  const metrics = parseMetrics((await ask('GET', '/-/metrics')).body.toString());
  t.false(metrics.has('krusty_watchers'));
  t.true(metrics.has('krusty_entries'));
});

httpTest('a backend that answers later, or fails, is waited for', async (t, start) => {
  let answer: Promise<StatsAnswer>;
  const {cache, ask, faults} = await start(withOperations({stats: () => answer}));
  answer = Promise.resolve(cache.stats());
  const {body} = await ask('GET', '/-/metrics');
  t.true(parseMetrics(body.toString()).has('krusty_entries'));
  const fault = new Error('planted');
  answer = Promise.reject(fault);
  t.is((await ask('GET', '/-/metrics')).status, 500);
  t.deepEqual(faults, [fault]);
});

test('the lag of the event loop is how late the timer came', t => {
  const clock = new ManualClock();
  let due: (() => void) | undefined;
  const schedule = (_delayMs: number, run: () => void) => {
    due = run;
    return () => {
      due = undefined;
    };
  };
  const lag = new LoopLag({clock, schedule});
  for (const passedMs of [100, 101, 130, 5000]) {
    clock.advance(passedMs);
    due!();
  }
  t.deepEqual(
    lag.counts.filter(({count}) => count > 0),
    [
      {most: 0.001, count: 2},
      {most: 0.05, count: 1},
      {most: Number.POSITIVE_INFINITY, count: 1},
    ],
  );
  t.is(lag.sumMs, 1 + 30 + 4900);
  lag.stop();
  t.is(due, undefined);
});
