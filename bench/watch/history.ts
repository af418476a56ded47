/** What writing changes down costs a put that nobody watches: the store with history against the store without. */
import {startNodeChild} from '../lib/node-child.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import type {RowOptions, RowResult} from '../lib/rows.js';
import {interleave, summarize} from '../lib/statistics.js';
import type {Load, LoadAnswer, LoadRequest} from '../store/child.js';
import type {Shape} from '../store/subjects.js';

const historyBytes = 32 * 2 ** 20;
const slowerMost = 15;

const put: Load = {keys: 'uniform', putsOf20: 20, keysPerEntry: 1};
const putAtLimit: Load = {...put, keysPerEntry: 2};

/** At the limit comes last, since after it other keys are there. */
const populations: {shape: Shape; loads: Load[]; counts: boolean}[] = [
  {shape: {entries: 1_000_000, valueBytes: 100}, loads: [put, putAtLimit], counts: true},
  {shape: {entries: 100_000, valueBytes: 100}, loads: [put, putAtLimit], counts: true},
  {shape: {entries: 100_000, valueBytes: 4096}, loads: [put, putAtLimit], counts: false},
];

interface Cell {
  shape: Shape;
  load: Load;
  /** Nanoseconds of each run. */
  off: number[];
  on: number[];
  /** Whether the bar is for this one. */
  counts: boolean;
}

export async function history({quick, pins}: RowOptions): Promise<RowResult> {
  const runs = quick ? 2 : 9;
  const seconds = quick ? 0.2 : 0.4;
  const cells: Cell[] = [];
  for (const {shape, loads, counts} of populations) {
    console.log(`puts of ${shape.valueBytes} bytes, with history and without …`);
    const start = (given: Shape) =>
      startNodeChild('store/child.js', ['krusty', JSON.stringify(given)], {before: pins.server});
    const children = {off: start(shape), on: start({...shape, historyBytes})};
    const ask = async (name: string, request: LoadRequest) =>
      (await children[name as keyof typeof children].ask<LoadAnswer>(request)).nsPerOperation;
    try {
      // Waits until it is filled, and lets its code get hot.
      for (const name of ['off', 'on']) await ask(name, {...put, seconds: 2 * seconds, seed: 1});
      for (const load of loads) {
        const results = await interleave(['off', 'on'], runs, (name, run) =>
          ask(name, {...load, seconds, seed: 1000 + run}),
        );
        cells.push({
          ...{shape, load, counts: counts && load === put},
          ...{off: results.get('off')!, on: results.get('on')!},
        });
      }
    } finally {
      for (const child of Object.values(children)) await child.stop();
    }
  }
  return {tables: [table(cells)], bars: barsOf(cells), data: cells};
}

/** How much longer a put takes with history, in percent. */
function slower({off, on}: Cell): number {
  return (summarize(on).median / summarize(off).median - 1) * 100;
}

function table(cells: Cell[]): Table {
  const rows = cells.map(cell => {
    const {shape, load} = cell;
    const [off, on] = [summarize(cell.off), summarize(cell.on)];
    return [
      `${shape.entries / 1e6} M of ${shape.valueBytes} bytes${load === putAtLimit ? ', at the limit' : ''}`,
      `${round(off.median)} (${percent(off.spread)})`,
      `${round(on.median)} (${percent(on.spread)})`,
      `${slower(cell).toFixed(1)} %`,
    ];
  });
  return {
    title: 'Nanoseconds a put in the store, nobody watching; at the limit half of the puts evict',
    head: ['entries', 'no history', `history of ${historyBytes / 2 ** 20} MiB`, 'slower by'],
    rows,
  };
}

function barsOf(cells: Cell[]): Bar[] {
  return cells
    .filter(({counts}) => counts)
    .map(cell => ({
      name: `watch history: a put of 100 bytes below the limit slower by, ${cell.shape.entries / 1e6} M entries`,
      figure: slower(cell),
      target: slowerMost,
      need: 'at most',
      unit: '%',
    }));
}
