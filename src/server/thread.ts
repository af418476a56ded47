/**
 * A thread that serves: the services over its cache, the port with gRPC and HTTP behind
 * it, and the housekeeping that frees what has expired. A server has one in its own
 * thread, or several in workers.
 */
import {readFile} from 'node:fs/promises';
import {limits} from '../base/index.js';
import {type Cache, type StatsAnswer, sumWatchStats, type WatchStats} from '../cache/index.js';
import {createGrpcJsServer} from '../grpcjs/index.js';
import {createHttpServer, type HttpServer, type ThreadFacts} from '../http/index.js';
import {createRpc, type GrpcServer, type GrpcServerOptions, type Rpc} from '../rpc/index.js';
import {createWireServer} from '../wire/index.js';
import {startHousekeeping} from './housekeeping.js';
import type {ServerOptions, Transport} from './options.js';
import {Port} from './port.js';
import type {Spread} from './spread.js';

/** What a thread tells the others of itself. */
export interface ThreadReport extends ThreadFacts {
  /** Of its own watchers; undefined where no history is kept. */
  watch: WatchStats | undefined;
}

/** What every server serves and no option says. */
export interface Released {
  /** The descriptors of the services. */
  image: Uint8Array;
  version: string;
}

export interface ThreadOptions extends Released {
  options: ServerOptions;
  cache: Cache;
  /** Asks all threads of the server, where this is not the only one. */
  allReports?: () => Promise<readonly ThreadReport[]>;
  /** Where several threads listen on one descriptor. */
  spread?: Spread;
}

/** One of the threads' equal shares of a limit. */
const shareOf = (limit: number, {threads}: ServerOptions) => Math.ceil(limit / threads);

type CreateTransport = (transport: GrpcServerOptions, http: HttpServer, options: ServerOptions) => GrpcServer;

/** `wire` leaves requests that are not gRPC to HTTP; grpc-js refuses them by itself. */
const createTransport: Record<Transport, CreateTransport> = {
  'grpc-js': createGrpcJsServer,
  wire: (transport, http, options) =>
    createWireServer({
      ...transport,
      connectionsMost: shareOf(limits.wireConnectionsMost, options),
      heldBytesMost: shareOf(limits.wireHeldBytesMost, options),
      onHttp: exchange => http.serveExchange(exchange),
    }),
};

export class ServingThread {
  readonly port: Port;
  readonly #cache: Cache;
  readonly #rpc: Rpc;
  readonly #http: HttpServer;
  #stopHousekeeping: (() => void) | undefined;

  constructor({options, cache, image, version, allReports, spread}: ThreadOptions) {
    const {maxKeyBytes, maxValueBytes, corsOrigins, allowedHosts, httpUtf8Only, threads} = options;
    const state =
      allReports && (() => allReports().then(reports => ({stats: statsOf(cache, reports), threads: reports})));
    const served = {backend: cache, image, version};
    this.#cache = cache;
    this.#rpc = createRpc({...served, threads, stats: state && (() => state().then(({stats}) => stats))});
    const shared = {methods: this.#rpc.methods, logFault};
    this.#http = createHttpServer({
      ...served,
      ...shared,
      maxKeyBytes,
      maxValueBytes,
      utf8Only: httpUtf8Only,
      corsOrigins,
      allowedHosts,
      transportCounters: () => grpc.counters?.(),
      state,
    });
    const transport: GrpcServerOptions = {
      ...shared,
      maxReceiveBytes: maxValueBytes + limits.requestOverheadBytes,
      maxAgeMs: options.maxConnectionAgeMs,
      maxIdleMs: options.maxConnectionIdleMs,
      keepaliveMs: options.keepaliveMs,
    };
    const grpc = createTransport[options.transport](transport, this.#http, options);
    this.port = new Port({
      transports: {h2: grpc, 'http/1.1': this.#http},
      connectionsMost: shareOf(limits.connectionsMost, options),
      spread,
    });
  }

  /** Once the port listens. */
  startHousekeeping(): void {
    const tick = () => {
      this.#cache.tick();
      this.port.countConnections();
    };
    this.#stopHousekeeping = startHousekeeping({sweep: stepsMost => this.#cache.sweep(stepsMost), tick});
  }

  report(): ThreadReport {
    return {...this.#http.threadFacts(), watch: this.#cache.stats().watch};
  }

  /** Says that it is going away, to whoever asks and to those who watch. */
  stopServing(): void {
    this.#rpc.stopServing();
    this.#http.stopServing();
    this.#cache.stopWatches();
  }

  /** Gives the port back at once; done when the calls under way are, or cut off. */
  close(drainMs: number): Promise<void> {
    return this.port.close(drainMs).finally(this.#stopHousekeeping);
  }

  /** The same, but for the port. */
  drain(drainMs: number): Promise<void> {
    return this.port.drain(drainMs).finally(this.#stopHousekeeping);
  }
}

/** What the store counts is of all threads anyway; watchers are each thread's own. */
function statsOf(cache: Cache, reports: readonly ThreadReport[]): StatsAnswer {
  const [first, ...others] = reports.flatMap(({watch}) => watch ?? []);
  return {...cache.stats(), watch: first && sumWatchStats([first, ...others])};
}

function logFault(fault: unknown): void {
  process.stderr.write(`internal error: ${fault instanceof Error ? fault.stack : fault}\n`);
}

/** Reads what the build has left beside the code. */
export async function readReleased(): Promise<Released> {
  const [image, text] = await Promise.all([
    readFile(new URL('../../image.binpb', import.meta.url)),
    readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  ]);
  return {image, version: JSON.parse(text).version};
}
