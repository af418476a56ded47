/** A server of this checkout in a process of its own: `krusty serve` on a free port. */

import {once} from 'node:events';
import {connect, createServer as createSocketServer} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {start, stopGroup} from './child.js';
import {inRoot} from './root.js';

export interface ServerProcess {
  address: string;
  port: number;
  pid: number;
  /** Ends it and waits for the end. Answers its exit status, undefined if a signal was needed. */
  stop(): Promise<number | undefined>;
  /** Ends it at once, as a crash does, and waits for the end. */
  kill(): Promise<void>;
}

const startMsMost = 15_000;
const stopMsMost = 20_000;

/** Starts `krusty serve`, on a free port if none is given; `before` are words put before the command, such as `taskset -c 0`. */
export async function startServer(
  options: {port?: number; args?: string[]; before?: string[]} = {},
): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  const words = [...(options.before ?? []), process.execPath, inRoot('cli', 'krusty.js'), 'serve'];
  return startListener([...words, '--port', String(port), ...(options.args ?? [])], port);
}

/** Starts a program that is to listen on this port of 127.0.0.1, and waits until it does. */
export async function startListener(
  words: string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = start(words[0]!, words.slice(1), {env});
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', text => {
      output = (output + text).slice(-10_000);
    });
  }
  child.stdin!.on('error', () => {});
  child.stdin!.end();
  let ended = false;
  let code: number | undefined;
  const end = new Promise<void>(resolve => {
    child.on('error', error => {
      output += String(error);
      ended = true;
      resolve();
    });
    child.on('close', status => {
      code = status ?? undefined;
      ended = true;
      resolve();
    });
  });

  const deadline = performance.now() + startMsMost;
  while (!(await accepts(port))) {
    if (ended || performance.now() > deadline) {
      stopGroup(child, 'SIGKILL');
      throw new Error(`${words.join(' ')} ${ended ? 'ended' : 'did not listen'}:\n${output}`);
    }
    await delay(25);
  }
  return {
    address: `127.0.0.1:${port}`,
    port,
    pid: child.pid!,
    async stop() {
      stopGroup(child, 'SIGTERM');
      await Promise.race([end, delay(stopMsMost, undefined, {ref: false})]);
      if (!ended) stopGroup(child, 'SIGKILL');
      await end;
      return code;
    },
    async kill() {
      stopGroup(child, 'SIGKILL');
      await end;
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createSocketServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : freePort();
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({port, host: '127.0.0.1'});
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
