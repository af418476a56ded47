/** What a delivery costs the server over gRPC, against etcd, Redis and NATS. */
import type {Bar} from '../lib/report.js';
import type {RowOptions, RowResult} from '../lib/rows.js';
import {type CrowdRuns, crowdData, crowdTable, deliveryRate, measureCrowds} from './crowd.js';
import {etcdName, ownName, presentSubjects} from './subjects.js';

const overEtcdLeast = 1.5;

export async function fanOut(options: RowOptions): Promise<RowResult> {
  const {subjects, missing} = await presentSubjects();
  const runs = await measureCrowds(subjects, options);
  const table = crowdTable(runs, {...options, first: ownName, missing});
  return {tables: [table], bars: bars(runs), data: crowdData(runs)};
}

/** Both paces must reach it, each watcher having a stream on either side. */
function bars(data: CrowdRuns): Bar[] {
  return Object.entries(data).map(([pace, results]) => {
    const etcd = results.get(etcdName);
    const figure = etcd ? deliveryRate(results.get(ownName)!).median / deliveryRate(etcd).median : Number.NaN;
    const name = `watch fan-out, ${pace}: deliveries a CPU second over etcd's`;
    return {name, figure, target: overEtcdLeast, need: 'at least', unit: '×'};
  });
}
