/** A running server: in this thread, or in several of which this one takes care. */
import {limits, systemClock} from '../base/index.js';
import {Cache} from '../cache/index.js';
import {cacheOptions, reserving} from './cache-options.js';
import {completeOptions} from './config.js';
import type {ServerOptions} from './options.js';
import {type Served, startSupervised} from './supervisor.js';
import {readReleased, ServingThread} from './thread.js';

export interface RunningServer {
  /** The address it listens on, as `host:port`. */
  readonly address: string;
  /** The options in force. */
  readonly options: ServerOptions;
  /** Takes no new calls, waits for those under way (10 s at most), and stops. */
  close(): Promise<void>;
}

/**
 * Starts a server in this process.
 *
 * What is left out has its default: see `krusty serve --help`. Throws a ConfigError
 * where a value is not allowed, and the system's error (`code` EADDRINUSE,
 * EACCES, …) where it cannot listen.
 *
 * With `threads` above 1 it serves in so many worker threads, on memory that they share.
 * Only the main thread of a process can do that. If one of them dies, what it was changing
 * may be half changed: then the process ends, with a message on stderr.
 */
export async function createServer(given: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const options = completeOptions(given);
  const {port, close} = options.threads > 1 ? await startSupervised(options) : await startAlone(options);
  const {address} = options;
  let closing: Promise<void> | undefined;
  return {
    address: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    options,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function startAlone(options: ServerOptions): Promise<Served> {
  const cache = reserving(options, () => new Cache(cacheOptions(options, systemClock)));
  const thread = new ServingThread({options, cache, ...(await readReleased())});
  try {
    const port = await thread.port.listen(options.address, options.port);
    thread.startHousekeeping();
    return {
      port,
      close: () => {
        thread.stopServing();
        return thread.close(limits.drainMs);
      },
    };
  } catch (error) {
    // What was made for it would otherwise stay in memory.
    await thread.close(0);
    throw error;
  }
}
