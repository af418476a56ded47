/**
 * A gRPC server on our own HTTP/2: it listens, looks after its connections, and sends
 * each request where it belongs.
 */
import {createServer} from 'node:net';
import type {Duplex} from 'node:stream';
import {limits} from '../base/index.js';
import type {ConnectionLifetime, GrpcServer, GrpcServerOptions, Method, TransportCounters} from '../rpc/index.js';
import {Connection} from './connection.js';
import {readDirectly} from './direct-read.js';
import {ConnectionFault} from './errors.js';
import {type CallOptions, GrpcCall} from './grpc/call.js';
import {Gzip} from './grpc/gzip.js';
import {RefusedCall, refusalOf} from './grpc/refused-call.js';
import {HeldBytes} from './held-bytes.js';
import {HttpExchange, type HttpHandler, refuseHttp} from './http-exchange.js';
import type {RequestHead} from './request-head.js';
import type {Stream} from './stream.js';
import {Tally} from './tally.js';
import {systemTimers, type Timers} from './timers.js';
import {Turns} from './turns.js';

export interface WireServerOptions extends GrpcServerOptions {
  timers?: Timers;
  /** From 0 up to 1; Math.random if unset. */
  random?: () => number;
  /** What is held for clients over all connections; wireHeldBytesMost if unset. */
  heldBytesMost?: number;
  /** Connections open at a time; wireConnectionsMost if unset. */
  connectionsMost?: number;
  /** Serves requests that are not gRPC. */
  onHttp?: HttpHandler;
}

export interface WireServer extends GrpcServer {
  /** Accepts connections itself. Answers the port in use, which the system chose if it was 0; fails with its error where it cannot listen. */
  listen(address: string, port: number): Promise<number>;
  counters(): TransportCounters;
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

  constructor(options: WireServerOptions) {
    const {methods, maxReceiveBytes, logFault, timers = systemTimers, onHttp = refuseHttp} = options;
    this.#methods = new Map(methods.map(method => [method.path, method]));
    // Behind the end of this turn, at which calls are begun too.
    const gzip = new Gzip(run => timers.soon(() => timers.soon(run)));
    this.#callOptions = {maxReceiveBytes, logFault, gzip};
    this.#onHttp = onHttp;
  }

  open(connection: Connection, streamId: number, head: RequestHead, endsStream: boolean): Stream {
    if (head.contentType?.number !== 1) {
      if (head.isTooLarge) connection.countRefusal('headers too large');
      const exchange = new HttpExchange(connection, streamId, head, endsStream);
      connection.streams.set(streamId, exchange);
      exchange.begin(this.#onHttp);
      return exchange;
    }
    const method = this.#methodOf(head);
    const refusal = refusalOf(head, method);
    if (refusal !== undefined) {
      if (refusal.fault) connection.countRefusal(refusal.fault);
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
  readonly #turns: Turns;
  readonly #open = new Set<Connection>();
  readonly #held: HeldBytes;
  readonly #connectionsMost: number;
  readonly #faults = new Tally();
  readonly #requestFaults = new Tally();
  #refused = 0;
  #cancelCheck: (() => void) | undefined;
  #closing = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: WireServerOptions, router: Router) {
    this.#options = options;
    this.#router = router;
    this.#timers = options.timers ?? systemTimers;
    this.#turns = new Turns({soon: run => this.#timers.soon(run), nowMs: () => this.#timers.nowMs()});
    const {heldBytesMost = limits.wireHeldBytesMost, maxReceiveBytes} = options;
    this.#connectionsMost = options.connectionsMost ?? limits.wireConnectionsMost;
    this.#held = new HeldBytes({
      bytesMost: Math.max(heldBytesMost, limits.wireHeldMessagesLeast * maxReceiveBytes),
      onExcess: () => this.#cutOffMostBehind(),
      soon: run => this.#timers.soon(run),
    });
  }

  counters(): TransportCounters {
    return {
      connections: this.#open.size,
      refusedConnections: this.#refused,
      heldBytes: this.#held.bytes + this.#turns.unreadBytes,
      cutTurns: this.#turns.cutTurns,
      faults: this.#faults.counts,
      requestFaults: this.#requestFaults.counts,
    };
  }

  accept(given: Duplex): void {
    if (this.#closing || this.#open.size >= this.#connectionsMost) {
      this.#refused++;
      given.on('error', () => {});
      given.destroy();
      return;
    }
    const {duplex, firstBytes} = readDirectly(given);
    const {logFault} = this.#options;
    const connection = new Connection({
      duplex,
      timers: this.#timers,
      turns: this.#turns,
      lifetime: this.#lifetime(),
      open: (...request) => this.#router.open(...request),
      onClosed: closed => this.#closed(closed),
      held: this.#held,
      onFault: ({code, message}) => this.#faults.count(`${code}: ${message}`),
      requestFaults: this.#requestFaults,
      logFault,
    });
    this.#open.add(connection);
    this.#cancelCheck ??= this.#planCheck();
    if (firstBytes) duplex.emit('data', firstBytes);
  }

  #lifetime(): ConnectionLifetime {
    const {maxAgeMs, maxIdleMs, keepaliveMs, random = Math.random} = this.#options;
    const factor = 1 + (2 * random() - 1) * limits.connectionAgeJitter;
    return {maxAgeMs: maxAgeMs && maxAgeMs * factor, maxIdleMs, keepaliveMs};
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

  /** The ones that hold most for what they move, until there is room. Those that hold little would make none. */
  #cutOffMostBehind(): void {
    const least = this.#held.bytes / (2 * this.#connectionsMost);
    const behind = [...this.#open].filter(({heldBytes}) => heldBytes >= least).sort((a, b) => b.lag - a.lag);
    for (const connection of behind) {
      if (!this.#held.isTooMuch) return;
      connection.cutOff(new ConnectionFault('ENHANCE_YOUR_CALM', 'too much waits for this client'));
    }
  }

  close(drainMs: number): Promise<void> {
    this.#closing = true;
    return new Promise(resolve => {
      const cutOff = this.#timers.after(drainMs, () => {
        for (const connection of [...this.#open]) connection.stop();
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
