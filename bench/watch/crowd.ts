/**
 * One key, a thousand watchers, one writer who waits for each answer, against servers in
 * turn: what a delivery costs each of them. At a pace that all sustain, each put is
 * delivered alone; as fast as it goes, a server may put several events into one message,
 * which the table shows.
 */
import type {ServerProcess} from '../../test/interop/lib/server.js';
import {measureCpu} from '../lib/cpu.js';
import {percent, round, type Table} from '../lib/report.js';
import type {RowOptions} from '../lib/rows.js';
import {interleave, type Summary, summarize} from '../lib/statistics.js';
import {type Load, startLoad, type Writes, type Written} from './load.js';
import type {WatchSubject} from './subjects.js';

const key = 'bench';
const valueBytes = 100;
/** Of those subjects whose connections have many watchers. */
const sharedConnections = 10;

type Paces = Record<string, Pick<Writes, 'perSecond'>>;

const usualPaces: Paces = {
  '20 puts a second': {perSecond: 20},
  'as fast as it goes': {},
};

interface Run extends Written {
  cpuSeconds: number;
  othersShare: number;
}

/** By pace, then by server. */
export type CrowdRuns = Record<string, Map<string, Run[]>>;

export async function measureCrowds(
  subjects: readonly WatchSubject[],
  {quick, pins}: RowOptions,
  paces = usualPaces,
): Promise<CrowdRuns> {
  const runs = quick ? 1 : 5;
  const seconds = quick ? 1 : 2.5;
  const watchers = watchersIn(quick);
  const servers = new Map<string, {server: ServerProcess; load: Load}>();
  const data: CrowdRuns = {};
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

function watchersIn(quick: boolean): number {
  return quick ? 200 : 1000;
}

async function startWatched(subject: WatchSubject, watchers: number, pins: RowOptions['pins']) {
  const server = await subject.start(pins.server);
  const load = await startLoad(subject.load, server.address, pins.load);
  await load.open({watchers, connections: subject.sharesConnections ? sharedConnections : watchers, key});
  return {server, load};
}

/** Deliveries a second of the server's CPU. */
export function deliveryRate(runs: Run[]): Summary {
  return summarize(runs.map(({events, cpuSeconds}) => events / cpuSeconds));
}

export interface CrowdTableOptions {
  quick: boolean;
  /** The server that the others are compared with. */
  first: string;
  /** Servers that could not be had, and why. */
  missing?: ReadonlyMap<string, string>;
}

export function crowdTable(data: CrowdRuns, {quick, first, missing = new Map()}: CrowdTableOptions): Table {
  const rows = Object.entries(data).flatMap(([pace, results]) => [
    ...[...results].map(([name, runs]) => {
      const rate = deliveryRate(runs);
      const firstRate = deliveryRate(results.get(first)!).median;
      const median = (of: (run: Run) => number) => summarize(runs.map(of)).median;
      return [
        pace,
        name,
        `${round(rate.median)} (${percent(rate.spread)})`,
        `${(firstRate / rate.median).toFixed(2)}×`,
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
    title: `${round(watchersIn(quick))} watchers of one key, values of ${valueBytes} bytes, one writer; ${sharedConnections} connections, or one for each subscriber of Redis and where so said`,
    head: [
      ...['writer', 'server', "deliveries a second of the server's CPU", `${first} over it`, 'puts/s'],
      ...['events a run', 'messages', 'server CPU, s', 'others on its core'],
    ],
    rows,
  };
}

/** Every run's figures, for the record. */
export function crowdData(data: CrowdRuns): unknown {
  return Object.fromEntries(Object.entries(data).map(([pace, results]) => [pace, Object.fromEntries(results)]));
}
