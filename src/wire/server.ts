/**
 * A gRPC server on our own HTTP/2: it listens, looks after its connections, and sends
 * each request where it belongs.
 */
import {createServer} from 'node:net';
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import type {GrpcServer, GrpcServerOptions, Method} from '../rpc/index.js';
import {Connection} from './connection.js';
import {readDirectly} from './direct-read.js';
import type {ConnectionFault} from './errors.js';
import {type CallOptions, GrpcCall} from './grpc/call.js';
import {RefusedCall, refusalOf} from './grpc/refused-call.js';
import {HttpExchange, type HttpHandler, refuseHttp} from './http-exchange.js';
import type {RequestHead} from './request-head.js';
import type {Stream} from './stream.js';
import {systemTimers, type Timers} from './timers.js';
import type {Lifetime} from './upkeep.js';

export interface WireServerOptions extends GrpcServerOptions, Lifetime {
  timers?: Timers;
  /** Serves requests that are not gRPC. */
  onHttp?: HttpHandler;
}

export interface WireCounters {
  /** Connections open now. */
  connections: number;
  /** Connections that came when there were too many. */
  refusedConnections: number;
  /** Connections cut off for what the peer did, by what it was. */
  faults: Map<string, number>;
}

export interface WireServer extends GrpcServer {
  /** Accepts connections itself. Answers the port in use, which the system chose if it was 0; fails with its error where it cannot listen. */
  listen(address: string, port: number): Promise<number>;
  counters(): WireCounters;
}

export function createWireServer(options: WireServerOptions): WireServer {
  const router = new Router(options);
  const connections = new Connections(options, router);
  const listener = createServer({noDelay: true}, socket => connections.accept(socket));
  return {
    accept: duplex => connections.accept(duplex),
    counters: () => connections.counters(),
    listen: (address, port) =>
      new Promise((resolve, reject) => {
        listener.once('error', reject);
        listener.listen({host: address, port}, () => {
          listener.off('error', reject);
          // Such as too many open files: one connection less, not one server less.
          listener.on('error', options.logFault);
          resolve((listener.address() as {port: number}).port);
        });
      }),
    close: async drainMs => {
      const released = new Promise<void>(resolve => {
        if (listener.listening) listener.close(() => resolve());
        else resolve();
      });
      await connections.close(drainMs);
      await released;
    },
  };
}

/** Which kind of stream a request is. */
class Router {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #callOptions: CallOptions;
  readonly #onHttp: HttpHandler;

  constructor({methods, maxReceiveBytes, logFault, onHttp = refuseHttp}: WireServerOptions) {
    this.#methods = new Map(methods.map(method => [method.path, method]));
    this.#callOptions = {maxReceiveBytes, logFault};
    this.#onHttp = onHttp;
  }

  open(connection: Connection, streamId: number, head: RequestHead, endsStream: boolean): Stream {
    if (head.contentType?.number !== 1) {
      const exchange = new HttpExchange(connection, streamId, head, endsStream);
      connection.streams.set(streamId, exchange);
      exchange.begin(head.isTooLarge ? refuseTooLarge : this.#onHttp);
      return exchange;
    }
    const method = this.#methodOf(head);
    const refusal = refusalOf(head, method);
    if (refusal !== undefined) {
      const refused = new RefusedCall(connection, streamId, endsStream);
      connection.streams.set(streamId, refused);
      refused.begin(refusal);
      return refused;
    }
    const call = new GrpcCall(connection, streamId, endsStream, this.#callOptions, method!, head);
    connection.streams.set(streamId, call);
    call.begin();
    return call;
  }

  /** A path that comes again comes as the same field, which then knows its method. */
  #methodOf({path}: RequestHead): Method | undefined {
    const known = path?.note as Method | undefined;
    if (known !== undefined || path === undefined) return known;
    const method = this.#methods.get(path.value);
    path.note = method;
    return method;
  }
}

/** All that are open, looked after about once a second. */
class Connections {
  readonly #options: WireServerOptions;
  readonly #router: Router;
  readonly #timers: Timers;
  readonly #open = new Set<Connection>();
  readonly #faults = new Map<string, number>();
  #refused = 0;
  #cancelCheck: (() => void) | undefined;
  #closing = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: WireServerOptions, router: Router) {
    this.#options = options;
    this.#router = router;
    this.#timers = options.timers ?? systemTimers;
  }

  counters(): WireCounters {
    return {connections: this.#open.size, refusedConnections: this.#refused, faults: this.#faults};
  }

  accept(given: Duplex): void {
    if (this.#closing || this.#open.size >= limits.wireConnectionsMost) {
      this.#refused++;
      given.on('error', () => {});
      given.destroy();
      return;
    }
    const {duplex, firstBytes} = readDirectly(given);
    const {maxAgeMs, maxIdleMs, logFault} = this.#options;
    const connection = new Connection({
      duplex,
      timers: this.#timers,
      lifetime: {maxAgeMs, maxIdleMs},
      open: (...request) => this.#router.open(...request),
      onClosed: closed => this.#closed(closed),
      onFault: fault => this.#countFault(fault),
      logFault,
    });
    this.#open.add(connection);
    this.#cancelCheck ??= this.#planCheck();
    if (firstBytes) duplex.emit('data', firstBytes);
  }

  #closed(connection: Connection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    this.#onEmpty?.();
  }

  #planCheck(): () => void {
    return this.#timers.after(limits.wireCheckMs, () => {
      this.#cancelCheck = this.#planCheck();
      const nowMs = this.#timers.nowMs();
      for (const connection of this.#open) connection.check(nowMs);
    });
  }

  #countFault({code, message}: ConnectionFault): void {
    const what = `${code}: ${message}`;
    if (this.#faults.has(what) || this.#faults.size < limits.wireFaultKindsMost) {
      this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
    }
  }

  close(drainMs: number): Promise<void> {
    this.#closing = true;
    return new Promise(resolve => {
      const cutOff = this.#timers.after(drainMs, () => {
        for (const connection of [...this.#open]) connection.destroy();
      });
      this.#onEmpty = () => {
        cutOff();
        resolve();
      };
      for (const connection of [...this.#open]) connection.leave();
      if (this.#open.size === 0) this.#onEmpty();
    });
  }
}

/** RFC 6585's answer to headers that are too large. */
const refuseTooLarge: HttpHandler = exchange => {
  exchange.respond(431, [['content-length', '0']]);
  exchange.end();
  return {data: () => {}, end: () => {}};
};
