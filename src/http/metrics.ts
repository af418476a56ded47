/**
 * `/-/metrics`: what GetStats tells, and the process, in the text format 0.0.4 of
 * Prometheus. Counters are since the start; a ratio or a sum over the namespaces is left
 * to the query, which knows over which time. Units are seconds and bytes.
 */
import type {Answer, NamespaceStats, TransportCounters, WatchStats} from '../rpc/index.js';
import type {ResponseSink} from '../transcoding/index.js';
import {type Labels, MetricsText, type Sample} from './metrics-text.js';
import {type ProcessFacts, processFacts} from './process-facts.js';
import type {ServerState, ThreadFacts} from './thread-facts.js';
import type {Handler} from './types.js';

export interface MetricsOptions {
  state: () => Answer<ServerState>;
  /** Of the server. */
  version: string;
  fail: (sink: ResponseSink, failure: unknown) => void;
}

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export function metrics({state, version, fail}: MetricsOptions): Handler {
  const answer = async (sink: ResponseSink) => {
    const text = metricsText({...(await state()), version, facts: processFacts()});
    sink.start(200, {
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
    });
    sink.end(text);
  };
  return (_request, sink) => void answer(sink).catch(failure => fail(sink, failure));
}

export interface MetricsSources extends ServerState {
  version: string;
  facts: ProcessFacts;
}

export function metricsText({stats, version, threads, facts}: MetricsSources): string {
  const text = new MetricsText();
  text.gauge('krusty_build_info', 'Always 1; which server this is.', 1, {version, node: facts.nodeVersion});
  text.gauge('krusty_start_time_seconds', 'When the cache began, empty, since 1970.', stats.startTimeMs / 1000);
  text.gauge('krusty_revision', 'The revision of the last change.', stats.revision);
  text.gauge('krusty_max_key_bytes', 'The longest key that is taken.', stats.maxKeyBytes);
  text.gauge('krusty_max_value_bytes', 'The largest value that is taken.', stats.maxValueBytes);
  addNamespaces(text, stats.namespaces);
  if (stats.watch) addWatch(text, stats.watch);
  text.gauge('krusty_threads', 'Threads that serve.', threads.length);
  addTransport(text, threads);
  text.histograms(
    'krusty_event_loop_lag_seconds',
    'How late the event loop came to what was due, looked at ten times a second.',
    perThread(threads, ({loopLag: {counts, sumMs}}) => ({buckets: counts, sum: sumMs / 1000})),
  );
  addProcess(text, facts);
  text.gauge(
    'process_heap_bytes',
    'The heaps of JavaScript.',
    threads.reduce((sum, {heapBytes}) => sum + heapBytes, 0),
  );
  return text.toString();
}

function addNamespaces(text: MetricsText, namespaces: readonly NamespaceStats[]): void {
  const each = (value: (namespace: NamespaceStats) => number | undefined, labels = {}) =>
    namespaces.map(namespace => ({labels: {namespace: namespace.name, ...labels}, value: value(namespace)}));
  text.gauges(
    'krusty_entries',
    'Entries held.',
    each(({stats}) => stats.entries),
  );
  text.gauges(
    'krusty_max_entries',
    'The limit on entries.',
    each(({stats}) => stats.maxEntries),
  );
  text.gauges(
    'krusty_memory_bytes',
    'What the entries count against the limit.',
    each(({stats}) => stats.memoryBytes),
  );
  text.gauges(
    'krusty_max_memory_bytes',
    'The limit on that memory.',
    each(({stats}) => stats.maxMemoryBytes),
  );
  text.counters('krusty_lookups_total', 'Lookups, by whether they found an entry.', [
    ...each(({stats}) => stats.hits, {result: 'hit'}),
    ...each(({stats}) => stats.misses, {result: 'miss'}),
  ]);
  text.counters(
    'krusty_puts_total',
    'Values stored.',
    each(({stats}) => stats.puts),
  );
  text.counters(
    'krusty_deletes_total',
    'Entries removed by Delete.',
    each(({stats}) => stats.deletes),
  );
  text.counters(
    'krusty_touches_total',
    'Expiries changed.',
    each(({stats}) => stats.touches),
  );
  text.counters(
    'krusty_conditions_lost_total',
    'Conditions that did not hold.',
    each(({stats}) => stats.conditionsLost),
  );
  text.counters(
    'krusty_expirations_total',
    'Entries removed at their time.',
    each(({stats}) => stats.expirations),
  );
  text.counters('krusty_evictions_total', 'Entries evicted, by the limit that was kept.', [
    ...each(({stats}) => stats.evictionsEntries, {limit: 'entries'}),
    ...each(({stats}) => stats.evictionsMemory, {limit: 'memory'}),
  ]);
  text.counters(
    'krusty_purged_entries_total',
    'Entries removed by Purge.',
    each(({stats}) => stats.purged),
  );
  text.gauges(
    'krusty_expiry_lag_seconds',
    'For how long the entry that was removed last had been expired.',
    each(({stats}) => stats.expiryLagMs / 1000),
  );
  text.gauges('krusty_default_ttl_seconds', 'The TTL of what is stored without one.', each(secondsOf('defaultTtlMs')));
  text.gauges('krusty_max_ttl_seconds', 'The longest TTL that an entry can have.', each(secondsOf('maxTtlMs')));
  text.gauges(
    'krusty_namespace_info',
    'Always 1; how the namespace is set up.',
    namespaces.map(({name, policy}) => ({labels: {namespace: name, policy}, value: 1})),
  );
}

