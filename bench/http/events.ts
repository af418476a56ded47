/** What a delivery to a watcher costs over HTTP, as server-sent events, against a gRPC watch on grpc-js. */

import type {RowOptions, RowResult} from '../lib/rows.js';
import {krusty} from '../lib/subjects.js';
import {crowdData, crowdTable, deliveryRate, measureCrowds} from '../watch/crowd.js';
import {ownName, type WatchSubject, watchSubjects} from '../watch/subjects.js';

const overGrpcLeast = 1;

/** The same server, and the same writer. */
const sentEvents: WatchSubject = {
  name: 'krusty, server-sent events',
  load: 'events',
  sharesConnections: false,
  start: before => krusty('', ['--transport', 'grpc-js']).start(before),
  missing: async () => undefined,
};

export async function events(options: RowOptions): Promise<RowResult> {
  const grpc = watchSubjects.find(({name}) => name === ownName)!;
  const runs = await measureCrowds([sentEvents, grpc], options);
  const bars = Object.entries(runs).map(([pace, results]) => ({
    name: `http events, ${pace}: deliveries a CPU second over those of gRPC on grpc-js`,
    figure: deliveryRate(results.get(sentEvents.name)!).median / deliveryRate(results.get(ownName)!).median,
    target: overGrpcLeast,
    need: 'at least' as const,
    unit: '×',
  }));
  return {tables: [crowdTable(runs, {...options, first: sentEvents.name})], bars, data: crowdData(runs)};
}
