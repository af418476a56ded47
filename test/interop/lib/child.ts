/**
 * Programs that a run starts: each with a time limit and in a process group of its
 * own, so that it can be ended with whatever it started, and nothing else is.
 *
 * Groups still there when this process ends are ended with it.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {root} from './root.js';

export interface RunOptions {
  /** Ended, and counted as failed, after this long. */
  timeoutMs: number;
  /** Where it runs; the checkout if unset. */
  cwd?: string;
  /** Its standard input; empty if unset. */
  input?: string | Buffer;
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
}

export interface Finished {
  /** Its exit status; undefined if it was ended by a signal or could not be started. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

const groups = new Set<number>();
process.on('exit', () => {
  for (const group of groups) killGroup(group, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Runs a program to its end, whatever that is: see `Finished`. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise(resolve => {
    const child = start(program, args, options);
    const output = {stdout: '', stderr: ''};
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', text => {
        output[name] += text;
      });
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stopGroup(child, 'SIGKILL');
    }, options.timeoutMs);
    const finish = (code: number | null, problem = '') => {
      clearTimeout(timer);
      const late = timedOut ? `\nended after ${options.timeoutMs / 1000} s` : '';
      resolve({code: code ?? undefined, stdout: output.stdout, stderr: output.stderr + problem + late, timedOut});
    };
    child.on('error', error => finish(null, String(error)));
    child.on('close', code => finish(code));
    child.stdin!.on('error', () => {}); // A program may end without reading its input.
    child.stdin!.end(options.input ?? '');
  });
}

/** Runs a program that must succeed, and answers its standard output. */
export async function runOrThrow(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const {code, stdout, stderr} = await run(program, args, options);
  if (code === 0) return stdout;
  const words = [program, ...args].join(' ');
  throw new Error(`${words.slice(0, 300)}: exit ${code}\n${(stderr + stdout).slice(-3000)}`);
}

/** Starts a program in a group of its own, with pipes. */
export function start(program: string, args: readonly string[], options: Omit<RunOptions, 'timeoutMs'>): ChildProcess {
  const child = spawn(program, args, {
    cwd: options.cwd ?? root,
    env: {...inheritedEnvironment(), ...options.env},
    detached: true,
    stdio: 'pipe',
  });
  const group = child.pid;
  if (group !== undefined) {
    groups.add(group);
    child.on('close', () => {
      // What it started and left behind goes too.
      killGroup(group, 'SIGKILL');
      groups.delete(group);
    });
  }
  return child;
}

/** The caller's environment without its KRUSTY_ variables, which are meant for another server. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KRUSTY_')));
}

/** Sends a signal to a child and all that it started. */
export function stopGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) killGroup(child.pid, signal);
}

function killGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // The group is gone already.
  }
}
