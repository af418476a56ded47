/** Where and with what a benchmark ran. */

import {readFileSync} from 'node:fs';
import {availableParallelism, cpus, loadavg} from 'node:os';
import {run} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';

export interface Machine {
  time: string;
  commit: string;
  cpu: string;
  cores: number;
  /** Over the minute before: above 0.3 or so, something else was running. */
  loadAverage: number;
  versions: Record<string, string>;
}

export async function describeMachine(): Promise<Machine> {
  const versions: Record<string, string> = {node: process.versions.node};
  const go = /go(\d\S*)/.exec(await firstLine('go', ['version']))?.[1];
  if (go !== undefined) versions.go = go;
  versions.ghz = /bojand\/ghz v(\S+)/.exec(readFileSync(inRoot('tools', 'go.mod'), 'utf8'))?.[1] ?? 'unknown';
  const nghttp2 = /nghttp2\/(\S+)/.exec(await firstLine('h2load', ['--version']))?.[1];
  if (nghttp2 !== undefined) versions.h2load = nghttp2;
  const changed = await firstLine('git', ['status', '--porcelain']);
  return {
    time: new Date().toISOString(),
    commit: `${(await firstLine('git', ['rev-parse', '--short', 'HEAD'])) || 'unknown'}${changed ? ' with changes' : ''}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    loadAverage: Math.round(loadavg()[0]! * 100) / 100,
    versions,
  };
}

async function firstLine(program: string, args: string[]): Promise<string> {
  const {code, stdout} = await run(program, args, {timeoutMs: 10_000});
  return code === 0 ? stdout.split('\n')[0]!.trim() : '';
}
