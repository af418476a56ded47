/** AdminService: its messages to the operations of the backend and back. */
import type {Answer, Backend, CacheStats, ExplainAnswer, StatsAnswer, WatchStats} from '../cache/index.js';
import * as messages from '../gen/krusty/cache/v1/admin_service.js';
import {EventType} from '../gen/krusty/cache/v1/entry.js';
import {map} from './answer.js';
import {eventTypes, evictionLimitOf} from './changes.js';
import {durationToWire, timestampToWire} from './convert.js';
import {listedEntryMessage} from './entries.js';
import {type Method, unary} from './method.js';

const service = messages.AdminServiceService;

/** What GetStats tells of the server. */
export interface ServerFacts {
  version: string;
  threads: number;
  stats: () => Answer<StatsAnswer>;
}

export function adminService(backend: Backend, facts: ServerFacts): Method[] {
  return [
    unary(service.list.path, messages.ListRequest, messages.ListResponse, request =>
      map(backend.list(request), ({entries, nextPageToken}) => ({
        entries: entries.map(entry => listedEntryMessage(entry, request.view)),
        nextPageToken,
      })),
    ),
    unary(service.purge.path, messages.PurgeRequest, messages.PurgeResponse, request =>
      map(backend.purge(request), ({revision}) => ({revision: BigInt(revision)})),
    ),
    unary(service.explain.path, messages.ExplainRequest, messages.ExplainResponse, request =>
      map(backend.explain(request), explainResponse),
    ),
    unary(service.getStats.path, messages.GetStatsRequest, messages.GetStatsResponse, () =>
      map(facts.stats(), answer => statsResponse(answer, facts)),
    ),
  ];
}

function explainResponse({change, historyStartMs, present}: ExplainAnswer): messages.ExplainResponse {
  return {
    type: change ? eventTypes[change.type] : EventType.EVENT_TYPE_UNSPECIFIED,
    revision: BigInt(change?.revision ?? 0),
    changeTime: timestampToWire(change?.changeTimeMs),
    evictionLimit: evictionLimitOf(change?.evictionLimit),
    purgePrefix: change?.purgePrefix ?? '',
    historyStartTime: timestampToWire(historyStartMs),
    present,
  };
}

function statsResponse(answer: StatsAnswer, {version, threads}: ServerFacts): messages.GetStatsResponse {
  return {
    version,
    startTime: timestampToWire(answer.startTimeMs),
    revision: BigInt(answer.revision),
    total: statsMessage(answer.total),
    namespaces: answer.namespaces.map(({name, stats, defaultTtlMs, maxTtlMs, policy}) => ({
      name,
      stats: statsMessage(stats),
      defaultTtl: durationToWire(defaultTtlMs),
      maxTtl: durationToWire(maxTtlMs),
      policy,
    })),
    maxKeyBytes: answer.maxKeyBytes,
    maxValueBytes: answer.maxValueBytes,
    watchers: BigInt(answer.watch?.watchers ?? 0),
    watch: answer.watch && watchStatsMessage(answer.watch),
    threads,
  };
}

function statsMessage(stats: CacheStats): messages.CacheStats {
  const lookups = stats.hits + stats.misses;
  return {
    entries: BigInt(stats.entries),
    maxEntries: BigInt(stats.maxEntries),
    memoryBytes: BigInt(stats.memoryBytes),
    maxMemoryBytes: BigInt(stats.maxMemoryBytes),
    hits: BigInt(stats.hits),
    misses: BigInt(stats.misses),
    hitRatio: lookups === 0 ? 0 : stats.hits / lookups,
    puts: BigInt(stats.puts),
    deletes: BigInt(stats.deletes),
    touches: BigInt(stats.touches),
    conditionsLost: BigInt(stats.conditionsLost),
    expirations: BigInt(stats.expirations),
    evictionsEntries: BigInt(stats.evictionsEntries),
    evictionsMemory: BigInt(stats.evictionsMemory),
    purged: BigInt(stats.purged),
    expiryLag: durationToWire(stats.expiryLagMs),
  };
}

function watchStatsMessage(stats: WatchStats): messages.WatchStats {
  return {
    historyBytes: BigInt(stats.historyBytes),
    historyStartTime: timestampToWire(stats.historyStartMs),
    trims: BigInt(stats.trims),
    watchers: BigInt(stats.watchers),
    eventsDelivered: BigInt(stats.eventsDelivered),
    slowestLagRevisions: BigInt(stats.slowestLagRevisions),
    slowestLagBytes: BigInt(stats.slowestLagBytes),
    resyncs: BigInt(stats.resyncs),
    cancels: BigInt(stats.cancels),
  };
}
