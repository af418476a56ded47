/**
 * How many requests each eviction policy finds in the cache: the store's own policies
 * through its door, against the best that is possible, on the traces in the folder
 * named by KRUSTY_TRACES or, without it, on made-up loads.
 *
 * A request is a get; on a miss, a put. The limit is in entries. The clock stands
 * still: nothing expires. The store's hash is seeded anew for each run, and a sketch
 * errs with it, so `tiny-lfu` is run several times and shown with its worst and best.
 *
 * A store made for several threads is cut into shards, each with its own order of eviction. Where one
 * for four is, the trace goes through that as well.
 */
import type {Clock} from '../src/base/index.js';
import {createStore, handleOf, noDeadline, type PolicyName, type Store} from '../src/store/index.js';
import {simulateLru, simulateOptimal, simulateS3Fifo} from './hit-ratio/simulate.js';
import {syntheticTraces, type Trace, tracesIn} from './hit-ratio/traces.js';
import type {Bar, BenchOptions, BenchResult} from './lib/report.js';

interface Measured {
  name: string;
  entries: number;
  requests: number;
  lru: number;
  s3Fifo: number;
  /** One for each seed. */
  tinyLfu: number[];
  optimal: number;
  /** Of a store for four threads, if it is cut. */
  cut?: {shards: number; lru: number; tinyLfu: number[]};
  /** Requests that the store's LRU and a plain one answer differently. */
  lruDifferences: number;
}

/** A gap smaller than this is not shared out: its shares would be noise. */
const gapLeast = 0.01;
const gapShareBar = 0.4;
const worstBar = -0.01;
const threads = 4;
const cutBar = 0.003;

export async function hitRatio({quick}: BenchOptions): Promise<BenchResult> {
  const seeds = quick ? 1 : 3;
  const folder = process.env.KRUSTY_TRACES;
  const measured: Measured[] = [];
  for (const trace of folder ? tracesIn(folder) : syntheticTraces()) {
    console.log(`${trace.name} …`);
    measured.push(measure(trace, seeds));
  }
  const shared = measured.filter(hasGap);
  const shares = (ratio: (each: Measured) => number) => mean(shared.map(each => shareOfGap(each, ratio(each))));
  const bySeed = Array.from({length: seeds}, (_, seed) => shares(each => each.tinyLfu[seed]!));
  const worst = Math.min(...measured.flatMap(each => each.tinyLfu.map(ratio => ratio - each.lru)));
  const worstS3Fifo = Math.min(...measured.map(each => each.s3Fifo - each.lru));
  const cut = measured.filter(each => each.cut !== undefined);
  const differences = measured.reduce((sum, each) => sum + each.lruDifferences, 0);
  return {
    name: 'hit-ratio',
    about: [
      `Hit ratios in percent, and in brackets what share of the gap from LRU to the optimum is closed; \`lru\` and \`tiny-lfu\` as the store has them, one shard, ${folder ? 'on traces' : 'on made-up loads'}.`,
      `\`tiny-lfu\` is the mean of ${seeds} runs with other hash seeds; its mean share was ${bySeed.map(percent).join(', ')} in them.`,
      `Gaps under ${points(gapLeast)} are left out of the mean.`,
      folder ? '' : 'The bar hit-ratio-gap is one for traces: name a folder of them in KRUSTY_TRACES to measure it.',
    ].join(' '),
    tables: [
      {
        title: 'Hit ratios',
        head: ['load', 'requests', 'entries', 'lru', 'S3-FIFO', 'tiny-lfu', 'its least to most', 'optimum'],
        rows: [
          ...measured.map(rowOf),
          [
            '**mean share of the gap**',
            '',
            '',
            percent(0),
            percent(shares(each => each.s3Fifo)),
            `**${percent(mean(bySeed))}**`,
            `${percent(Math.min(...bySeed))} to ${percent(Math.max(...bySeed))}`,
            percent(1),
          ],
          ['**worst against lru**', '', '', '', points(worstS3Fifo), `**${points(worst)}**`, '', ''],
        ],
      },
      {
        title: `A store made for ${threads} threads, where it is cut, against one made for one`,
        head: ['load', 'entries', 'shards', 'lru', 'of one', 'tiny-lfu', 'of one'],
        rows: cut.map(cutRowOf),
      },
    ],
    bars: [
      // The made-up loads are chosen to be hard for one policy or another, so a mean over them says little.
      ...(folder ? [gapBar(mean(bySeed))] : []),
      {name: 'hit-ratio-worst', figure: 100 * worst, target: 100 * worstBar, need: 'at least', unit: 'points'},
      ...cutBars(cut),
      {name: 'lru-exact', figure: differences, target: 0, need: 'at most', unit: 'differences'},
    ],
    data: measured,
  };
}

