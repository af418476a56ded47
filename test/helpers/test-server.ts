/**
 * Servers for tests, on a free port, ended with their test.
 *
 * startServer is what users start. startParts puts the same rooms together by hand,
 * with what no user may choose: the clock, the backend, where faults are logged.
 */
import {readFileSync} from 'node:fs';
import type {ExecutionContext} from 'ava';
import type {Clock} from '../../src/base/index.js';
import {
  type Answer,
  type Backend,
  Cache,
  type CacheOptions,
  type NamespaceConfig,
  type StatsAnswer,
} from '../../src/cache/index.js';
import {createGrpcJsServer} from '../../src/grpcjs/index.js';
import {createHttpServer, type HttpServer, type HttpServerOptions} from '../../src/http/index.js';
import {
  type ConnectionLifetime,
  createRpc,
  type GrpcServer,
  type GrpcServerOptions,
  type Rpc,
} from '../../src/rpc/index.js';
import {createServer, type RunningServer, type ServerOptions, type Transport} from '../../src/server/index.js';
import {Port} from '../../src/server/port.js';
import {createWireServer} from '../../src/wire/index.js';
import {ManualClock} from './manual-clock.js';
import {createTestClient, type TestClient} from './test-client.js';

/** Each transport, made by hand: a new one does not compile until it is here, and then every contract test runs over it. */
export const createTransport: Record<Transport, (options: GrpcServerOptions, http?: HttpServer) => GrpcServer> = {
  'grpc-js': createGrpcJsServer,
  wire: (options, http) => createWireServer({...options, onHttp: http && (exchange => http.serveExchange(exchange))}),
};

export const image = readFileSync(new URL('../../image.binpb', import.meta.url));

export interface TestServer {
  client: TestClient;
  server: RunningServer;
}

/** A server as users start it. */
export async function startServer(t: ExecutionContext, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await createServer({port: 0, ...options});
  const client = createTestClient(server.address);
  t.teardown(async () => {
    client.close();
    await server.close();
  });
  return {client, server};
}

export interface Parts {
  client: TestClient;
  cache: Cache;
  clock: ManualClock;
  rpc: Rpc;
  transport: GrpcServer;
  http: HttpServer;
  /** What listens, with the transport and HTTP behind it. */
  port: Port;
  /** Where it listens, as `host:port`. */
  address: string;
  /** What was logged as a fault of the server. */
  faults: unknown[];
}

export interface PartsOptions extends Partial<Omit<CacheOptions, 'clock' | 'namespaces'>> {
  /** The first is `default`. */
  namespaces?: Partial<NamespaceConfig>[];
  /** In place of the backend's. */
  stats?: () => Answer<StatsAnswer>;
  /** In place of the cache. */
  backend?: (cache: Cache) => Backend;
  maxReceiveBytes?: number;
  connections?: ConnectionLifetime;
  http?: Partial<HttpServerOptions>;
  firstBytesMs?: number;
}

/** A server whose clock stands still until the test moves it. */
export async function startParts(
  t: ExecutionContext,
  transportName: Transport,
  {
    namespaces,
    backend: backendOf,
    stats,
    maxReceiveBytes = 2 ** 21,
    connections,
    http: httpOptions,
    firstBytesMs,
    ...options
  }: PartsOptions = {},
): Promise<Parts> {
  const clock = new ManualClock();
  const cache = createTestCache(clock, {namespaces, ...options});
  const backend = backendOf?.(cache) ?? cache;
  const version = '1.2.3-test';
  const rpc = createRpc({backend, image, version, stats});
  const faults: unknown[] = [];
  const logFault = (fault: unknown) => void faults.push(fault);
  const {methods} = rpc;
  const {maxKeyBytes = 1024, maxValueBytes = 2 ** 20} = options;
  const http = createHttpServer({
    backend,
    methods,
    image,
    version,
    maxKeyBytes,
    maxValueBytes,
    logFault,
    stats,
    transportCounters: () => transport.counters?.(),
    ...httpOptions,
  });
  const transport = createTransport[transportName]({methods, maxReceiveBytes, logFault, ...connections}, http);
  const port = new Port({transports: {h2: transport, 'http/1.1': http}, firstBytesMs});
  const address = `127.0.0.1:${await port.listen('127.0.0.1', 0)}`;
  const client = createTestClient(address);
  t.teardown(async () => {
    client.close();
    await port.close(0);
  });
  return {client, cache, clock, rpc, transport, http, port, address, faults};
}

/** A cache of 1,000 entries and 2 MiB in `default`, unless something else is said. */
export function createTestCache(
  clock: Clock,
  {
    namespaces = [{}],
    ...options
  }: Omit<PartsOptions, 'backend' | 'stats' | 'maxReceiveBytes' | 'connections' | 'http' | 'firstBytesMs'> = {},
): Cache {
  return new Cache({
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
  });
}
