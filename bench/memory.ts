/**
 * Where the memory goes: resident bytes an entry, against redis-server and memcached;
 * the process's memory over its limit; and how much of the limit is of use after the
 * sizes of the values have changed.
 */
import {startNodeChild} from './lib/node-child.js';
import {pinning} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import type {Fill} from './memory/fill.js';
import type {PhaseAnswer, ShiftRequest} from './memory/shift-child.js';
import {startKrusty, subjects} from './memory/subjects.js';

const mib = 2 ** 20;
const valueBytes = 100;
/** These keys are put again and again before the empty server is measured, so that its code is hot and its buffers are there. */
const warmKeys = 1000;

/** What a server may take over its limit and 5 % of it: Node itself, code, page tables, pages of each size that are partly full. */
const constantBytes = 160 * mib;

export async function memory(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const entries = options.quick ? 200_000 : 1_000_000;
  const limits = options.quick ? [64 * mib] : [256 * mib, 1024 * mib];
  const {server: before} = await pinning();
  const perEntry = await measurePerEntry({runs, entries, before});
  const over: OverRow[] = [];
  for (const limitBytes of limits) over.push(...(await measureOver(limitBytes, before)));
  const shift = await measureShift(options.quick ? 64 * mib : 256 * mib, before);
  return {
    name: 'memory',
    about:
      `Resident memory as /proc tells it, servers on one core. An entry has a 16-byte key, ${valueBytes} bytes and a TTL; ${entries / 1e6} M of them, put over each server's own protocol, ${runs} runs, interleaved; ` +
      `growth over the same server before, empty but for ${warmKeys} entries that were put again and again; Node's young generation at its full size from the start, its garbage collected before each reading. No history of changes: it has a size of its own.`,
    tables: [perEntryTable(perEntry), overTable(over), shiftTable(shift)],
    bars: [...perEntryBars(perEntry), overBar(over), ...shiftBars(shift)],
    data: {perEntry: Object.fromEntries(perEntry.runs), missing: perEntry.missing, over, shift},
  };
}

interface PerEntry {
  /** Of each run: growth an entry, and the empty server, in bytes. */
  runs: Map<string, {growth: number; empty: number}[]>;
  missing: string[];
}

async function measurePerEntry(setting: {runs: number; entries: number; before: string[]}): Promise<PerEntry> {
  const {runs, entries, before} = setting;
  const missing: string[] = [];
  const names: string[] = [];
  for (const [name, {missing: look}] of Object.entries(subjects)) {
    const what = await look();
    if (what === undefined) names.push(name);
    else missing.push(what);
  }
  const results = await interleave(names, runs, async (name, run) => {
    console.log(`${name}, run ${run + 1} …`);
    const subject = await subjects[name]!.start(before, 1024 * mib);
    try {
      const warm: Fill = {from: 0, count: warmKeys, valueBytes: [valueBytes]};
      for (let round = 0; round < 100; round++) await subject.fill(warm);
      const empty = (await subject.resident()).now;
      await subject.fill({from: warmKeys, count: entries - warmKeys, valueBytes: [valueBytes]});
      const full = (await subject.resident()).now;
      return {growth: (full - empty) / (entries - warmKeys), empty};
    } finally {
      await subject.stop();
    }
  });
  return {runs: results, missing};
}

function perEntryTable({runs, missing}: PerEntry): Table {
  const own = summarize(runs.get('krusty')!.map(({growth}) => growth));
  const rows = [...runs].map(([name, list]) => {
    const growth = summarize(list.map(each => each.growth));
    const empty = summarize(list.map(each => each.empty / mib));
    const ratio = `${(growth.median / own.median).toFixed(2)}×`;
    return [name, `${round(growth.median)} (${percent(growth.spread)})`, ratio, round(empty.median)];
  });
  return {
    title: `Resident bytes an entry${missing.length > 0 ? ` (not measured: ${missing.join('; ')})` : ''}`,
    head: ['server', 'bytes an entry', 'ratio', 'empty server, MiB'],
    rows,
  };
}

function perEntryBars({runs}: PerEntry): Bar[] {
  const {median} = summarize(runs.get('krusty')!.map(({growth}) => growth));
  return [{name: 'memory resident an entry', figure: median, target: 175, need: 'at most', unit: 'bytes'}];
}

/** Value sizes that are put one after the other, each until the limit is reached anew. */
const mixes: Record<string, readonly number[]> = {
  '100 bytes': [100],
  '4 KiB': [4096],
  '1 byte to 32 KiB': [1, 10, 60, 300, 1000, 2000, 5000, 9000, 15_000, 32_768],
  '1 MiB': [mib],
};

interface OverRow {
  limitBytes: number;
  mix: string;
  now: number;
  peak: number;
}

async function measureOver(limitBytes: number, before: string[]): Promise<OverRow[]> {
  const subject = await startKrusty(before, limitBytes);
  const rows: OverRow[] = [];
  let from = 0;
  try {
    for (const [mix, sizes] of Object.entries(mixes)) {
      console.log(`limit of ${limitBytes / mib} MiB, values of ${mix} …`);
      const meanBytes = sizes.reduce((sum, size) => sum + size + 64, 0) / sizes.length;
      const count = Math.ceil((1.1 * limitBytes) / meanBytes);
      await subject.fill({from, count, valueBytes: sizes});
      from += count;
      rows.push({limitBytes, mix, ...(await subject.resident())});
    }
  } finally {
    await subject.stop();
  }
  return rows;
}

function overOf({limitBytes, now}: OverRow): number {
  return now - 1.05 * limitBytes;
}

function overTable(rows: OverRow[]): Table {
  return {
    title: 'Resident memory of a server at its limit, MiB',
    head: ['limit', 'values, one after the other', 'now', 'above limit + 5 %', 'most so far', 'above limit + 5 %'],
    rows: rows.map(row => [
      round(row.limitBytes / mib),
      row.mix,
      round(row.now / mib),
      round(overOf(row) / mib),
      round(row.peak / mib),
      round(overOf({...row, now: row.peak}) / mib),
    ]),
  };
}

function overBar(rows: OverRow[]): Bar {
  const figure = Math.max(...rows.map(overOf)) / mib;
  return {name: 'memory above limit + 5 %', figure, target: constantBytes / mib, need: 'at most', unit: 'MiB'};
}

async function measureShift(limitBytes: number, before: string[]): Promise<PhaseAnswer[]> {
  console.log('size-mix shift …');
  const child = startNodeChild('memory/shift-child.js', [], {before});
  try {
    const request: ShiftRequest = {limitBytes, phases: [100, 4096, 1024, 65_536, 100]};
    return await child.ask<PhaseAnswer[]>(request);
  } finally {
    await child.stop();
  }
}

function shiftTable(phases: PhaseAnswer[]): Table {
  return {
    title: 'Shares of the limit, as the size of the values shifts',
    head: ['values, one after the other', 'charged, at least', 'at the end', 'keys and values at the end', 'entries'],
    rows: phases.map(({valueBytes: bytes, leastCharged, charged, keysAndValues, entries}) => [
      `${round(bytes)} bytes`,
      percent(leastCharged),
      percent(charged),
      percent(keysAndValues),
      round(entries),
    ]),
  };
}

function shiftBars(phases: PhaseAnswer[]): Bar[] {
  const figure = Math.min(...phases.map(({leastCharged}) => leastCharged)) * 100;
  return [{name: 'memory of the limit in use over size shifts', figure, target: 90, need: 'at least', unit: '%'}];
}
