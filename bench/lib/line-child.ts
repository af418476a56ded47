/**
 * A process of a benchmark's own, which is told one line of JSON at a time and answers
 * each with one. So subjects keep what they hold between runs, only one of them works
 * at a time, and none shares a heap with another or with the bench.
 */
import {createInterface} from 'node:readline';
import {start, stopGroup} from '../../test/interop/lib/child.js';

export interface LineChild {
  pid: number;
  /** Sends a request and waits for its answer. One at a time. */
  ask<T>(request: unknown): Promise<T>;
  /** Ends it, and waits for the end. */
  stop(): Promise<void>;
}

export interface LineChildOptions {
  /** What it is called in messages. */
  name: string;
  /** Ended, and the question failed, where an answer takes longer. */
  timeoutMs?: number;
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
}

export function startLineChild(words: string[], options: LineChildOptions): LineChild {
  const {name, timeoutMs = 5 * 60_000, env} = options;
  const child = start(words[0]!, words.slice(1), {env});
  let waiting: {resolve(line: string): void; reject(error: Error): void} | undefined;
  let errors = '';
  const fail = (why: string) => waiting?.reject(new Error(`${name} ${why}\n${errors}`));
  createInterface({input: child.stdout!}).on('line', line => waiting?.resolve(line));
  child.stderr!.setEncoding('utf8').on('data', text => {
    errors = (errors + text).slice(-5000);
  });
  child.stdin!.on('error', () => {}); // That it has ended is told by `close`.
  let ended = false;
  const end = new Promise<void>(resolve => {
    child.on('error', error => fail(String(error)));
    child.on('close', () => {
      ended = true;
      fail('ended');
      resolve();
    });
  });
  return {
    pid: child.pid!,
    async ask<T>(request: unknown): Promise<T> {
      if (ended) throw new Error(`${name} has ended\n${errors}`);
      const timer = setTimeout(() => {
        fail(`did not answer within ${timeoutMs / 1000} s`);
        stopGroup(child, 'SIGKILL');
      }, timeoutMs);
      try {
        const line = await new Promise<string>((resolve, reject) => {
          waiting = {resolve, reject};
          child.stdin!.write(`${JSON.stringify(request)}\n`);
        });
        return JSON.parse(line) as T;
      } finally {
        clearTimeout(timer);
        waiting = undefined;
      }
    },
    async stop() {
      child.stdin!.end();
      stopGroup(child, 'SIGKILL');
      await end;
    },
  };
}
