/**
 * A GET of 100 bytes as a plain key and as JSON, against a bare node:http handler that
 * answers from a Map.
 *
 * h2load over HTTP/1.1 with 50 connections, at saturation; server on one core, load on
 * the other. h2load fails a run with any status but 2xx.
 */
import assert from 'node:assert/strict';
import {inRoot} from '../../test/interop/lib/root.js';
import {freePort, type ServerProcess, startListener, startServer} from '../../test/interop/lib/server.js';
import {measureCpu} from '../lib/cpu.js';
import {needH2load, runHttp1Load} from '../lib/h2load.js';
import {type Bar, percent, round, type Table} from '../lib/report.js';
import type {RowOptions, RowResult} from '../lib/rows.js';
import {interleave, summarize} from '../lib/statistics.js';

const key = 'key-of-16-bytes!';
const value = 'v'.repeat(100);
const connections = 50;

interface Subject {
  name: string;
  server: 'bare' | 'krusty';
  path: string;
}

const bare: Subject = {name: 'node:http and a Map', server: 'bare', path: `/${key}`};
const raw: Subject = {name: 'krusty, plain key', server: 'krusty', path: `/${key}`};
const json: Subject = {name: 'krusty, JSON', server: 'krusty', path: `/v1/entries/${key}`};
const subjects = [bare, raw, json];

interface Run {
  requestsPerSecond: number;
  cpuUsPerRequest: number;
  othersShare: number;
}

/** By the subject's name. */
type Runs = Map<string, Run[]>;

export async function requests({quick, pins}: RowOptions): Promise<RowResult> {
  const runs = quick ? 1 : 7;
  const runSeconds = quick ? 0.5 : 2;
  const warmUpRequests = quick ? 5000 : 40_000;
  await needH2load();
  const servers: Record<Subject['server'], ServerProcess> = {
    bare: await startBare(pins.server),
    krusty: await startServer({before: pins.server}),
  };
  try {
    const data = await measure(servers, {runs, runSeconds, warmUpRequests, before: pins.load});
    return {tables: [table(data)], bars: bars(data), data: Object.fromEntries(data)};
  } finally {
    for (const server of Object.values(servers)) await server.stop();
  }
}

interface MeasureOptions {
  runs: number;
  runSeconds: number;
  /** By count, since that is what Node compiles by. */
  warmUpRequests: number;
  /** Words before the load's command. */
  before: string[];
}

async function measure(
  servers: Record<Subject['server'], ServerProcess>,
  {runs, runSeconds, warmUpRequests, before}: MeasureOptions,
): Promise<Runs> {
  const load = ({server, path}: Subject, requests: number) =>
    runHttp1Load({address: servers[server].address, path, connections, requests, before});
  const counts = new Map<string, number>();
  for (const subject of subjects) {
    await checkAnswer(`http://${servers[subject.server].address}`, subject);
    const perSecond = await load(subject, warmUpRequests);
    counts.set(subject.name, requestsFor(perSecond, runSeconds));
  }
  return interleave([...counts.keys()], runs, async name => {
    const subject = subjects.find(each => each.name === name)!;
    const count = counts.get(name)!;
    const {result, cpu} = await measureCpu(servers[subject.server].pid, () => load(subject, count));
    return {
      requestsPerSecond: result,
      cpuUsPerRequest: (cpu.seconds * 1e6) / count,
      othersShare: cpu.othersShare,
    };
  });
}

/** By the CPU that a request takes, which is the rate of a server that has its core for itself. */
function bars(data: Runs): Bar[] {
  const cpuOf = ({name}: Subject) => summarize(data.get(name)!.map(run => run.cpuUsPerRequest)).median;
  return [
    {name: 'http plain GET ÷ bare node:http', figure: cpuOf(bare) / cpuOf(raw), target: 0.7, need: 'at least'},
    {name: 'http JSON Get ÷ plain GET', figure: cpuOf(raw) / cpuOf(json), target: 0.5, need: 'at least'},
  ];
}

async function startBare(before: string[]): Promise<ServerProcess> {
  const port = await freePort();
  return startListener([...before, process.execPath, inRoot('dist', 'bench', 'http', 'bare.js'), String(port)], port);
}

/** Stores the value and sees that it comes back. */
async function checkAnswer(origin: string, {name, path}: Subject): Promise<void> {
  const stored = await fetch(`${origin}/${key}`, {method: 'PUT', body: value});
  assert.ok(stored.ok, name);
  const answer = await (await fetch(`${origin}${path}`)).text();
  if (path === `/${key}`) assert.equal(answer, value);
  else assert.equal(JSON.parse(answer).entry.value, Buffer.from(value).toString('base64'));
}

/** A multiple of 1,000, which the connections divide evenly. */
function requestsFor(perSecond: number, seconds: number): number {
  return Math.max(2000, Math.round((perSecond * seconds) / 1000) * 1000);
}

function table(data: Runs): Table {
  const figures = [...data].map(([name, runs]) => ({
    name,
    rate: summarize(runs.map(run => run.requestsPerSecond)),
    cpu: summarize(runs.map(run => run.cpuUsPerRequest)),
    others: summarize(runs.map(run => run.othersShare)).median,
  }));
  const first = figures[0]!;
  return {
    title: `GET of ${value.length} bytes under a ${key.length}-byte key, ${connections} connections, at saturation`,
    head: ['served by', 'requests/s', 'ratio', 'server CPU, µs a request', 'ratio', 'others on its core'],
    rows: figures.map(({name, rate, cpu, others}) => [
      name,
      `${round(rate.median)} (${percent(rate.spread)})`,
      `${(rate.median / first.rate.median).toFixed(2)}×`,
      `${round(cpu.median)} (${percent(cpu.spread)})`,
      `${(cpu.median / first.cpu.median).toFixed(2)}×`,
      percent(others),
    ]),
  };
}
