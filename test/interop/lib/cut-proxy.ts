/** A connection between a client and a server that a test can cut: a TCP proxy on a port of its own. */
import {once} from 'node:events';
import {connect, createServer, type Server, type Socket} from 'node:net';

export class CutProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refuses = false;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as {port: number}).port;
    server.on('connection', client => {
      if (this.#refuses) {
        client.destroy();
        return;
      }
      const sockets = this.#sockets;
      const upstream = connect({port: targetPort, host: '127.0.0.1'});
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(from);
        from.on('error', () => {});
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }

  static async start(targetPort: number): Promise<CutProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CutProxy(server, targetPort);
  }

  /** Cuts, and takes no connections for as long as it is told. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
    this.cut();
  }

  /** Breaks every connection off; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.refuse(true);
    await closed;
  }
}
