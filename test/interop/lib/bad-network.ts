/** A network between clients and a server, as a TCP proxy, that fails in the ways that networks do, when it is told to. */
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net';
import {MessageLimit} from './message-limit.js';

export class BadNetwork {
  readonly #listener: Server;
  readonly #serverPort: number;
  readonly #open = new Set<Socket>();
  #isDown = false;
  #messages = Number.POSITIVE_INFINITY;
  /** Connections that were made, and since `goUp` those that ended at their limit. */
  connections = 0;
  limitsReached = 0;

  static async start(serverPort: number): Promise<BadNetwork> {
    const network = new BadNetwork(serverPort);
    network.#listener.listen(0, '127.0.0.1');
    await once(network.#listener, 'listening');
    return network;
  }

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
    this.#listener = createServer(client => this.#join(client));
  }

  get address(): string {
    return `127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** Breaks all connections, and each that is made before `goUp`. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  /** Lets connections be made; each ends behind so many messages from the server. */
  goUp(messages = Number.POSITIVE_INFINITY): void {
    this.#isDown = false;
    this.#messages = messages;
    this.limitsReached = 0;
  }

  /** Loses whatever is sent on the connections that there are, without a word to either side. */
  fallSilent(): void {
    for (const socket of this.#open) {
      socket.removeAllListeners('data');
      socket.removeAllListeners('end');
      socket.resume();
    }
  }

  close(): void {
    this.#listener.close();
    this.cut();
  }

  #join(client: Socket): void {
    if (this.#isDown) {
      client.destroy();
      return;
    }
    this.connections++;
    const server = connect({port: this.#serverPort, host: '127.0.0.1'});
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server);
    if (Number.isFinite(this.#messages)) this.#pipeLimited(server, client, new MessageLimit(this.#messages));
    else server.pipe(client);
  }

  #pipeLimited(server: Socket, client: Socket, limit: MessageLimit): void {
    server.on('data', bytes => {
      client.write(limit.pass(bytes));
      if (!limit.isReached) return;
      this.limitsReached++;
      server.removeAllListeners('data');
      // The client reads all that was sent before the end.
      client.end();
    });
  }
}