function gapBar(share: number): Bar {
  return {name: 'hit-ratio-gap', figure: 100 * share, target: 100 * gapShareBar, need: 'at least', unit: '%'};
}

/** The most that any load loses; none where no store was cut. */
function cutBars(measured: readonly Measured[]): Bar[] {
  const losses = measured.flatMap(({lru, tinyLfu, cut}) => [lru - cut!.lru, mean(tinyLfu) - mean(cut!.tinyLfu)]);
  if (losses.length === 0) return [];
  const figure = 100 * Math.max(...losses);
  return [
    {name: `hit ratio, ${threads} threads against 1`, figure, target: 100 * cutBar, need: 'at most', unit: 'points'},
  ];
}

function measure(trace: Trace, seeds: number): Measured {
  const lru = replay(trace, storeFor(trace, 'lru'));
  const model = simulateLru(trace);
  return {
    name: trace.name,
    entries: trace.entries,
    requests: trace.keys.length,
    lru: mean(lru),
    s3Fifo: mean(simulateS3Fifo(trace)),
    tinyLfu: Array.from({length: seeds}, () => mean(replay(trace, storeFor(trace, 'tiny-lfu')))),
    cut: measureCut(trace, seeds),
    optimal: mean(simulateOptimal(trace)),
    lruDifferences: lru.reduce((sum, hit, index) => sum + (hit === model[index] ? 0 : 1), 0),
  };
}

function measureCut(trace: Trace, seeds: number): Measured['cut'] {
  const lru = storeFor(trace, 'lru', threads);
  const shards = handleOf(lru).shards.length;
  if (shards === 1) return undefined;
  const tinyLfu = Array.from({length: seeds}, () => mean(replay(trace, storeFor(trace, 'tiny-lfu', threads))));
  return {shards, lru: mean(replay(trace, lru)), tinyLfu};
}

const stoppedClock: Clock = {nowMs: () => 0, wallMicros: () => 0, wallAheadMs: () => 0};
/** Far more than the entries take, so that their number is what limits. */
const memoryBytesPerEntry = 1024;

function storeFor({entries}: Trace, policy: PolicyName, madeFor = 1): Store {
  return createStore({
    clock: stoppedClock,
    namespaces: [{maxEntries: entries, maxMemoryBytes: entries * memoryBytesPerEntry, policy}],
    maxKeyBytes: 16,
    maxValueBytes: 16,
    threads: madeFor,
  });
}

/** The trace through a store; a byte a request, 1 for a hit. */
function replay({keys}: Trace, store: Store): Uint8Array {
  const key = Buffer.alloc(4);
  const value = Buffer.from('v');
  const read = {peek: false, metadataOnly: true};
  const written = {contentType: '', deadlineMs: noDeadline};
  const hits = new Uint8Array(keys.length);
  for (let index = 0; index < keys.length; index++) {
    key.writeUInt32LE(keys[index]!);
    if (store.get(0, key, read)) hits[index] = 1;
    else store.put(0, key, value, written);
  }
  return hits;
}

function rowOf(each: Measured): string[] {
  const {name, requests, entries, lru, s3Fifo, tinyLfu, optimal} = each;
  const withShare = (ratio: number) =>
    hasGap(each) ? `${hundredths(ratio)} (${percent(shareOfGap(each, ratio))})` : hundredths(ratio);
  return [
    name,
    requests.toLocaleString('en-US'),
    entries.toLocaleString('en-US'),
    hundredths(lru),
    withShare(s3Fifo),
    withShare(mean(tinyLfu)),
    `${hundredths(Math.min(...tinyLfu))} to ${hundredths(Math.max(...tinyLfu))}`,
    hundredths(optimal),
  ];
}

function cutRowOf({name, entries, lru, tinyLfu, cut}: Measured): string[] {
  const {shards, lru: cutLru, tinyLfu: cutTinyLfu} = cut!;
  return [
    name,
    entries.toLocaleString('en-US'),
    String(shards),
    ...[cutLru, lru, mean(cutTinyLfu), mean(tinyLfu)].map(ratio => (100 * ratio).toFixed(2)),
  ];
}

function hasGap({lru, optimal}: Measured): boolean {
  return optimal - lru >= gapLeast;
}

function shareOfGap({lru, optimal}: Measured, ratio: number): number {
  return (ratio - lru) / (optimal - lru);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return values.length === 0 ? 0 : sum / values.length;
}

function hundredths(ratio: number): string {
  return (100 * ratio).toFixed(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function points(difference: number): string {
  return `${(100 * difference).toFixed(2)} points`;
}
