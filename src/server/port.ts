/**
 * The one port: it accepts connections, looks at how each begins, and gives it to the
 * transport that speaks its protocol. A connection that says nothing is closed.
 */
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {limits} from '../base/index.js';
import {type Protocol, tellProtocol} from './first-bytes.js';
import {type FirstPlace, listen, listenFirst, listenNext, type NextPlace} from './listening.js';
import {closeShared} from './shared-descriptor.js';
import type {Spread} from './spread.js';

/** What serves the connections of one protocol. */
export interface Transport {
  accept(connection: Socket): void;
  /** Takes no new requests and connections; done when those under way are, or cut off after so long. */
  close(drainMs: number): Promise<void>;
}

export interface PortOptions {
  transports: Readonly<Record<Protocol, Transport>>;
  /** How long a connection may be silent before it has said which protocol it speaks. */
  firstBytesMs?: number;
  /** Connections open at a time; connectionsMost if unset. */
  connectionsMost?: number;
  /** Where several threads listen on one descriptor. */
  spread?: Pick<Spread, 'accepted' | 'count'>;
}

export class Port {
  readonly #transports: Readonly<Record<Protocol, Transport>>;
  readonly #firstBytesMs: number;
  readonly #server: Server;
  readonly #spread: PortOptions['spread'];
  /** Settles when it neither listens nor has connections, or is not to close. */
  readonly #closed: Promise<void>;
  #settleClosed: () => void = () => {};
  /** The connections that no transport has yet. */
  readonly #unknown = new Set<Socket>();

  constructor(options: PortOptions) {
    const {transports, firstBytesMs = limits.firstBytesMs, connectionsMost = limits.connectionsMost} = options;
    this.#transports = transports;
    this.#firstBytesMs = firstBytesMs;
    // As node:http and node:http2 have their sockets: a client may end its side behind its request, and is answered.
    this.#server = createServer({allowHalfOpen: true, noDelay: true}, socket => this.#accept(socket));
    this.#server.maxConnections = connectionsMost;
    this.#closed = new Promise(resolve => {
      this.#settleClosed = resolve;
    });
    this.#server.once('close', () => this.#settleClosed());
    this.#spread = options.spread;
  }

  /** Answers the port in use, which the system chose if it was 0. Fails with the system's error where it cannot listen. */
  async listen(host: string, port: number): Promise<number> {
    await listen(this.#server, {host, port});
    return this.#number;
  }

  /** The same as the first of several threads; answers also where the others listen. */
  async listenFirst(place: FirstPlace): Promise<{port: number; next: NextPlace}> {
    const next = await listenFirst(this.#server, place);
    return {port: this.#number, next};
  }

  listenNext(place: NextPlace): Promise<void> {
    return listenNext(this.#server, place);
  }

  get #number(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Gives the port back at once; done when everything that came through it is. */
  close(drainMs: number): Promise<void> {
    this.stopListening();
    return this.drain(drainMs);
  }

  stopListening(): void {
    this.#server.close();
  }

  /** Serves no more of what comes; done when the port is given back and both transports and all connections are. */
  async drain(drainMs: number): Promise<void> {
    for (const socket of this.#unknown) socket.destroy();
    await Promise.all([...Object.values(this.#transports).map(transport => transport.close(drainMs)), this.#closed]);
  }

  /** Gives the port back in turn with the threads that listen on the same descriptor; answers what closeShared does. */
  leaveDescriptor(isLast: boolean): boolean {
    return closeShared(this.#server, isLast);
  }

  /** What was a descriptor of ours is somebody else's: the socket, which is dead, must not close it. */
  keepDescriptor(): void {
    this.#settleClosed();
  }

  /** Tells the spread how many connections there are. To be called again and again: some close. */
  countConnections(): void {
    const spread = this.#spread;
    if (spread) this.#server.getConnections((_error, connections) => spread.count(connections));
  }

  #accept(socket: Socket): void {
    if (this.#spread) this.#server.getConnections((_error, connections) => this.#spread!.accepted(connections));
    this.#unknown.add(socket);
    const destroy = () => socket.destroy();
    // Where the process has stood still, what came meanwhile is read before this.
    const late = () => setImmediate(() => this.#unknown.has(socket) && destroy());
    const forget = () => this.#unknown.delete(socket);
    socket.on('error', () => {}); // It closes, which is all there is to know.
    socket.on('timeout', late).on('end', destroy).on('close', forget);
    socket.setTimeout(this.#firstBytesMs);
    tellProtocol(socket, protocol => {
      socket.setTimeout(0);
      socket.off('timeout', late).off('end', destroy).off('close', forget);
      forget();
      // HTTP/2 has no half-closed connections: whose client ends it is over, and its streams with it.
      if (protocol === 'h2') socket.allowHalfOpen = false;
      this.#transports[protocol].accept(socket);
    });
  }
}
