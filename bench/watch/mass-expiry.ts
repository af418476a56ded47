/**
 * A million keys that expire in one millisecond, under a watch of their prefix: does the
 * watcher learn of each, by its event or by a snapshot after a gap, how large do messages
 * get, and how long does the server's event loop stand still. The loop is measured from
 * within, also while nothing happens, since on a shared machine even that one is kept
 * waiting.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {limits} from '../../src/base/index.js';
import {type Gaps, longGapMs} from '../lib/gaps.js';
import {type OwnServer, startOwnServer} from '../lib/own-server.js';
import {type Bar, round, type Table} from '../lib/report.js';
import {summarize} from '../lib/statistics.js';
import {fillKrusty} from '../memory/fill.js';
import {type Expired, startLoad} from './load.js';
import type {RowOptions, RowResult} from './row.js';

const valueBytes = 100;
/** What fill.ts's keys begin with. */
const key = 'key-';
const maxMessageBytes = limits.responseBytesLeast;
const stallMostMs = 5;
const controlMs = 2000;
/** From the start of measuring until the keys expire, and what all else before it may take. */
const leadMs = 300;
const warmUpKeys = 50_000;
const warmUpFillMs = 600;

interface Run {
  gone: Expired;
  gaps: Gaps;
  control: Gaps;
}

export async function massExpiry({quick}: RowOptions): Promise<RowResult> {
  const runs = quick ? 2 : 5;
  const keys = quick ? 200_000 : 1_000_000;
  const data: Run[] = [];
  for (let run = 0; run < runs; run++) {
    console.log(`${keys / 1e6} M keys expire, run ${run + 1} …`);
    data.push(await measure(keys));
  }
  return {tables: [table(data, keys)], bars: bars(data, keys), data};
}

/** On both cores: pinned to one, the engine's own threads take it from the event loop for a scheduler's tick of 4 ms. */
async function measure(keys: number): Promise<Run> {
  const server = await startOwnServer({maxMemoryBytes: 2 ** 30}, []);
  try {
    // The engine's compiling takes its time too, but that has nothing to do with how much expires.
    for (let round = 0; round < 2; round++) await expire(server, warmUpKeys, warmUpFillMs);
    return await expire(server, keys, (warmUpFillMs * keys) / warmUpKeys);
  } finally {
    await server.stop();
  }
}

async function expire(server: OwnServer, keys: number, fillMs: number): Promise<Run> {
  const expireTimeMs = await fill(server, keys, fillMs);
  const load = await startLoad('krusty', server.address, []);
  try {
    await load.expect({key, count: keys, maxMessageBytes});
    const control = await gapsOf(server, () => delay(controlMs));
    await delay(expireTimeMs - leadMs - Date.now());
    let gone: Expired | undefined;
    const gaps = await gapsOf(server, async () => {
      gone = await load.expired();
    });
    return {gone: gone!, gaps, control};
  } finally {
    await load.stop();
  }
}

/** Fills within `fillMs`, or else again with twice the time; answers when the keys expire. */
async function fill(server: OwnServer, keys: number, fillMs: number): Promise<number> {
  const filledMs = Math.ceil(Date.now() + fillMs);
  const expireTimeMs = filledMs + controlMs + 2 * leadMs;
  try {
    await fillKrusty(server.address, {from: 0, count: keys, valueBytes: [valueBytes], expireTimeMs});
  } catch (error) {
    // A put whose time has passed is refused.
    if (Date.now() < expireTimeMs) throw error;
  }
  return Date.now() <= filledMs ? expireTimeMs : fill(server, keys, 2 * fillMs);
}

async function gapsOf(server: OwnServer, body: () => Promise<void>): Promise<Gaps> {
  await server.startGaps();
  await body();
  return server.stopGaps();
}

function table(runs: Run[], keys: number): Table {
  const rows = runs.map(({gone, gaps, control}) => [
    ...[gone.byEvent, gone.bySnapshot, keys - gone.byEvent - gone.bySnapshot].map(round),
    ...[gone.events, gone.gaps, gone.messages, gone.longestMessageBytes, gone.seconds].map(round),
    ...[gaps.longestMs, gaps.longestCpuMs, gaps.longGaps, control.longestMs].map(round),
  ]);
  return {
    title: `${keys / 1e6} M keys of ${valueBytes} bytes expire in one millisecond under a watch of their prefix, messages of ${round(maxMessageBytes)} bytes at most; a run a row`,
    head: [
      ...['known gone by an event', 'by a snapshot', 'not known', 'events', 'gaps', 'messages', 'longest, bytes'],
      ...['until the last, s', 'longest stall, ms', 'most CPU in one', `over ${longGapMs} ms`],
      'longest of the idle control, ms',
    ],
    rows,
  };
}

/** The stall by its quietest run: noise only ever adds. */
function bars(runs: Run[], keys: number): Bar[] {
  const unknown = runs.map(({gone}) => keys - gone.byEvent - gone.bySnapshot);
  return [
    {name: 'watch mass expiry: keys not known to be gone', figure: Math.max(...unknown), target: 0, need: 'at most'},
    {
      name: 'watch mass expiry: longest message',
      figure: Math.max(...runs.map(({gone}) => gone.longestMessageBytes)),
      target: maxMessageBytes,
      need: 'at most',
      unit: 'bytes',
    },
    {
      name: 'watch mass expiry: longest stall, quietest run',
      figure: summarize(runs.map(({gaps}) => gaps.longestMs)).least,
      target: stallMostMs,
      need: 'at most',
      unit: 'ms',
    },
  ];
}
