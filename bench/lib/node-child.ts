/** A Node process of a benchmark's own: see line-child.ts. */
import {createInterface} from 'node:readline';
import {inRoot} from '../../test/interop/lib/root.js';
import {type LineChild, startLineChild} from './line-child.js';

export type NodeChild = LineChild;

export interface NodeChildOptions {
  /** Words put before the command, such as `taskset -c 0`. */
  before?: string[];
  /** Flags for Node. */
  flags?: string[];
  /** Ended, and the question failed, where an answer takes longer. */
  timeoutMs?: number;
}

/** Starts a script of dist/bench. */
export function startNodeChild(script: string, args: string[], options: NodeChildOptions = {}): NodeChild {
  const {before = [], flags = [], timeoutMs} = options;
  const words = [...before, process.execPath, ...flags, inRoot('dist', 'bench', script), ...args];
  return startLineChild(words, {name: `${script} ${args.join(' ')}`, timeoutMs});
}

/** In the child: answers each request, in order, until there are no more. */
export async function answerRequests<R>(answer: (request: R) => unknown): Promise<void> {
  for await (const line of createInterface({input: process.stdin})) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as R))}\n`);
  }
}
