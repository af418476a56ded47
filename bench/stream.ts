/**
 * What a delivery to a watcher costs on each transport of this server, and on Redis
 * pub/sub: the fan-out of the bench `watch`, for the transports' sake.
 */
import {pinning} from './lib/pin.js';
import type {Bar, BenchOptions, BenchResult} from './lib/report.js';
import {grpcJs, wire} from './lib/subjects.js';
import {type FanOutRuns, fanOutTable, measureFanOut, plain, rateOf} from './watch/fan-out.js';
import {presentSubjects, redisPubSub, watchedKrusty} from './watch/subjects.js';

const overGrpcJsLeast = 2;
const overRedisLeast = 1;

export async function stream({quick}: BenchOptions): Promise<BenchResult> {
  const pins = await pinning();
  const {subjects, missing} = await presentSubjects([watchedKrusty(wire), watchedKrusty(grpcJs), redisPubSub]);
  const data = await measureFanOut(subjects, {quick, pins});
  return {
    name: 'stream',
    about: `Every watcher must get every event, once and in order. ${pins.note}; subjects interleaved, medians, with the spread between the runs in brackets.`,
    tables: [fanOutTable(data, missing, wire.name, {quick, pins})],
    bars: [...bars(data, grpcJs.name, overGrpcJsLeast), ...bars(data, redisPubSub.name, overRedisLeast)],
    data: plain(data),
  };
}

/** At each pace; none where the peer was not measured. */
function bars(data: FanOutRuns, peer: string, target: number): Bar[] {
  return Object.entries(data).flatMap(([pace, results]): Bar[] => {
    const peerRuns = results.get(peer);
    if (!peerRuns) return [];
    const figure = rateOf(results.get(wire.name)!).median / rateOf(peerRuns).median;
    const name = `stream ${pace}: deliveries a CPU second of ${wire.name} over ${peer}`;
    return [{name, figure, target, need: 'at least', unit: '×'}];
  });
}
