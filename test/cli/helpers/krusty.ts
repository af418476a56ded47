/**
 * Runs the real `krusty`, as a shell would, with an environment of its own.
 *
 * At most two run at once, however many tests wait: more would only share the
 * processor, and slow starts would look like failures.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export const krustyPath = fileURLToPath(new URL('../../../../cli/krusty.js', import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

export interface RunOptions {
  /** Becomes KRUSTY_ADDRESS. */
  address?: string | undefined;
  input?: Uint8Array | string;
  env?: Record<string, string>;
}

const runningMost = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs a command to its end. */
export async function krusty(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  if (running >= runningMost) await new Promise<void>(resolve => waiting.push(resolve));
  running++;
  try {
    const child = startKrusty(args, options);
    child.stdin!.on('error', () => {}); // a command that reads no input closes it
    child.stdin!.end(options.input ?? '');
    return await ended(child);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** Starts a command, for tests that meet it half way. */
export function startKrusty(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [krustyPath, ...args], {env: environment(options)});
}

/** Runs a line of shell in which `$KRUSTY` is the command. */
export function shell(line: string, options: RunOptions = {}): Promise<Ended> {
  const command = `"${process.execPath}" "${krustyPath}"`;
  return ended(spawn('sh', ['-c', line.replaceAll('$KRUSTY', command)], {env: environment(options)}));
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout!.on('data', chunk => stdout.push(chunk));
  child.stderr!.on('data', chunk => {
    stderr += chunk;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  });
  return {code, signal, stdout: Buffer.concat(stdout), stderr};
}

/** The JSON document in an output. */
export function parsed(output: Buffer | string): unknown {
  return JSON.parse(output.toString());
}

function environment({address, env}: RunOptions): NodeJS.ProcessEnv {
  const {PATH, HOME} = process.env;
  return {PATH, HOME, ...(address && {KRUSTY_ADDRESS: address}), ...env};
}
