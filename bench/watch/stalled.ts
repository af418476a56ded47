/**
 * One watcher of a hundred stops reading, so that its TCP window closes: the others must
 * not feel it, and the server must not keep for it what it does not read. When it reads
 * again, it must come to the last value by itself.
 */
import {measureCpu} from '../lib/cpu.js';
import {type OwnServer, startOwnServer} from '../lib/own-server.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import {interleave, summarize} from '../lib/statistics.js';
import {type Load, type Resumed, startLoad, type Written} from './load.js';
import type {RowOptions, RowResult} from './row.js';

const key = 'bench';
const others = 99;
const connections = 10;
/** The least, so that the history passes the stalled watcher again and again. */
const watchHistoryBytes = 2 ** 20;
/** Large ones while the memory is measured, so that it would show if they were kept. */
const valueBytes = {rate: 100, memory: 16 * 1024};
const rateShareLeast = 95;
const growthMostMib = 8;

const names = ['all read', 'one has stalled'] as const;
type Name = (typeof names)[number];

interface RateRun extends Written {
  cpuSeconds: number;
  othersShare: number;
  resumed?: Resumed;
}

interface MemoryRun {
  residentGrowth: number;
  engineGrowth: number;
  /** What was written meanwhile, and not read by the stalled one. */
  writtenBytes: number;
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
    const rate = (name: string) => measureRate(name as Name, setting);
    await interleave(names, 1, rate);
    const rates = await interleave(names, runs, rate);
    const memory = await interleave(names, quick ? 1 : 3, name => measureMemory(name as Name, setting));
    return {
      tables: [rateTable(rates), memoryTable(memory)],
      bars: bars(rates, memory),
      data: {rates: Object.fromEntries(rates), memory: Object.fromEntries(memory)},
    };
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** As fast as the one writer goes, who waits for each answer. */
async function measureRate(name: Name, {server, load, seconds}: Setting): Promise<RateRun> {
  if (name === 'one has stalled') await load.stall(key);
  const write = () => load.write({key, valueBytes: valueBytes.rate, seconds});
  const {result, cpu} = await measureCpu(server.pid, write);
  const resumed = name === 'one has stalled' ? await load.resume() : undefined;
  return {...result, cpuSeconds: cpu.seconds, othersShare: cpu.othersShare, resumed};
}

/** From some time after the stall, when what lies between server and reader is full. */
async function measureMemory(name: Name, {server, load, seconds}: Setting): Promise<MemoryRun> {
  if (name === 'one has stalled') await load.stall(key);
  const write = (span: number) => load.write({key, valueBytes: valueBytes.memory, seconds: span});
  await write(seconds);
  const before = await server.memory();
  const {puts} = await write(3 * seconds);
  const after = await server.memory();
  return {
    residentGrowth: after.now - before.now,
    engineGrowth: after.engineBytes - before.engineBytes,
    writtenBytes: puts * valueBytes.memory,
    resumed: name === 'one has stalled' ? await load.resume() : undefined,
  };
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
    title: `${others} watchers who read, and one more; values of ${valueBytes.rate} bytes, a history of 1 MiB`,
    head: ['watchers', 'deliveries/s to the others', 'a CPU second', 'others on its core', 'once it read again'],
    rows,
  };
}

function memoryTable(memory: Map<string, MemoryRun[]>): Table {
  const mib = (of: (run: MemoryRun) => number, runs: MemoryRun[]) => round(summarize(runs.map(of)).median / 2 ** 20);
  const rows = names.map(name => {
    const runs = memory.get(name)!;
    return [
      name,
      mib(run => run.writtenBytes, runs),
      mib(run => run.residentGrowth, runs),
      mib(run => run.engineGrowth, runs),
      healing(runs),
    ];
  });
  return {
    title: `Growth of memory meanwhile, MiB, values of ${valueBytes.memory / 1024} KiB`,
    head: ['watchers', 'written', 'resident', "of the engine's heap", 'once it read again'],
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

function bars(rates: Map<string, RateRun[]>, memory: Map<string, MemoryRun[]>): Bar[] {
  const [all, stall] = names.map(name => rateOf(rates.get(name)!).median);
  const growth = summarize(memory.get('one has stalled')!.map(run => run.residentGrowth)).median;
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
