/**
 * A running server: the cache, the services over it, the port that listens with gRPC
 * and HTTP behind it, and the housekeeping that frees what has expired.
 */
import {readFile} from 'node:fs/promises';
import {formatBytes, limits, systemClock} from '../base/index.js';
import {Cache, type NamespaceConfig} from '../cache/index.js';
import {createGrpcJsServer} from '../grpcjs/index.js';
import {createHttpServer, type HttpServer} from '../http/index.js';
import {createRpc, type GrpcServer, type GrpcServerOptions} from '../rpc/index.js';
import {createWireServer} from '../wire/index.js';
import {ConfigError, completeOptions, defaultNamespaceLimits} from './config.js';
import {startHousekeeping} from './housekeeping.js';
import type {ServerOptions, Transport} from './options.js';
import {Port} from './port.js';

/** `wire` leaves requests that are not gRPC to HTTP; grpc-js refuses them by itself. */
const createTransport: Record<Transport, (options: GrpcServerOptions, http: HttpServer) => GrpcServer> = {
  'grpc-js': createGrpcJsServer,
  wire: (options, http) => createWireServer({...options, onHttp: exchange => http.serveExchange(exchange)}),
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
  const image = await readImage();
  const version = await readVersion();
  const rpc = createRpc({backend: cache, image, version});
  const {maxKeyBytes, maxValueBytes, corsOrigins, allowedHosts, httpUtf8Only} = options;
  const shared = {methods: rpc.methods, logFault};
  const http = createHttpServer({
    ...shared,
    backend: cache,
    image,
    version,
    maxKeyBytes,
    maxValueBytes,
    utf8Only: httpUtf8Only,
    corsOrigins,
    allowedHosts,
    transportCounters: () => grpc.counters?.(),
  });
  const grpc = createTransport[options.transport](
    {
      ...shared,
      maxReceiveBytes: maxValueBytes + limits.requestOverheadBytes,
      maxAgeMs: options.maxConnectionAgeMs,
      maxIdleMs: options.maxConnectionIdleMs,
      keepaliveMs: options.keepaliveMs,
    },
    http,
  );
  const port = new Port({transports: {h2: grpc, 'http/1.1': http}});
  const portNumber = await listen(port, options);
  const stopHousekeeping = startHousekeeping(cache);
  let closing: Promise<void> | undefined;
  return {
    address: `${options.address.includes(':') ? `[${options.address}]` : options.address}:${portNumber}`,
    options,
    close: () => {
      rpc.stopServing();
      http.stopServing();
      cache.stopWatches();
      closing ??= port.close(limits.drainMs).finally(stopHousekeeping);
      return closing;
    },
  };
}

async function listen(port: Port, {address, port: number}: ServerOptions): Promise<number> {
  try {
    return await port.listen(address, number);
  } catch (error) {
    // What was made for it would otherwise stay in memory.
    await port.close(0);
    throw error;
  }
}

function logFault(fault: unknown): void {
  process.stderr.write(`internal error: ${fault instanceof Error ? fault.stack : fault}\n`);
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
