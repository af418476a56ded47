/**
 * Clients in Go and Python, generated from the protos: the scenario in each, and the
 * malformed requests that only a raw codec can send.
 */

import {fail, heading, pass, skip} from './lib/checks.js';
import {run, runOrThrow} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {goMissing, makeGoStubs, makePythonStubs, pythonMissing, pythonWithPackages} from './lib/toolchain.js';
import {scenario} from './scenario.js';

export const goFolder = inRoot('test', 'interop', 'go');
const clientMsMost = 3 * 60_000;
const buildMsMost = 10 * 60_000;

export async function checkGoClient(address: string): Promise<void> {
  heading('A Go client, the scenario');
  await runGoScenario('Go', [address, 'go/']);
}

/** Runs it; `args` are an address, a prefix for keys, and for TLS the file of an authority. */
export async function runGoScenario(name: string, args: string[]): Promise<void> {
  const missing = await goMissing();
  if (missing !== undefined) return skipSteps(name, scenario, missing);
  await makeGoStubs(goFolder);
  await reportSteps(name, scenario, await buildGo('scenario'), args, {});
}

export async function checkPythonClient(address: string): Promise<void> {
  heading('A Python client, the scenario');
  await runPythonScenario('Python', [address, 'python/']);
}

/** The same in Python. */
export async function runPythonScenario(name: string, args: string[]): Promise<void> {
  const missing = await pythonMissing();
  if (missing !== undefined) return skipSteps(name, scenario, missing);
  const PYTHONPATH = await makePythonStubs();
  const program = inRoot('test', 'interop', 'python', 'scenario.py');
  const python = await pythonWithPackages();
  await reportSteps(name, scenario, python, [program, ...args], {PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1'});
}

export async function checkMalformed(address: string): Promise<void> {
  heading('Malformed requests, by a raw codec in Go');
  const missing = await goMissing();
  if (missing !== undefined) return skip('malformed requests', missing);
  await makeGoStubs(goFolder);
  await reportSteps('malformed', undefined, await buildGo('malformed'), [address], {});
}

/** Builds one of the programs in the module of the Go client, by its folder. */
export async function buildGo(name: string): Promise<string> {
  const program = inRoot('build', 'interop', name);
  await runOrThrow('go', ['build', '-buildvcs=false', '-o', program, `./${name}`], {
    cwd: goFolder,
    timeoutMs: buildMsMost,
  });
  return program;
}

/** Runs a client and takes its lines, `ok NAME` or `not ok NAME: why`, for checks of this run. */
export async function reportSteps(
  client: string,
  expected: readonly {name: string}[] | undefined,
  program: string,
  args: string[],
  env: Record<string, string>,
): Promise<void> {
  const {code, stdout, stderr} = await run(program, args, {timeoutMs: clientMsMost, env});
  const names: string[] = [];
  let failures = 0;
  for (const line of stdout.split('\n')) {
    const [, not, text] = /^(not )?ok (.*)$/.exec(line) ?? [];
    if (text === undefined) continue;
    if (not === undefined) {
      names.push(text);
      pass(`${client}: ${text}`);
      continue;
    }
    failures += 1;
    const colon = text.indexOf(': ');
    names.push(text.slice(0, colon));
    fail(`${client}: ${text.slice(0, colon)}`, text.slice(colon + 2));
  }
  const wanted = expected?.map(({name}) => name).join(', ');
  if (wanted !== undefined && names.join(', ') !== wanted) {
    fail(`${client}: every step, in order`, `did ${names.join(', ')}\nnot ${wanted}`);
  }
  if (names.length === 0 || (failures === 0 && code !== 0)) {
    fail(`${client}: ends well`, `exit ${code}\n${stderr.slice(-2000)}`);
  }
}

export function skipSteps(client: string, steps: readonly {name: string}[], why: string): void {
  for (const {name} of steps) skip(`${client}: ${name}`, why);
}
