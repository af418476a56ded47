/**
 * Listens on a port, and reads what comes on all its connections into one buffer.
 *
 * Node's usual way is a buffer of 64 KiB for each read and a stream's bookkeeping for
 * each piece, which is much of what a small call costs. A Socket that is made with
 * `onread` does without both, but a Server does not make such sockets. So this takes
 * connections from the server's handle, which is Node's private matter; where it is not
 * as expected, sockets are made the usual way, and nothing else changes.
 */
import {createServer, type Server, Socket} from 'node:net';

export interface ListenerOptions {
  /** Takes a connection. Bytes of its `data` events are good only until the event is over. */
  onSocket: (socket: Socket) => void;
  /** False: sockets are made the usual way. */
  readsDirectly?: boolean;
}

/** What a server keeps to itself. */
interface Inside {
  _handle?: {onconnection?: (error: number | undefined, client: unknown) => void};
}

const received = Buffer.allocUnsafeSlow(64 * 1024);

export function createListener({onSocket, readsDirectly = true}: ListenerOptions): Server {
  const server = createServer({noDelay: true}, onSocket);
  if (readsDirectly) server.on('listening', () => takeConnections(server as Inside, onSocket));
  return server;
}

function takeConnections({_handle: handle}: Inside, onSocket: (socket: Socket) => void): void {
  const usual = handle?.onconnection;
  if (!handle || typeof usual !== 'function') return;
  handle.onconnection = function (error, client) {
    if (error || !client) usual.call(this, error, client);
    else onSocket(socketOf(client));
  };
}

function socketOf(client: unknown): Socket {
  const onread = {
    buffer: received,
    callback: (count: number) => {
      socket.emit('data', received.subarray(0, count));
      return true;
    },
  };
  // The types know neither `handle` nor `onread` here.
  const options = {handle: client, readable: true, writable: true, onread} as object;
  const socket: Socket = new Socket(options);
  socket.setNoDelay(true);
  return socket;
}
