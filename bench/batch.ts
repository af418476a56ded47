/**
 * What a key costs in a batch: BatchGet of 100 keys of 100,000, 50 callers who each wait
 * for their answer, against one Get a key in the same shape, the same calls on grpc-go
 * and tonic, Redis's MGET and memcached's get of many keys.
 *
 * One load generator for all, so that only the servers differ. Keys a second of the
 * server's CPU is the figure to compare.
 */
import {type Called, type CallRun, measureCalls, warmUp} from './lib/calls.js';
import {fillByLoad, runLoad} from './lib/load.js';
import {pinning} from './lib/pin.js';
import {type Bar, type BenchOptions, type BenchResult, percent, round, type Table} from './lib/report.js';
import {interleave, summarize} from './lib/statistics.js';
import {
  grpcGo,
  grpcJs,
  memcached,
  redis,
  type StartedSubject,
  type Subject,
  startSubjects,
  tonic,
  wire,
} from './lib/subjects.js';

const keys = 100_000;
const valueBytes = 100;
const batch = 100;
const connections = 50;
const overGetLeast = 8;

type Calls = 'get' | 'batch';

const rows: readonly {subject: Subject; calls: Calls; what: string}[] = [
  {subject: wire, calls: 'batch', what: 'BatchGet'},
  {subject: wire, calls: 'get', what: 'Get'},
  {subject: grpcJs, calls: 'batch', what: 'BatchGet'},
  {subject: grpcJs, calls: 'get', what: 'Get'},
  {subject: grpcGo, calls: 'batch', what: 'BatchGet'},
  {subject: tonic, calls: 'batch', what: 'BatchGet'},
  {subject: redis, calls: 'batch', what: 'MGET'},
  {subject: redis, calls: 'get', what: 'GET'},
  {subject: memcached, calls: 'batch', what: 'get of many'},
];

type Row = (typeof rows)[number];

const nameOf = ({subject, what}: Row) => `${subject.name}: ${what}`;

export async function batches(options: BenchOptions): Promise<BenchResult> {
  const runs = options.quick ? 1 : 5;
  const runSeconds = options.quick ? 0.5 : 2;
  const pins = await pinning();
  const {servers, missing, stop} = await startSubjects([...new Set(rows.map(({subject}) => subject))], pins);
  let data: Map<string, CallRun[]>;
  try {
    for (const {address, subject} of servers.values()) {
      await fillByLoad({address, protocol: subject.protocol, keys, valueBytes});
    }
    const present = new Map(rows.filter(({subject}) => servers.has(subject.name)).map(row => [nameOf(row), row]));
    const calls = new Map<string, number>();
    for (const [name, row] of present) {
      console.log(`${name} …`);
      const server = servers.get(row.subject.name)!;
      calls.set(name, await warmUp(2000, runSeconds, count => load(server, row.calls, count, pins.load)));
    }
    data = await interleave([...present.keys()], runs, name => {
      const row = present.get(name)!;
      const server = servers.get(row.subject.name)!;
      const count = calls.get(name)!;
      return measureCalls(server, count, () => load(server, row.calls, count, pins.load));
    });
  } finally {
    await stop();
  }
  return {
    name: 'batch',
    about:
      `Batches of ${batch} of ${round(keys)} keys, values of ${valueBytes} bytes, ${connections} connections with one call each; ${pins.note}; ` +
      `${runs} runs of about ${runSeconds} s each, interleaved; medians, with the spread between the runs in brackets. ${missing.join(' ')}`,
    tables: [table(data)],
    bars: bars(data),
    data: Object.fromEntries(data),
  };
}

async function load(
  {address, subject}: StartedSubject,
  calls: Calls,
  count: number,
  before: string[],
): Promise<Called> {
  const {protocol} = subject;
  const run = await runLoad({address, protocol, calls, connections, keys, valueBytes, batch, count, before});
  return {callsPerSecond: count / run.seconds, lookups: run.lookups};
}

/** Keys a second of the server's CPU. */
function keyRate(name: string, runs: readonly CallRun[]) {
  const each = rows.find(row => nameOf(row) === name)!.calls === 'batch' ? batch : 1;
  return summarize(runs.map(({cpuUsPerCall}) => (each * 1e6) / cpuUsPerCall));
}

function table(data: Map<string, CallRun[]>): Table {
  const first = nameOf(rows[0]!);
  const own = keyRate(first, data.get(first)!).median;
  return {
    title: 'At saturation',
    head: [
      ...['server and call', "keys a second of the server's CPU", 'ratio', 'calls/s', 'server CPU, µs a call'],
      'others on its core',
    ],
    rows: [...data].map(([name, runs]) => {
      const rate = keyRate(name, runs);
      const median = (of: (run: CallRun) => number) => summarize(runs.map(of)).median;
      return [
        name,
        `${round(rate.median)} (${percent(rate.spread)})`,
        `${(rate.median / own).toFixed(2)}×`,
        round(median(run => run.callsPerSecond)),
        round(median(run => run.cpuUsPerCall)),
        percent(median(run => run.othersShare)),
      ];
    }),
  };
}

function bars(data: Map<string, CallRun[]>): Bar[] {
  const rate = (subject: Subject, calls: Calls) => {
    const name = nameOf(rows.find(row => row.subject === subject && row.calls === calls)!);
    return keyRate(name, data.get(name)!).median;
  };
  const figure = rate(wire, 'batch') / rate(wire, 'get');
  const name = `batch: keys a CPU second of BatchGet over Get, ${wire.name}`;
  return [{name, figure, target: overGetLeast, need: 'at least', unit: '×'}];
}
