/**
 * The http room: everything that is served over HTTP and is not gRPC, on connections
 * of HTTP/1.1 that somebody else has accepted, or in exchanges of an HTTP/2 elsewhere.
 *
 *     connection ─ NodeServer ─┬► request, sink ─ BrowserGuard ─ place of the path ─┬► plain key
 *     exchange ────────────────┘                                                    ├► JSON route
 *                                                                                   └► own path
 */
import type {Socket} from 'node:net';
import type {Answer, Backend, FaultLog, Method, TransportCounters} from '../rpc/index.js';
import type {ResponseSink} from '../transcoding/index.js';
import {BrowserGuard, type BrowserGuardOptions} from './browser-guard.js';
import {Dispatcher} from './dispatcher.js';
import {type Exchange, type ExchangeBody, serveExchange} from './exchange.js';
import {createJsonRoutes} from './json-routes.js';
import {LoopLag} from './loop-lag.js';
import {NodeServer} from './node-server.js';
import {ownPaths} from './own-paths.js';
import {RawKeys} from './raw-keys.js';
import {answerOf, sendFailure} from './refusal.js';
import {type ServerState, type ThreadFacts, threadFacts} from './thread-facts.js';
import type {HttpRequest, HttpSink} from './types.js';

export type {ThreadFacts} from './thread-facts.js';

export interface HttpServerOptions extends BrowserGuardOptions {
  backend: Backend;
  /** The methods that the JSON routes call. */
  methods: readonly Method[];
  /** A serialised FileDescriptorSet that describes them. */
  image: Uint8Array;
  /** Of the server. */
  version: string;
  maxKeyBytes: number;
  maxValueBytes: number;
  /** Refuse plain values that are not UTF-8. */
  utf8Only?: boolean;
  logFault: FaultLog;
  /** What the gRPC transport has counted, for the metrics. */
  transportCounters?: () => TransportCounters | undefined;
  /** What the metrics tell; if unset, of the backend and this thread, the only one. */
  state?: () => Answer<ServerState>;
  /** From 0 up to 1; Math.random if unset. */
  random?: () => number;
  /** How long the headers of a request may take, and how often that is looked at, in milliseconds. */
  headersMs?: number;
  checkMs?: number;
}

export interface HttpServer {
  /** Serves a connection of which nothing was read, or all of it put back. */
  accept(connection: Socket): void;
  /** Serves a request that came over HTTP/2, and says who takes its body. */
  serveExchange(exchange: Exchange): ExchangeBody;
  /** What this thread tells of itself. */
  threadFacts(): ThreadFacts;
  /** Says from now on that it is not ready. */
  stopServing(): void;
  /** Takes no new requests and connections; done when those under way are, or cut off after so long. */
  close(drainMs: number): Promise<void>;
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const {logFault, utf8Only = false, backend} = options;
  let isServing = true;
  const loopLag = new LoopLag();
  const facts = () => threadFacts(loopLag, options.transportCounters?.());
  const {state = async () => ({stats: await backend.stats(), threads: [facts()]})} = options;
  const fail = (sink: ResponseSink, failure: unknown) => sendFailure(sink, answerOf(failure, logFault));
  const jsonRoutes = createJsonRoutes(options);
  const {routes} = jsonRoutes;
  const dispatcher = new Dispatcher({
    guard: new BrowserGuard(options),
    rawKeys: new RawKeys({...options, utf8Only, fail}),
    jsonRoutes,
    ownPaths: ownPaths({...options, routes, isServing: () => isServing, state, fail}),
    fail,
  });
  const serve = (request: HttpRequest, sink: HttpSink) => dispatcher.serve(request, sink);
  const server = new NodeServer({...options, serve});
  return {
    accept: connection => server.accept(connection),
    serveExchange: exchange => serveExchange(exchange, {serve, fail}),
    threadFacts: facts,
    stopServing: () => {
      isServing = false;
    },
    close: drainMs => server.close(drainMs).finally(() => loopLag.stop()),
  };
}
