/** A relay between a client and a server, which can end the client's side as the system does when its process is gone. */
import {connect, createServer, type Socket} from 'node:net';
import type {ExecutionContext} from 'ava';

export interface Relay {
  /** Where clients connect, as `host:port`. */
  address: string;
  /** Ends each connection towards the server, with a FIN and nothing else. */
  vanish(): void;
}

export async function startRelay(t: ExecutionContext, to: string): Promise<Relay> {
  const [host, port] = to.split(':');
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  const server = createServer({allowHalfOpen: true}, downstream => {
    const upstream = connect({host, port: Number(port), allowHalfOpen: true});
    upstreams.add(upstream);
    for (const socket of [downstream, upstream]) sockets.add(socket.on('error', () => undefined));
    downstream.on('data', chunk => upstream.write(chunk));
    upstream.on('data', chunk => downstream.write(chunk));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    address: `127.0.0.1:${(server.address() as {port: number}).port}`,
    vanish: () => {
      for (const upstream of upstreams) upstream.end();
    },
  };
}
