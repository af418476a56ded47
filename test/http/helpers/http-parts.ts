/** A server for tests of HTTP, and ways to ask it. */
import type {ExecutionContext} from 'ava';
import {type Parts, type PartsOptions, startParts} from '../../helpers/test-server.js';
import {type RawAnswer, RawConnection} from './raw-http.js';

export interface HttpParts extends Parts {
  /** A connection that the test writes on by itself. */
  connect(): RawConnection;
  /** Sends one request on a connection of its own; a body gets its Content-Length. */
  ask(method: string, target: string, options?: AskOptions): Promise<RawAnswer>;
  /** The value under a key of `default` as text; undefined if there is none. */
  stored(key: string): string | undefined;
  /** How many entries there are, in all namespaces. */
  entries(): number;
}

export interface AskOptions {
  headers?: Readonly<Record<string, string | undefined>>;
  body?: string | Uint8Array;
}

export async function startHttp(t: ExecutionContext, options: PartsOptions = {}): Promise<HttpParts> {
  const parts = await startParts(t, 'grpc-js', options);
  const {address, cache} = parts;
  return {
    ...parts,
    connect: () => new RawConnection(t, address),
    ask: async (method, target, {headers = {}, body} = {}) => {
      const connection = new RawConnection(t, address);
      const all: Record<string, string | undefined> = {host: address, ...headers};
      if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body));
      const lines = Object.entries(all).map(([name, value]) => (value === undefined ? '' : `${name}: ${value}\r\n`));
      connection.send(Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'));
      if (body !== undefined) connection.send(body);
      const answer = await connection.answer({noBody: method === 'HEAD'});
      connection.socket.destroy();
      return answer;
    },
    stored: key => {
      const {entry} = cache.get({key, namespace: '', metadataOnly: false, peek: true});
      return entry && Buffer.from(entry.value).toString();
    },
    entries: () => cache.stats().total.entries,
  };
}

export interface StatusBody {
  code: number;
  message: string;
  reason: string;
  /** The fields at fault. */
  fields: string[];
}

/** Reads the google.rpc.Status of a failure; fails the test where it is not one. */
export function statusBody(t: ExecutionContext, {headers, body}: RawAnswer): StatusBody {
  t.is(headers['content-type'], 'application/json');
  const {code, message, details} = JSON.parse(body.toString());
  const [info, badRequest] = details as [Record<string, string>, {fieldViolations?: {field: string}[]} | undefined];
  t.is(info['@type'], 'type.googleapis.com/google.rpc.ErrorInfo');
  t.is(info.domain, 'krusty.cache.v1');
  t.true(code >= 1 && code <= 16);
  t.true(message.length > 0);
  return {code, message, reason: info.reason!, fields: badRequest?.fieldViolations?.map(({field}) => field) ?? []};
}
