/**
 * What a delivery costs over HTTP, as a server-sent event, against a gRPC watch on
 * grpc-js. Over HTTP/1.1 each watcher has a connection of its own, as each has that is a
 * process of its own; so it is compared with gRPC watchers of which each has one, too.
 * The table also has those that share connections, whose messages leave together.
 */
import type {RowOptions, RowResult} from '../lib/rows.js';
import {grpcJs} from '../lib/subjects.js';
import {crowdData, crowdTable, deliveryRate, measureCrowds} from '../watch/crowd.js';
import {ownName, type WatchSubject, watchedKrusty} from '../watch/subjects.js';

const overGrpcLeast = 1;

/** The same for all: as fast as it goes, the reader who takes longest lets most changes share a message. */
const paces = {'20 puts a second': {perSecond: 20}, '100 puts a second': {perSecond: 100}};

/** The same server everywhere, and the same writer, who speaks gRPC. */
const sentEvents: WatchSubject = {
  name: 'krusty, server-sent events, a connection each',
  load: 'events',
  sharesConnections: false,
  start: grpcJs.start,
  missing: grpcJs.missing,
};
const shared = watchedKrusty(grpcJs);
const each: WatchSubject = {...shared, name: `${ownName}, a connection each`, sharesConnections: false};

export async function events(options: RowOptions): Promise<RowResult> {
  const runs = await measureCrowds([sentEvents, each, shared], options, paces);
  const bars = Object.entries(runs).map(([pace, results]) => ({
    name: `http events, ${pace}: deliveries a CPU second over those of gRPC on grpc-js`,
    figure: deliveryRate(results.get(sentEvents.name)!).median / deliveryRate(results.get(each.name)!).median,
    target: overGrpcLeast,
    need: 'at least' as const,
    unit: '×',
  }));
  return {tables: [crowdTable(runs, {...options, first: sentEvents.name})], bars, data: crowdData(runs)};
}
