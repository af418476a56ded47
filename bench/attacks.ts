/**
 * What a good client feels of others who mean harm: its latency at a fifth of the peak,
 * beside each attack and beside nothing, and what the server's memory grows by meanwhile.
 * The peak is that of calls which come one at a time, as the good client's do: many in one
 * read cost the server a fifth of that each, and a fifth of their peak would be more than
 * half of all that it can do.
 *
 * The good client has connections and a process of its own, which goes before the
 * attackers' on the load's core: so it is the server that is measured.
 *
 * Not it alone: what attackers send goes through the same system, and the good client feels
 * that as well. So the same attack is also made on a bystander, another server that has
 * only what the first leaves of its core; what the good client feels of that is the
 * machine's part.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {type AttackAnswer, type AttackRequest, attackers, pauseMs, pieceBytes, returnMs} from './attacks/child.js';
import {measureCpu, waitUntilIdle} from './lib/cpu.js';
import {fillByLoad, runLoad, runPaced} from './lib/load.js';
import {startNodeChild} from './lib/node-child.js';
import {type OwnServer, startOwnServer} from './lib/own-server.js';
import {type Pinning, pinning} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, round, type Table} from './lib/report.js';
import {residentOf} from './lib/resident.js';
import {summarize} from './lib/statistics.js';

const small = {keys: 10_000, valueBytes: 100};
const large = {key: 'large', valueBytes: 1_000_000};
const shape = {calls: 'get', connections: 50, streams: 1, ...small} as const;
const peakShare = 1 / 5;
const slowerMost = 2;
const growthMostMib = 32;
/** What the engine compiles and collects when it meets an attack is over then. */
const onsetMs = 1000;

interface Run {
  p99Us: number;
  alone99Us: number;
  bystander99Us: number;
  failure?: string;
  growthMib: number;
  cpuShare: number;
  connections: number;
  sentMib: number;
}

interface Setting {
  server: OwnServer;
  bystander: OwnServer;
  pins: Pinning;
  ratePerSecond: number;
  seconds: number;
  attack(request: AttackRequest): Promise<AttackAnswer>;
}

export async function attacks(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 3;
  const seconds = options.quick ? 0.5 : 1;
  const pins = await pinning();
  const server = await startOwnServer({transport: 'wire'}, pins.server);
  const bystander = await startOwnServer({transport: 'wire'}, pins.sideServer);
  const child = startNodeChild('attacks/child.js', [], {before: pins.sideLoad});
  const data = new Map<string, Run[]>();
  let ratePerSecond = 0;
  try {
    await fillByLoad({address: server.address, ...small});
    const body = Buffer.alloc(large.valueBytes);
    for (const {address} of [server, bystander]) await fetch(`http://${address}/${large.key}`, {method: 'PUT', body});
    const peak = await runLoad({
      address: server.address,
      ...shape,
      count: options.quick ? 20_000 : 100_000,
      before: pins.load,
    });
    ratePerSecond = Math.round((peak.calls / peak.seconds) * peakShare);
    const attack = (request: AttackRequest) => child.ask<AttackAnswer>(request);
    const setting: Setting = {server, bystander, pins, ratePerSecond, seconds, attack};
    const {names} = await attack({});
    for (const name of names) {
      console.log(`${name} …`);
      const all: Run[] = [];
      for (let run = 0; run < runs; run++) all.push(await measure(setting, name));
      data.set(name, all);
    }
  } finally {
    await child.stop();
    await bystander.stop();
    await server.stop();
  }
  return {
    name: 'attacks',
    about:
      `${round(ratePerSecond)} Gets of ${small.valueBytes} bytes a second over ${shape.connections} connections, a fifth of what they reach alone, each at its moment. ` +
      `Beside them ${attackers} connections attack: each says ${pieceBytes / 1024} KiB every ${pauseMs} ms and comes back ${returnMs} ms after it was cut off. ${pins.note}; ` +
      `${runs} runs of ${seconds} s without each attack, with it on a bystander (a server on the same core that gives way), and with it, in turn; medians.`,
    tables: [table(data)],
    bars: bars(data),
    data: Object.fromEntries(data),
  };
}

/** Without the attack, with it on the bystander, and with it. */
async function measure(setting: Setting, name: string): Promise<Run> {
  const {server, bystander, seconds, attack} = setting;
  const startOn = async ({address}: OwnServer) => {
    await attack({start: {name, address, largeKey: large.key}});
    await delay(onsetMs);
  };
  const before = await server.memory();
  // What the engine gave up when it collected its garbage it has to take and compile again, and that is not to count.
  await goodClient(setting);
  const alone = await goodClient(setting);
  await startOn(bystander);
  const bystander99Us = await goodClient(setting);
  await attack({});
  await waitUntilIdle(bystander.pid);
  await startOn(server);
  const {result: beside, cpu} = await measureCpu(server.pid, () => goodClient(setting).catch((error: Error) => error));
  const growthMib = (residentOf(server.pid).now - before.now) / 2 ** 20;
  const {connections, sentBytes} = await attack({});
  const isFailure = beside instanceof Error;
  return {
    alone99Us: alone,
    bystander99Us,
    p99Us: isFailure ? Number.POSITIVE_INFINITY : beside,
    ...(isFailure && {failure: beside.message}),
    growthMib,
    cpuShare: cpu.seconds / (seconds + 0.25),
    connections,
    sentMib: sentBytes / 2 ** 20,
  };
}

/** Its p99. Fails where a call does. */
async function goodClient({server, pins, ratePerSecond, seconds}: Setting): Promise<number> {
  const run = await runPaced(
    {address: server.address, ...shape, streams: 100, before: pins.load},
    {ratePerSecond, warmUpSeconds: 0.25, seconds},
  );
  return run.latencyUs.p99;
}

const ratioOf = (runs: readonly Run[]) => summarize(runs.map(run => run.p99Us / run.alone99Us)).median;
const growthOf = (runs: readonly Run[]) => summarize(runs.map(run => run.growthMib)).median;

function table(data: Map<string, Run[]>): Table {
  const rows = [...data].map(([name, runs]) => {
    const median = (of: (run: Run) => number) => round(summarize(runs.map(of)).median);
    return [
      name,
      median(run => run.alone99Us),
      median(run => run.bystander99Us),
      median(run => run.p99Us),
      `${ratioOf(runs).toFixed(2)}×`,
      String(runs.filter(run => run.failure).length),
      median(run => run.growthMib),
      median(run => run.cpuShare * 100),
      median(run => run.connections),
      median(run => run.sentMib),
    ];
  });
  return {
    title: 'The good client, beside each attack',
    head: [
      'attack',
      'p99 alone, µs',
      'with it on a bystander',
      'with it',
      'over that alone',
      'runs with a failed call',
      'memory, MiB more',
      'server CPU, % of a core',
      'attackers’ connections',
      'MiB sent',
    ],
    rows,
  };
}

function bars(data: Map<string, Run[]>): Bar[] {
  const all = [...data.values()].flat();
  return [
    ...[...data].map(
      ([name, runs]): Bar => ({
        name: `attacks: p99 of a good client beside ${name} over that alone`,
        figure: ratioOf(runs),
        target: slowerMost,
        need: 'at most',
        unit: '×',
      }),
    ),
    {
      name: 'attacks: runs in which a call of the good client failed',
      figure: all.filter(run => run.failure).length,
      target: 0,
      need: 'at most',
    },
    {
      name: 'attacks: growth of resident memory in the worst of them',
      figure: Math.max(...[...data.values()].map(growthOf)),
      target: growthMostMib,
      need: 'at most',
      unit: 'MiB',
    },
  ];
}
