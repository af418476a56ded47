/**
 * Ten thousand watchers of keys that nobody writes: what they cost the puts of other
 * keys. One server, with and without them in turn.
 */
import {measureCpu, waitUntilIdle} from '../lib/cpu.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import {interleave, summarize} from '../lib/statistics.js';
import {grpcJs} from '../lib/subjects.js';
import {startLoad, type Writes, type Written} from './load.js';
import type {RowOptions, RowResult} from './row.js';

const writes: Writes = {key: 'busy-', keys: 10_000, valueBytes: 100, underWay: 100};
const warmUpSeconds = 3;
const slowerMost = 10;
const names = ['without watchers', 'with watchers'] as const;

interface Run extends Written {
  cpuUsPerPut: number;
  othersShare: number;
}

export async function idle({quick, pins}: RowOptions): Promise<RowResult> {
  const runs = quick ? 2 : 7;
  const seconds = quick ? 0.5 : 2;
  const [watchers, connections] = quick ? [1000, 10] : [10_000, 100];
  const server = await grpcJs.start(pins.server);
  // Two processes, so that the writer is the same whether the other has watchers or not.
  const watcher = await startLoad('krusty', server.address, pins.load);
  const writer = await startLoad('krusty', server.address, pins.load);
  const measure = async (name: string): Promise<Run> => {
    if (name === 'with watchers') await watcher.open({watchers, connections, key: 'idle-', ownKeys: true});
    // What the opening or closing of streams left to do is not the puts'. Garbage is not collected by force: that
    // throws away optimised code too, and the more so the less there is to collect.
    await waitUntilIdle(server.pid);
    const {result, cpu} = await measureCpu(server.pid, () => writer.write({...writes, seconds}));
    if (name === 'with watchers') await watcher.close();
    return {...result, cpuUsPerPut: (cpu.seconds * 1e6) / result.puts, othersShare: cpu.othersShare};
  };
  try {
    console.log(`puts beside ${round(watchers)} idle watchers …`);
    await writer.write({...writes, seconds: warmUpSeconds});
    await interleave(names, 1, measure);
    const results = await interleave(names, runs, measure);
    return {tables: [table(results, watchers)], bars: [bar(results)], data: Object.fromEntries(results)};
  } finally {
    await watcher.stop();
    await writer.stop();
    await server.stop();
  }
}

function costOf(results: Map<string, Run[]>, name: string) {
  return summarize(results.get(name)!.map(run => run.cpuUsPerPut));
}

function table(results: Map<string, Run[]>, watchers: number): Table {
  const rows = names.map(name => {
    const runs = results.get(name)!;
    const cost = costOf(results, name);
    return [
      name,
      `${round(cost.median)} (${percent(cost.spread)})`,
      round(summarize(runs.map(run => run.puts / run.seconds)).median),
      percent(summarize(runs.map(run => run.othersShare)).median),
    ];
  });
  return {
    title: `Puts of ${writes.valueBytes} bytes, ${writes.underWay} on their way at once, to keys other than those of ${round(watchers)} watchers`,
    head: ['server', 'server CPU, µs a put', 'puts/s', 'others on its core'],
    rows,
  };
}

function bar(results: Map<string, Run[]>): Bar {
  const [without, withThem] = names.map(name => costOf(results, name).median);
  const figure = (withThem! / without! - 1) * 100;
  return {name: 'watch idle: puts slower by', figure, target: slowerMost, need: 'at most', unit: '%'};
}
