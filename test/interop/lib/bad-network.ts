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
  /** How many were made. */
  connections = 0;

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

  /** Lets connections be made; each brings so many messages from the server, and no more. */
  goUp(messages = Number.POSITIVE_INFINITY): void {
    this.#isDown = false;
    this.#messages = messages;
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
    const limit = new MessageLimit(this.#messages);
    if (Number.isFinite(this.#messages)) server.on('data', bytes => client.write(limit.pass(bytes)));
    else server.pipe(client);
  }
}
