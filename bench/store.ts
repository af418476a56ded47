/**
 * What an operation of the store costs, through its own door, against lru-cache and a
 * bare Map: bytes in and bytes out on all sides (store/subjects.ts).
 *
 * Each subject is a process that keeps what it holds; they run one at a time, in turn,
 * on one core, which the garbage collector's own threads then share: the figure is what
 * an operation costs in all. A Map evicts nothing, so it is left out where puts evict.
 */
import {type NodeChild, startNodeChild} from './lib/node-child.js';
import {pinning} from './lib/pin.js';
import {type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import type {Load, LoadAnswer, LoadRequest} from './store/child.js';
import {type Shape, type SubjectName, subjectNames} from './store/subjects.js';
import type {ThreadsAnswer, ThreadsRequest} from './store/threads-child.js';

const get: Load = {keys: 'uniform', putsOf20: 0, keysPerEntry: 1};
const put: Load = {keys: 'uniform', putsOf20: 20, keysPerEntry: 1};
const half: Load = {keys: 'uniform', putsOf20: 10, keysPerEntry: 1};
const tenth: Load = {keys: 'uniform', putsOf20: 2, keysPerEntry: 1};
const evicting: Load = {...half, keysPerEntry: 2};
const zipf = (load: Load): Load => ({...load, keys: 'Zipf'});

interface Population {
  shape: Shape;
  /** The one that evicts last, since after it other keys are there. */
  loads: Load[];
  subjects: readonly SubjectName[];
}

const million = 1_000_000;
const populations: Population[] = [
  {shape: {entries: million / 10, valueBytes: 100}, loads: [get, put, half, zipf(tenth)], subjects: subjectNames},
  {
    shape: {entries: million, valueBytes: 100},
    loads: [get, put, half, tenth, zipf(get), zipf(put), zipf(half), zipf(tenth), evicting],
    subjects: [...subjectNames, 'lru-cache of strings'],
  },
  {
    shape: {entries: million, valueBytes: 100, ttlMs: 3_600_000},
    loads: [half, zipf(tenth)],
    subjects: ['krusty', 'lru-cache'],
  },
  {shape: {entries: 5 * million, valueBytes: 100}, loads: [get, put, half, zipf(tenth)], subjects: subjectNames},
  {shape: {entries: million / 10, valueBytes: 4096}, loads: [get, put, half, zipf(tenth)], subjects: subjectNames},
];

interface Cell {
  shape: Shape;
  load: Load;
  nsPerOperation: Record<string, number[]>;
}

export async function store(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 2 : 5;
  const seconds = options.quick ? 0.2 : 0.4;
  const pins = await pinning();
  const cells: Cell[] = [];
  for (const population of populations) {
    if (options.quick && population.shape.entries > million) continue;
    cells.push(...(await measurePopulation(population, {runs, seconds, before: pins.server})));
  }
  const threads = await measureThreads(runs, seconds * 2);
  return {
    name: 'store',
    about:
      `Nanoseconds an operation under 16-byte keys, one thread on one core. ${runs} runs of ${seconds} s each, interleaved; medians, with the spread between the runs in brackets, ` +
      'and in bold how many times as long the peer takes as krusty. With 2 keys for each entry that fits, half of the gets miss and half of the puts evict; otherwise every key is there.',
    tables: [costTable(cells), threadsTable(threads)],
    bars: [...costBars(cells), threadsBar(threads)],
    data: {cells, threads: Object.fromEntries(threads)},
  };
}

async function measurePopulation(
  {shape, loads, subjects}: Population,
  {runs, seconds, before}: {runs: number; seconds: number; before: string[]},
): Promise<Cell[]> {
  console.log(`${describeShape(shape)} …`);
  const children = new Map<SubjectName, NodeChild>();
  const cells: Cell[] = [];
  try {
    for (const name of subjects) {
      const flags = ['--max-old-space-size=8192'];
      const child = startNodeChild('store/child.js', [name, JSON.stringify(shape)], {before, flags});
      children.set(name, child);
      // Waits until it is filled, and lets its code get hot.
      const warmUp: LoadRequest = {...half, seconds, seed: 1};
      await child.ask(warmUp);
    }
    for (const load of loads) {
      const names = subjects.filter(name => name !== 'Map' || load.keysPerEntry === 1);
      const results = await interleave(names, runs, async (name, run) => {
        const request: LoadRequest = {...load, seconds, seed: 1000 + run};
        return (await children.get(name as SubjectName)!.ask<LoadAnswer>(request)).nsPerOperation;
      });
      cells.push({shape, load, nsPerOperation: Object.fromEntries(results)});
    }
  } finally {
    for (const child of children.values()) await child.stop();
  }
  return cells;
}

function costTable(cells: Cell[]): Table {
  const rows = cells.map(({shape, load, nsPerOperation}) => {
    const own = summarize(nsPerOperation.krusty!);
    const peers = ['lru-cache', 'lru-cache of strings', 'Map'].map(name => {
      const runs = nsPerOperation[name];
      if (!runs) return '';
      const {median, spread} = summarize(runs);
      return `${round(median)} (${percent(spread)}) **${(median / own.median).toFixed(2)}×**`;
    });
    return [describeShape(shape), describeLoad(load), `${round(own.median)} (${percent(own.spread)})`, ...peers];
  });
  return {
    title: 'Nanoseconds an operation',
    head: ['entries', 'load', 'krusty', 'lru-cache', 'lru-cache, values as strings', 'Map'],
    rows,
  };
}

/** Random keys may mean keys that are there or not: both must reach the bar. */
function costBars(cells: Cell[]) {
  return [half, evicting].map(load => {
    const cell = cells.find(each => each.load === load && each.shape.entries === million && !each.shape.ttlMs)!;
    const ratio = summarize(cell.nsPerOperation['lru-cache']!).median / summarize(cell.nsPerOperation.krusty!).median;
    const name = `store 50/50, 1 M entries${load === evicting ? ', evicting' : ''}: lru-cache's time over krusty's`;
    return {name, figure: ratio, target: 2, need: 'at least' as const, unit: '×'};
  });
}

/** How many threads the store is made for, and how many use it. */
const threadRows = [
  {name: 'made for one thread, one', store: 1, threads: 1},
  {name: 'made for two threads, one', store: 2, threads: 1},
  {name: 'made for two threads, two', store: 2, threads: 2},
] as const;

async function measureThreads(runs: number, seconds: number): Promise<Map<string, ThreadsAnswer[]>> {
  console.log('threads …');
  const child = startNodeChild('store/threads-child.js', [String(million)]);
  const ask = async (name: string) => {
    const {store, threads} = threadRows.find(row => row.name === name)!;
    const request: ThreadsRequest = {store, threads, seconds};
    return await child.ask<ThreadsAnswer>(request);
  };
  try {
    const names = threadRows.map(row => row.name);
    await interleave(names, 1, ask);
    return await interleave(names, runs, ask);
  } finally {
    await child.stop();
  }
}

function threadsTable(threads: Map<string, ThreadsAnswer[]>): Table {
  const base = rateOf(threads, threadRows[0].name).median;
  const rows = [...threads].map(([name, answers]) => {
    const {median, spread} = rateOf(threads, name);
    const cores = summarize(answers.map(answer => answer.cores)).median;
    return [name, `${round(median)} (${percent(spread)})`, `${(median / base).toFixed(2)}×`, cores.toFixed(2)];
  });
  return {
    title:
      'Threads on one store of 1 M entries of 100 bytes, 90/10, uniform keys, not pinned; where two threads had less than two cores, others had the rest',
    head: ['store and threads', 'operations/s', 'ratio', 'cores used'],
    rows,
  };
}

/** Against one thread on a store made for one, which takes no locks: what a user would have instead. */
function threadsBar(threads: Map<string, ThreadsAnswer[]>) {
  const [one, , two] = threadRows.map(({name}) => rateOf(threads, name).median);
  return {name: 'store two threads over one', figure: two! / one!, target: 1.6, need: 'at least' as const, unit: '×'};
}

function rateOf(threads: Map<string, ThreadsAnswer[]>, name: string) {
  return summarize(threads.get(name)!.map(answer => answer.operationsPerSecond));
}

function describeShape({entries, valueBytes, ttlMs}: Shape): string {
  return `${entries / million} M of ${valueBytes} bytes${ttlMs === undefined ? '' : ' with TTL'}`;
}

function describeLoad({keys, putsOf20, keysPerEntry}: Load): string {
  const operations = {0: 'get', 20: 'put', 10: 'get and put 50/50', 2: '90/10'}[putsOf20];
  return `${operations}, ${keys}${keysPerEntry === 1 ? '' : `, ${keysPerEntry} keys an entry`}`;
}
