/**
 * One key, a thousand watchers, one writer who waits for each answer: what a delivery
 * costs the server. At a pace that all sustain, each put is delivered alone; as fast as
 * it goes, a server may put several events into one message, which the table shows.
 */
import type {ServerProcess} from '../../test/interop/lib/server.js';
import {measureCpu} from '../lib/cpu.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import {interleave, summarize} from '../lib/statistics.js';
import {type Load, startLoad, type Writes, type Written} from './load.js';
import type {RowOptions, RowResult} from './row.js';
import {etcdName, ownName, presentSubjects, type WatchSubject} from './subjects.js';

const key = 'bench';
const valueBytes = 100;
/** Of those servers whose connections have many watchers. */
const connections = 10;
const overEtcdLeast = 1.5;

const paces: Record<string, Pick<Writes, 'perSecond'>> = {
  '20 puts a second': {perSecond: 20},
  'as fast as it goes': {},
};

interface Run extends Written {
  cpuSeconds: number;
  othersShare: number;
}

/** By pace, then by server. */
export type FanOutRuns = Record<string, Map<string, Run[]>>;

export async function fanOut(options: RowOptions): Promise<RowResult> {
  const {subjects, missing} = await presentSubjects();
  const runs = await measureFanOut(subjects, options);
  return {tables: [fanOutTable(runs, missing, ownName, options)], bars: bars(runs), data: plain(runs)};
}

/** For the JSON file. */
export function plain(data: FanOutRuns): unknown {
  return Object.fromEntries(Object.entries(data).map(([pace, results]) => [pace, Object.fromEntries(results)]));
}

export async function measureFanOut(subjects: readonly WatchSubject[], {quick, pins}: RowOptions): Promise<FanOutRuns> {
  const runs = quick ? 1 : 5;
  const seconds = quick ? 1 : 2.5;
  const watchers = watchersOf(quick);
  const servers = new Map<string, {server: ServerProcess; load: Load}>();
  const data: FanOutRuns = {};
  const measure = async (name: string, pace: Pick<Writes, 'perSecond'>, span: number): Promise<Run> => {
    const {server, load} = servers.get(name)!;
    const {result, cpu} = await measureCpu(server.pid, () => load.write({key, valueBytes, seconds: span, ...pace}));
    return {...result, cpuSeconds: cpu.seconds, othersShare: cpu.othersShare};
  };
  try {
    for (const subject of subjects) {
      console.log(`${watchers} watchers on ${subject.name} …`);
      servers.set(subject.name, await startWatched(subject, watchers, pins));
      await measure(subject.name, {}, seconds);
    }
    for (const [name, pace] of Object.entries(paces)) {
      console.log(`${name} …`);
      data[name] = await interleave([...servers.keys()], runs, subject => measure(subject, pace, seconds));
    }
  } finally {
    for (const {server, load} of servers.values()) {
      await load.stop();
      await server.stop();
    }
  }
  return data;
}

function watchersOf(quick: boolean): number {
  return quick ? 200 : 1000;
}

async function startWatched(subject: WatchSubject, watchers: number, pins: RowOptions['pins']) {
  const server = await subject.start(pins.server);
  const load = await startLoad(subject.load, server.address, pins.load);
  await load.open({watchers, connections, key});
  return {server, load};
}

/** Deliveries a second of the server's CPU. */
export function rateOf(runs: Run[]) {
  return summarize(runs.map(({events, cpuSeconds}) => events / cpuSeconds));
}

/** Ratios are over the server of this name. */
export function fanOutTable(
  data: FanOutRuns,
  missing: Map<string, string>,
  ownName: string,
  {quick}: RowOptions,
): Table {
  const rows = Object.entries(data).flatMap(([pace, results]) => [
    ...[...results].map(([name, runs]) => {
      const rate = rateOf(runs);
      const own = rateOf(results.get(ownName)!).median;
      const median = (of: (run: Run) => number) => summarize(runs.map(of)).median;
      return [
        pace,
        name,
        `${round(rate.median)} (${percent(rate.spread)})`,
        `${(own / rate.median).toFixed(2)}×`,
        round(median(run => run.puts / run.writeSeconds)),
        round(median(run => run.events)),
        round(median(run => run.messages)),
        round(median(run => run.cpuSeconds)),
        percent(median(run => run.othersShare)),
      ];
    }),
    ...[...missing].map(([name, what]) => [pace, name, `not installed: ${what}`, '', '', '', '', '', '']),
  ]);
  return {
    title: `${round(watchersOf(quick))} watchers of one key, values of ${valueBytes} bytes, one writer; ${connections} connections, but one for each subscriber of Redis`,
    head: [
      ...['writer', 'server', "deliveries a second of the server's CPU", "krusty's over it", 'puts/s'],
      ...['events a run', 'messages', 'server CPU, s', 'others on its core'],
    ],
    rows,
  };
}

/** Both paces must reach it, each watcher having a stream on either side. */
function bars(data: FanOutRuns): Bar[] {
  return Object.entries(data).map(([pace, results]) => {
    const etcd = results.get(etcdName);
    const figure = etcd ? rateOf(results.get(ownName)!).median / rateOf(etcd).median : Number.NaN;
    const name = `watch fan-out, ${pace}: deliveries a CPU second over etcd's`;
    return {name, figure, target: overEtcdLeast, need: 'at least', unit: '×'};
  });
}
