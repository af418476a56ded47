/** The rooms of a server put together by hand, for one thread, with what no user may choose. */
import {readFileSync} from 'node:fs';
import type {Clock} from '../../src/base/index.js';
import type {Answer, Backend, Cache, CacheOptions, NamespaceConfig, StatsAnswer} from '../../src/cache/index.js';
import {createGrpcJsServer} from '../../src/grpcjs/index.js';
import {createHttpServer, type HttpServer, type HttpServerOptions} from '../../src/http/index.js';
import {
  type ConnectionLifetime,
  createRpc,
  type FaultLog,
  type GrpcServer,
  type GrpcServerOptions,
  type Rpc,
} from '../../src/rpc/index.js';
import type {Transport} from '../../src/server/index.js';
import {Port} from '../../src/server/port.js';
import {createWireServer} from '../../src/wire/index.js';

/** Each transport, made by hand: a new one does not compile until it is here, and then every contract test runs over it. */
export const createTransport: Record<Transport, (options: GrpcServerOptions, http?: HttpServer) => GrpcServer> = {
  'grpc-js': createGrpcJsServer,
  wire: (options, http) => createWireServer({...options, onHttp: http && (exchange => http.serveExchange(exchange))}),
};

export const image = readFileSync(new URL('../../image.binpb', import.meta.url));

export interface CachePartsOptions extends Partial<Omit<CacheOptions, 'clock' | 'namespaces'>> {
  /** The first is `default`. */
  namespaces?: Partial<NamespaceConfig>[];
}

export interface ServicePartsOptions {
  /** In place of the backend's. */
  stats?: () => Answer<StatsAnswer>;
  /** In place of the cache. */
  backend?: (cache: Cache) => Backend;
  maxReceiveBytes?: number;
  connections?: ConnectionLifetime;
  http?: Partial<HttpServerOptions>;
  firstBytesMs?: number;
}

export interface PartsOptions extends CachePartsOptions, ServicePartsOptions {
  /** Why the test is of one thread, whatever others are run with. */
  oneThread?: string;
}

export interface ServiceParts {
  rpc: Rpc;
  transport: GrpcServer;
  http: HttpServer;
  /** What listens, with the transport and HTTP behind it. */
  port: Port;
}

/** A cache of 1,000 entries and 2 MiB in `default`, unless something else is said. */
export function cacheOptionsOf(clock: Clock, {namespaces = [{}], ...options}: CachePartsOptions): CacheOptions {
  return {
    clock,
    maxKeyBytes: 1024,
    maxValueBytes: 2 ** 20,
    random: () => 0.5,
    namespaces: namespaces.map(namespace => ({
      name: 'default',
      maxEntries: 1000,
      maxMemoryBytes: 2 ** 21,
      ttlJitter: 0,
      ...namespace,
    })),
    ...options,
  };
}

/** All that serves a cache. */
/** Where several threads are in the process of a test, it may get no processor for longer than a client may be silent. */
const patienceMs = 5 * 60_000;

export function assembleParts(
  transportName: Transport,
  cache: Cache,
  logFault: FaultLog,
  options: ServicePartsOptions & Pick<CachePartsOptions, 'maxKeyBytes' | 'maxValueBytes'>,
): ServiceParts {
  const {stats, maxReceiveBytes = 2 ** 21, connections, firstBytesMs = patienceMs, maxKeyBytes = 1024} = options;
  const backend = options.backend?.(cache) ?? cache;
  const version = '1.2.3-test';
  const rpc = createRpc({backend, image, version, stats});
  const {methods} = rpc;
  const http = createHttpServer({
    backend,
    methods,
    image,
    version,
    maxKeyBytes,
    maxValueBytes: options.maxValueBytes ?? 2 ** 20,
    logFault,
    state: stats && (async () => ({stats: await stats(), threads: [http.threadFacts()]})),
    transportCounters: () => transport.counters?.(),
    ...options.http,
  });
  const transport = createTransport[transportName]({methods, maxReceiveBytes, logFault, ...connections}, http);
  const port = new Port({transports: {h2: transport, 'http/1.1': http}, firstBytesMs});
  return {rpc, transport, http, port};
}
