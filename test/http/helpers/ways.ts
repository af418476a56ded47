/**
 * The ways on which HTTP reaches a server, each of which answers alike: HTTP/1.1 through
 * the port that it shares with each gRPC transport, and HTTP/2 through `wire`, which
 * hands on what is not gRPC. Over HTTP/2 node:http2's client asks, which is not ours.
 */
import {once} from 'node:events';
import {type IncomingMessage, request as requestHttp1} from 'node:http';
import {type ClientHttp2Stream, connect as connectHttp2} from 'node:http2';
import type {Readable} from 'node:stream';
import type {ExecutionContext} from 'ava';
import type {Transport} from '../../../src/server/index.js';
import {type RawAnswer, RawConnection} from './raw-http.js';

export type HttpVersion = 'HTTP/1.1' | 'HTTP/2';

export interface Way {
  readonly version: HttpVersion;
  readonly transport: Transport;
  /** Asks a server at this address. */
  askerOf(t: ExecutionContext, address: string): Asker;
}

export const ways: readonly Way[] = [
  {version: 'HTTP/1.1', transport: 'grpc-js', askerOf: http1Asker},
  {version: 'HTTP/1.1', transport: 'wire', askerOf: http1Asker},
  {version: 'HTTP/2', transport: 'wire', askerOf: http2Asker},
];

export interface Asked {
  method: string;
  target: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array | undefined;
}

/** An answer whose body is read as it comes. */
export interface OpenAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: Readable;
  /** True where the body has come to its end, and was not broken off. */
  isWhole(): boolean;
}

export interface Asker {
  /** Asks, and waits for the whole answer. */
  ask(asked: Asked): Promise<RawAnswer>;
  /** Asks, and waits for the head of the answer. It is closed with its test. */
  open(asked: Asked): Promise<OpenAnswer>;
}

/** Each request has a connection of its own. */
function http1Asker(t: ExecutionContext, address: string): Asker {
  return {
    ask: async ({method, target, headers, body}) => {
      const connection = new RawConnection(t, address);
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      connection.send(Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'));
      if (body !== undefined) connection.send(body);
      const answer = await connection.answer({noBody: method === 'HEAD'});
      connection.socket.destroy();
      return answer;
    },
    open: async ({method, target, headers, body}) => {
      const [host, port] = address.split(':');
      const request = requestHttp1({host, port, method, path: target, headers, agent: false});
      t.teardown(() => request.destroy());
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      request.on('error', () => {});
      return {
        status: response.statusCode!,
        headers: response.headers as Record<string, string>,
        body: response,
        isWhole: () => response.complete,
      };
    },
  };
}

/** All requests share a connection. */
function http2Asker(t: ExecutionContext, address: string): Asker {
  let session: ReturnType<typeof connectHttp2> | undefined;
  const connected = () => {
    if (!session) {
      session = connectHttp2(`http://${address}`);
      session.on('error', () => {});
      t.teardown(() => session!.destroy());
    }
    return session;
  };
  const open = async ({method, target, headers: {host, ...headers}, body}: Asked): Promise<OpenAnswer> => {
    const pseudo = {':method': method, ':path': target, ':authority': host};
    const stream: ClientHttp2Stream = connected().request({...pseudo, ...headers}, {endStream: body === undefined});
    if (body !== undefined) stream.end(body);
    const [{':status': status = 0, ...fields}] = await once(stream, 'response');
    stream.on('error', () => {});
    return {status, headers: fields, body: stream, isWhole: () => stream.readableEnded && stream.rstCode === 0};
  };
  return {
    open,
    ask: async asked => {
      const {status, headers, body} = await open(asked);
      const pieces: Buffer[] = [];
      for await (const piece of body) pieces.push(piece);
      return {status, headers, body: Buffer.concat(pieces)};
    },
  };
}