function secondsOf(field: 'defaultTtlMs' | 'maxTtlMs') {
  return ({[field]: ms}: NamespaceStats) => (ms === undefined ? undefined : ms / 1000);
}

function addWatch(text: MetricsText, watch: WatchStats): void {
  text.gauge('krusty_watchers', 'Watches open.', watch.watchers);
  text.gauge('krusty_watch_history_bytes', 'The memory that the history of changes has.', watch.historyBytes);
  text.gauge(
    'krusty_watch_history_start_time_seconds',
    'Since when the history knows every change, since 1970.',
    watch.historyStartMs / 1000,
  );
  text.counter('krusty_watch_trims_total', 'How often the oldest changes were given up.', watch.trims);
  text.counter(
    'krusty_watch_events_delivered_total',
    'Changes and listed entries sent, counted for each watcher.',
    watch.eventsDelivered,
  );
  text.gauge('krusty_watch_slowest_lag_revisions', 'How far behind the slowest watcher is.', watch.slowestLagRevisions);
  text.gauge('krusty_watch_slowest_lag_bytes', 'The same in bytes of history.', watch.slowestLagBytes);
  text.counter('krusty_watch_resyncs_total', 'Snapshots sent because a position was gone.', watch.resyncs);
  text.counter('krusty_watch_cancels_total', 'Watches that ended before the server did.', watch.cancels);
}

/** What each thread says, with its number as a label where there are several. */
function perThread<T extends object>(threads: readonly ThreadFacts[], tell: (facts: ThreadFacts) => T) {
  const labelsOf = (thread: number): Labels => (threads.length > 1 ? {thread: String(thread)} : {});
  return threads.map((facts, thread) => ({labels: labelsOf(thread), ...tell(facts)}));
}

/** The labels are a bounded number of phrases of ours: a peer chooses none of them. */
function addTransport(text: MetricsText, threads: readonly ThreadFacts[]): void {
  const each = (figure: (transport: TransportCounters) => number) =>
    perThread(threads, ({transport}) => ({value: transport && figure(transport)}));
  text.gauges(
    'krusty_h2_connections',
    'HTTP/2 connections open.',
    each(({connections}) => connections),
  );
  text.gauges(
    'krusty_h2_held_bytes',
    'Answers that wait to be taken by their clients, and requests that are not complete or whose turn has not come.',
    each(({heldBytes}) => heldBytes),
  );
  text.counters(
    'krusty_h2_cut_turns_total',
    'Turns of the event loop that ended with some of what clients want left for the next.',
    each(({cutTurns}) => cutTurns),
  );
  text.counters(
    'krusty_h2_refused_connections_total',
    'Connections closed at once, for there were too many.',
    each(({refusedConnections}) => refusedConnections),
  );
  const transports = threads.flatMap(({transport}) => transport ?? []);
  if (transports.length === 0) return;
  text.counters(
    'krusty_h2_connection_faults_total',
    'Connections cut off for what their client did.',
    faultSamples(transports.map(({faults}) => faults)),
  );
  text.counters(
    'krusty_h2_request_faults_total',
    'Requests ended for what their client did.',
    faultSamples(transports.map(({requestFaults}) => requestFaults)),
  );
}

/** Of all threads together. */
function faultSamples(counts: readonly ReadonlyMap<string, number>[]): Sample[] {
  const sums = new Map<string, number>();
  for (const [fault, count] of counts.flatMap(each => [...each])) sums.set(fault, (sums.get(fault) ?? 0) + count);
  return [...sums].map(([fault, value]) => ({labels: {fault}, value}));
}

/** Under the names that every client library of Prometheus gives them. */
function addProcess(text: MetricsText, facts: ProcessFacts): void {
  text.counter('process_cpu_seconds_total', 'CPU time used, of user and system.', facts.cpuSeconds);
  text.gauge('process_resident_memory_bytes', 'Resident memory.', facts.residentBytes);
  text.gauge('process_start_time_seconds', 'When the process started, since 1970.', facts.startTimeSeconds);
  if (facts.openFds !== undefined) text.gauge('process_open_fds', 'File descriptors open.', facts.openFds);
}
