/**
 * A Node process of a benchmark's own, which is told one line of JSON at a time and
 * answers each with one. So subjects keep what they hold between runs, only one of
 * them works at a time, and none shares a heap with another or with the bench.
 */
import {createInterface} from 'node:readline';
import {start, stopGroup} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';

export interface NodeChild {
  pid: number;
  /** Sends a request and waits for its answer. One at a time. */
  ask<T>(request: unknown): Promise<T>;
  /** Ends it, and waits for the end. */
  stop(): Promise<void>;
}

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
  const {before = [], flags = [], timeoutMs = 5 * 60_000} = options;
  const words = [...before, process.execPath, ...flags, inRoot('dist', 'bench', script), ...args];
  const child = start(words[0]!, words.slice(1), {});
  let waiting: {resolve(line: string): void; reject(error: Error): void} | undefined;
  let errors = '';
  const fail = (why: string) => waiting?.reject(new Error(`${script} ${args.join(' ')} ${why}\n${errors}`));
  createInterface({input: child.stdout!}).on('line', line => waiting?.resolve(line));
  child.stderr!.setEncoding('utf8').on('data', text => {
    errors = (errors + text).slice(-5000);
  });
  child.stdin!.on('error', () => {}); // That it has ended is told by `close`.
  const end = new Promise<void>(resolve => {
    child.on('error', error => fail(String(error)));
    child.on('close', () => {
      fail('ended');
      resolve();
    });
  });
  return {
    pid: child.pid!,
    async ask<T>(request: unknown): Promise<T> {
      const timer = setTimeout(() => {
        fail(`did not answer within ${timeoutMs / 1000} s`);
        stopGroup(child, 'SIGKILL');
      }, timeoutMs);
      const line = await new Promise<string>((resolve, reject) => {
        waiting = {resolve, reject};
        child.stdin!.write(`${JSON.stringify(request)}\n`);
      });
      clearTimeout(timer);
      waiting = undefined;
      return JSON.parse(line) as T;
    },
    async stop() {
      child.stdin!.end();
      stopGroup(child, 'SIGKILL');
      await end;
    },
  };
}

/** In the child: answers each request, in order, until there are no more. */
export async function answerRequests<R>(answer: (request: R) => unknown): Promise<void> {
  for await (const line of createInterface({input: process.stdin})) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as R))}\n`);
  }
}
