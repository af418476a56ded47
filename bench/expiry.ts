/**
 * A million entries that expire in the same second, and in the same millisecond: is an
 * expired one ever read, how soon is their memory back, and how long does the event loop
 * stand still meanwhile.
 */
import type {ExpiryAnswer, ExpiryRequest} from './expiry/child.js';
import {startNodeChild} from './lib/node-child.js';
import {type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';

const spreads: Record<string, number> = {'in the same second': 999, 'in the same millisecond': 0};

export async function expiry(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 2 : 5;
  const entries = options.quick ? 200_000 : 1_000_000;
  const results = await interleave(Object.keys(spreads), runs, async (name, run) => {
    console.log(`${name}, run ${run + 1} …`);
    const child = startNodeChild('expiry/child.js', []);
    try {
      const request: ExpiryRequest = {entries, spreadMs: spreads[name]!};
      return await child.ask<ExpiryAnswer>(request);
    } finally {
      await child.stop();
    }
  });
  return {
    name: 'expiry',
    about:
      `${entries / 1e6} M entries of 100 bytes, whose deadlines lie as named, while the event loop reads random ones in each turn and the server's housekeeping sweeps. Both cores: pinned to one, the engine's own threads take it from the event loop for a scheduler's tick of 4 ms. ${runs} runs each, interleaved. ` +
      'The lag is from the last deadline until 99.9 % of the memory is back. "CPU" is what the process itself spent in a slice: what is above it is the waiting for the core.',
    tables: [table(results)],
    bars: bars(results),
    data: Object.fromEntries(results),
  };
}

function table(results: Map<string, ExpiryAnswer[]>): Table {
  const rows = [...results].map(([name, answers]) => {
    const lag = summarize(answers.map(answer => answer.lagMs));
    const slice = summarize(answers.map(answer => answer.longestSliceMs));
    const cpu = summarize(answers.map(answer => answer.longestSliceCpuMs));
    const stall = summarize(answers.map(answer => answer.gaps.longestMs));
    return [
      name,
      `${round(lag.median)} (${percent(lag.spread)})`,
      round(slice.least),
      round(slice.median),
      round(cpu.least),
      round(cpu.median),
      round(stall.least),
      round(stall.median),
      round(sum(answers, 'reads')),
      String(sum(answers, 'expiredReads')),
      String(sum(answers, 'lostReads')),
    ];
  });
  const head = ['deadlines', 'lag, ms', 'longest slice, ms: quietest run', 'median', 'its CPU: quietest', 'median'];
  return {
    title: 'Expiry',
    head: [...head, 'longest stall, ms: quietest run', 'median', 'reads', 'of expired entries', 'of lost entries'],
    rows,
  };
}

function bars(results: Map<string, ExpiryAnswer[]>) {
  const all = [...results.values()].flat();
  const most = (of: (answer: ExpiryAnswer) => number) =>
    Math.max(...[...results.values()].map(answers => summarize(answers.map(of)).least));
  return [
    {name: 'expiry reads of expired entries', figure: sum(all, 'expiredReads'), target: 0, need: 'at most' as const},
    {name: 'expiry reads of entries lost early', figure: sum(all, 'lostReads'), target: 0, need: 'at most' as const},
    {
      name: 'expiry until 99.9 % of the memory is back, worst run',
      figure: Math.max(...all.map(answer => answer.lagMs)),
      target: 1000,
      need: 'at most' as const,
      unit: 'ms',
    },
    {
      name: 'expiry longest slice, quietest run',
      figure: most(answer => answer.longestSliceMs),
      target: 2,
      need: 'at most' as const,
      unit: 'ms',
    },
  ];
}

function sum(answers: ExpiryAnswer[], field: 'reads' | 'expiredReads' | 'lostReads'): number {
  return answers.reduce((total, answer) => total + answer[field], 0);
}
