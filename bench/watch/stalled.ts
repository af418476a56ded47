/**
 * One watcher of a hundred stops reading, so that its TCP window closes: the others must
 * not feel it, and the server must not keep for it what it does not read. When it reads
 * again, it must come to the last value by itself.
 */
import {measureCpu} from '../lib/cpu.js';
import {type OwnServer, startOwnServer} from '../lib/own-server.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import type {RowOptions, RowResult} from '../lib/rows.js';
import {interleave, summarize} from '../lib/statistics.js';
import {type Load, type Resumed, startLoad, type Written} from './load.js';

const key = 'bench';
const others = 99;
const connections = 10;
const valueBytes = 100;
/** Another key, which only the stalled watcher has: by its values what lies between server and reader gets full. */
const filler = {key: 'filler', valueBytes: 32 * 1024};
const fillerPuts = 256;
/** So many more are written while the memory is watched. */
const missedPuts = 2048;
/** The least, so that the history passes the stalled watcher again and again. */
const watchHistoryBytes = 2 ** 20;
const rateShareLeast = 95;
const growthMostMib = 8;

const names = ['all read', 'one has stalled'] as const;
type Name = (typeof names)[number];

interface RateRun extends Written {
  cpuSeconds: number;
  othersShare: number;
  resumed?: Resumed;
}

/** Growth, in bytes. */
interface MemoryRun {
  resident: number;
  engine: number;
  resumed?: Resumed;
}

interface Setting {
  server: OwnServer;
  load: Load;
  seconds: number;
}

export async function stalled({quick, pins}: RowOptions): Promise<RowResult> {
  const runs = quick ? 2 : 7;
  const server = await startOwnServer({watchHistoryBytes}, pins.server);
  const load = await startLoad('krusty', server.address, pins.load);
  const setting: Setting = {server, load, seconds: quick ? 0.5 : 2};
  try {
    console.log(`${others} watchers and one that stalls …`);
    await load.open({watchers: others, connections, key});
    const rate = (name: string) => beside(name as Name, setting, measureRate);
    const memory = (name: string) => beside(name as Name, setting, measureMemory);
    await interleave(names, 1, rate);
    const rates = await interleave(names, runs, rate);
    await interleave(names, 1, memory);
    const growths = await interleave(names, quick ? 1 : 5, memory);
    return {
      tables: [rateTable(rates), memoryTable(growths)],
      bars: bars(rates, growths),
      data: {rates: Object.fromEntries(rates), memory: Object.fromEntries(growths)},
    };
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** Measures with or without the stalled watcher, which reads again afterwards. */
async function beside<T>(
  name: Name,
  setting: Setting,
  measure: (setting: Setting) => Promise<T>,
): Promise<T & {resumed?: Resumed}> {
  const {load} = setting;
  if (name === 'one has stalled') await load.stall(key, filler.key);
  await load.write({...filler, puts: fillerPuts});
  const result: T = await measure(setting);
  return {...result, resumed: name === 'one has stalled' ? await load.resume() : undefined};
}

/** As fast as the one writer goes, who waits for each answer. */
async function measureRate({server, load, seconds}: Setting): Promise<RateRun> {
  const {result, cpu} = await measureCpu(server.pid, () => load.write({key, valueBytes, seconds}));
  return {...result, cpuSeconds: cpu.seconds, othersShare: cpu.othersShare};
}

async function measureMemory({server, load, seconds}: Setting): Promise<MemoryRun> {
  const before = await server.memory();
  await load.write({key, valueBytes, seconds});
  await load.write({...filler, puts: missedPuts});
  const after = await server.memory();
  return {resident: after.now - before.now, engine: after.engineBytes - before.engineBytes};
}

function rateOf(runs: RateRun[]) {
  return summarize(runs.map(({events, seconds}) => events / seconds));
}

function rateTable(rates: Map<string, RateRun[]>): Table {
  const rows = names.map(name => {
    const runs = rates.get(name)!;
    const rate = rateOf(runs);
    const perCpu = summarize(runs.map(({events, cpuSeconds}) => events / cpuSeconds));
    return [
      name,
      `${round(rate.median)} (${percent(rate.spread)})`,
      `${round(perCpu.median)} (${percent(perCpu.spread)})`,
      percent(summarize(runs.map(run => run.othersShare)).median),
      healing(runs),
    ];
  });
  return {
    title: `${others} watchers who read, and one more; values of ${valueBytes} bytes, a history of ${watchHistoryBytes / 2 ** 20} MiB`,
    head: ['watchers', 'deliveries/s to the others', 'a CPU second', 'others on its core', 'once it read again'],
    rows,
  };
}

function memoryTable(growths: Map<string, MemoryRun[]>): Table {
  const rows = names.map(name => {
    const runs = growths.get(name)!;
    const mib = (of: (run: MemoryRun) => number) => {
      const {median, least, most} = summarize(runs.map(run => of(run) / 2 ** 20));
      return `${round(median)} (${round(least)} to ${round(most)})`;
    };
    return [name, mib(run => run.resident), mib(run => run.engine), healing(runs)];
  });
  const missed = (missedPuts * filler.valueBytes) / 2 ** 20;
  return {
    title: `Growth of the server's memory while the stalled watcher misses ${round(missed)} MiB, in MiB`,
    head: ['watchers', 'resident', "of the engine's heap", 'once it read again'],
    rows,
  };
}

/** What the stalled watcher was sent in the end, all runs together. */
function healing(runs: {resumed?: Resumed}[]): string {
  const sum = (of: (resumed: Resumed) => number) =>
    runs.reduce((total, {resumed}) => total + (resumed ? of(resumed) : 0), 0);
  if (!runs[0]!.resumed) return '';
  return `${round(sum(each => each.events))} events, ${sum(each => each.gaps)} gaps, ${sum(each => each.snapshotEnds)} snapshots`;
}

function bars(rates: Map<string, RateRun[]>, growths: Map<string, MemoryRun[]>): Bar[] {
  const [all, stall] = names.map(name => rateOf(rates.get(name)!).median);
  const growth = summarize(growths.get('one has stalled')!.map(run => run.resident)).median;
  return [
    {
      name: "watch stalled: the others' deliveries a second, of those without it",
      figure: (stall! / all!) * 100,
      target: rateShareLeast,
      need: 'at least',
      unit: '%',
    },
    {
      name: 'watch stalled: growth of resident memory',
      figure: growth / 2 ** 20,
      target: growthMostMib,
      need: 'at most',
      unit: 'MiB',
    },
  ];
}
