/**
 * A running server: the cache, the services over it, the transport that listens,
 * and the housekeeping that frees what has expired.
 */
import {readFile} from 'node:fs/promises';
import {formatBytes, limits, systemClock} from '../base/index.js';
import {Cache, type NamespaceConfig} from '../cache/index.js';
import {createGrpcJsServer} from '../grpcjs/index.js';
import {createRpc, type GrpcServer, type GrpcServerOptions} from '../rpc/index.js';
import {createWireServer} from '../wire/index.js';
import {ConfigError, completeOptions, defaultNamespaceLimits} from './config.js';
import {startHousekeeping} from './housekeeping.js';
import type {ServerOptions, Transport} from './options.js';

const createTransport: Record<Transport, (options: GrpcServerOptions) => GrpcServer> = {
  'grpc-js': createGrpcJsServer,
  wire: createWireServer,
};

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
 */
export async function createServer(given: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const options = completeOptions(given);
  const cache = createCache(options);
  const rpc = createRpc({backend: cache, image: await readImage(), version: await readVersion()});
  const transport = createTransport[options.transport]({
    methods: rpc.methods,
    maxReceiveBytes: options.maxValueBytes + limits.requestOverheadBytes,
    logFault: fault => process.stderr.write(`internal error: ${fault instanceof Error ? fault.stack : fault}\n`),
  });
  const port = await transport.listen(options.address, options.port);
  const stopHousekeeping = startHousekeeping(cache);
  let closing: Promise<void> | undefined;
  return {
    address: `${options.address.includes(':') ? `[${options.address}]` : options.address}:${port}`,
    options,
    close: () => {
      rpc.stopServing();
      cache.stopWatches();
      closing ??= transport.close(limits.drainMs).finally(stopHousekeeping);
      return closing;
    },
  };
}

function createCache(options: ServerOptions): Cache {
  try {
    return new Cache({
      clock: systemClock,
      namespaces: namespaceConfigs(options),
      maxKeyBytes: options.maxKeyBytes,
      maxValueBytes: options.maxValueBytes,
      historyBytes: options.watchHistoryBytes,
      historyKeepsPrevious: options.watchPrevious,
    });
  } catch (error) {
    // What the engine throws where the system does not reserve so much.
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `max-memory "${formatBytes(options.maxMemoryBytes)}" is more than this system reserves (${error.message}); allowed: what the machine can hold`,
    );
  }
}

function namespaceConfigs(options: ServerOptions): NamespaceConfig[] {
  const {defaultTtlMs, maxTtlMs, ttlJitter, policy} = options;
  return [
    {name: 'default', ...defaultNamespaceLimits(options), defaultTtlMs, maxTtlMs, ttlJitter, policy},
    ...Object.entries(options.namespaces).map(([name, namespace]) => ({name, ...namespace})),
  ];
}

/** The descriptors that the build leaves beside the code. */
function readImage(): Promise<Uint8Array> {
  return readFile(new URL('../../image.binpb', import.meta.url));
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return JSON.parse(text).version;
}
