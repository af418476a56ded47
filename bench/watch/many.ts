/**
 * Ten thousand watchers of one key: do all of them get every event, and what memory is
 * a watcher beyond the stream that any transport must keep for it. The stream alone is
 * measured with the health service's Watch, which holds nothing, on a server of its own.
 */
import type {ServerProcess} from '../../test/interop/lib/server.js';
import {type OwnServer, startOwnServer} from '../lib/own-server.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import {type Resident, residentOf} from '../lib/resident.js';
import type {RowOptions, RowResult} from '../lib/rows.js';
import {interleave, summarize} from '../lib/statistics.js';
import {type Load, type LoadKind, startLoad, type Written} from './load.js';
import {ownName, presentSubjects, type WatchSubject} from './subjects.js';

const key = 'bench';
const valueBytes = 100;
/** So many puts at a time: 10,000 watchers times 1,000 events one by one would take minutes. */
const underWay = 32;
const memoryMostKib = 8;

interface Sizes {
  watchers: number;
  connections: number;
  puts: number;
}

/** Bytes that each watcher or stream added. */
interface OwnRun {
  resident: number;
  engine: number;
  /** Only of watchers: the same again after the events. */
  after?: {resident: number; engine: number};
  written?: Written;
}

const kinds = {watcher: 'krusty', 'stream alone': 'health'} as const satisfies Record<string, LoadKind>;

export async function many({quick, pins}: RowOptions): Promise<RowResult> {
  const runs = quick ? 1 : 3;
  const sizes = quick ? {watchers: 2000, connections: 20, puts: 200} : {watchers: 10_000, connections: 100, puts: 1000};
  const own = await interleave(Object.keys(kinds), runs, async (name, run) => {
    console.log(`${round(sizes.watchers)} times a ${name}, run ${run + 1} …`);
    return await measureOwn(kinds[name as keyof typeof kinds], sizes, pins);
  });
  const {subjects, missing} = await presentSubjects();
  const peers = new Map<string, number>();
  for (const subject of subjects) {
    if (subject.name !== ownName) peers.set(subject.name, await measurePeer(subject, sizes, pins));
  }
  return {
    tables: [memoryTable(own, peers, missing, sizes), deliveryTable(own, sizes)],
    bars: bars(own, sizes),
    data: {own: Object.fromEntries(own), peers: Object.fromEntries(peers)},
  };
}

async function measureOwn(kind: LoadKind, sizes: Sizes, pins: RowOptions['pins']): Promise<OwnRun> {
  const server = await startOwnServer({}, pins.server);
  const loads: Load[] = [];
  try {
    for (const each of Object.values(kinds)) loads.push(await startLoad(each, server.address, pins.load));
    await warmUp(loads);
    const load = loads[Object.values(kinds).indexOf(kind as 'krusty' | 'health')]!;
    const {watchers, connections, puts} = sizes;
    const before = await server.memory();
    await load.open({watchers, connections, key});
    const opened = await growth(server, before, watchers);
    if (kind === 'health') return opened;
    const written = await load.write({key, valueBytes, puts, underWay});
    return {...opened, written, after: await growth(server, before, watchers)};
  } finally {
    for (const load of loads) await load.stop();
    await server.stop();
  }
}

async function growth(server: OwnServer, before: Awaited<ReturnType<OwnServer['memory']>>, watchers: number) {
  const after = await server.memory();
  return {
    resident: (after.now - before.now) / watchers,
    engine: (after.engineBytes - before.engineBytes) / watchers,
  };
}

/** Both kinds on both servers, so that they begin alike. */
async function warmUp(loads: Load[]): Promise<void> {
  for (const load of loads) await load.open({watchers: 100, connections: 2, key});
  await loads[0]!.write({key, valueBytes, puts: 200});
  for (const load of loads) await load.close();
}

async function measurePeer(subject: WatchSubject, sizes: Sizes, pins: RowOptions['pins']): Promise<number> {
  console.log(`${round(sizes.watchers)} watchers on ${subject.name} …`);
  const server: ServerProcess = await subject.start(pins.server);
  const load = await startLoad(subject.load, server.address, pins.load);
  try {
    await load.open({watchers: 100, connections: 2, key});
    await load.write({key, valueBytes, puts: 200});
    await load.close();
    const before: Resident = residentOf(server.pid);
    await load.open({watchers: sizes.watchers, connections: sizes.connections, key});
    return (residentOf(server.pid).now - before.now) / sizes.watchers;
  } finally {
    await load.stop();
    await server.stop();
  }
}

function kib(bytes: number): string {
  return round(bytes / 1024);
}

function memoryTable(
  own: Map<string, OwnRun[]>,
  peers: Map<string, number>,
  missing: Map<string, string>,
  {watchers, connections}: Sizes,
): Table {
  const rows = [...own].map(([name, runs]) => {
    const resident = summarize(runs.map(run => run.resident));
    const engine = summarize(runs.map(run => run.engine));
    const after = runs.flatMap(run => run.after ?? []);
    const afterCells = (['resident', 'engine'] as const).map(what =>
      after.length > 0 ? kib(summarize(after.map(each => each[what])).median) : '',
    );
    return [
      ...[`${ownName}: ${name}`, `${kib(resident.median)} (${percent(resident.spread)})`, kib(engine.median)],
      ...afterCells,
    ];
  });
  for (const [name, resident] of peers) rows.push([`${name}: watcher`, kib(resident), '', '', '']);
  for (const [name, what] of missing) rows.push([name, `not installed: ${what}`, '', '', '']);
  return {
    title: `What each of ${round(watchers)} watchers over ${connections} connections takes, KiB; with Redis each has a connection`,
    head: ['server', 'resident', "of the engine's heap", 'after the events: resident', 'heap'],
    rows,
  };
}

function deliveryTable(own: Map<string, OwnRun[]>, {watchers, puts}: Sizes): Table {
  const rows = own.get('watcher')!.map(({written}) => {
    const {events, messages, seconds, longestMessageBytes} = written!;
    return [
      round(events),
      round(watchers * puts - events),
      round(messages),
      round(longestMessageBytes),
      round(seconds),
    ];
  });
  return {
    title: `${round(puts)} puts of ${valueBytes} bytes, ${underWay} on their way at once, to ${round(watchers)} watchers; a run a row`,
    head: ['events delivered', 'missing', 'messages', 'longest, bytes', 'until the last was there, s'],
    rows,
  };
}

function bars(own: Map<string, OwnRun[]>, {watchers, puts}: Sizes): Bar[] {
  const median = (name: keyof typeof kinds) => summarize(own.get(name)!.map(run => run.resident)).median;
  const missing = own.get('watcher')!.map(({written}) => watchers * puts - written!.events);
  return [
    {name: 'watch many: events missing', figure: Math.max(...missing), target: 0, need: 'at most'},
    {
      name: 'watch many: memory a watcher beyond its stream',
      figure: (median('watcher') - median('stream alone')) / 1024,
      target: memoryMostKib,
      need: 'at most',
      unit: 'KiB',
    },
  ];
}
