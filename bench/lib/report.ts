/**
 * What a benchmark leaves behind: its tables on the terminal, the same with every run's
 * figures under bench/results, and one line for each bar it was to reach.
 */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inRoot} from '../../test/interop/lib/root.js';
import type {Machine} from './machine.js';

export interface BenchOptions {
  /** Fewer and shorter runs: to see that it works, not to read figures from. */
  quick: boolean;
}

export interface BenchResult {
  name: string;
  /** What was measured, in a sentence or two, with pinning and number of runs. */
  about: string;
  tables: Table[];
  bars: Bar[];
  /** Every run's figures, for the JSON file. */
  data: unknown;
}

export interface Table {
  title: string;
  head: string[];
  rows: string[][];
}

/** A figure with what it is to be: at least or at most the target. */
export interface Bar {
  name: string;
  figure: number;
  target: number;
  /** Whether the figure may not be below or not above the target. */
  need: 'at least' | 'at most';
  unit?: string;
}

export function barLine({name, figure, target, need, unit}: Bar): string {
  const ok = need === 'at least' ? figure >= target : figure <= target;
  const sign = need === 'at least' ? '≥' : '≤';
  const words = unit === undefined ? '' : ` ${unit}`;
  return `bar ${name}: ${round(figure)}${words} (bar ${sign} ${round(target)}${words}) ${ok ? 'ok' : 'short'}`;
}

/** Prints a result and writes it to bench/results. */
export function publish(result: BenchResult, machine: Machine, options: BenchOptions): void {
  const markdown = toMarkdown(result, machine, options);
  console.log(`\n${markdown}`);
  const folder = inRoot('bench', 'results');
  mkdirSync(folder, {recursive: true});
  const file = join(
    folder,
    `${result.name}-${machine.time.slice(0, 19).replaceAll(':', '')}${options.quick ? '-quick' : ''}`,
  );
  writeFileSync(`${file}.md`, [markdown, ...result.bars.map(barLine), ''].join('\n'));
  writeFileSync(`${file}.json`, `${JSON.stringify({machine, options, ...result}, undefined, 2)}\n`);
  console.log(`written to ${file}.md and .json`);
}

function toMarkdown(result: BenchResult, machine: Machine, options: BenchOptions): string {
  const {commit, cpu, cores, versions, loadAverage, time} = machine;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [`## ${result.name}${options.quick ? ' (quick: figures mean little)' : ''}`, '', result.about, ''];
  for (const {title, head, rows} of result.tables) {
    const cells = [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows];
    lines.push(`**${title}**`, '', ...cells.map(row => `| ${row.join(' | ')} |`), '');
  }
  lines.push(
    `${time.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}, ${cores} × ${cpu}, ${programs.join(', ')}, load average at the start ${loadAverage}.`,
  );
  return `${lines.join('\n')}\n`;
}

/** A number with about three digits that mean something. */
export function round(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
