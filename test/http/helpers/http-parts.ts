/** A server for tests of HTTP, and ways to ask it. */
import {connect as connectHttp2} from 'node:http2';
import test, {type ExecutionContext} from 'ava';
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

export type HttpVersion = 'HTTP/1.1' | 'HTTP/2';

export type StartHttp = (options?: PartsOptions) => Promise<HttpParts>;

/** Registers a test once for each version of HTTP: what is asked with `ask` is answered alike. */
export function httpTest(
  title: string,
  run: (t: ExecutionContext, start: StartHttp) => Promise<void>,
  versions: readonly HttpVersion[] = ['HTTP/1.1', 'HTTP/2'],
): void {
  for (const version of versions) {
    test(`${version}: ${title}`, t => run(t, options => startHttp(t, options, version)));
  }
}

/** HTTP/2 is served by the transport of our own alone. */
export async function startHttp(
  t: ExecutionContext,
  options: PartsOptions = {},
  version: HttpVersion = 'HTTP/1.1',
): Promise<HttpParts> {
  const parts = await startParts(t, version === 'HTTP/2' ? 'wire' : 'grpc-js', options);
  const {address, cache} = parts;
  const askOne = version === 'HTTP/2' ? askHttp2 : askHttp1;
  return {
    ...parts,
    connect: () => new RawConnection(t, address),
    ask: (method, target, {headers = {}, body} = {}) => {
      const all: Record<string, string | undefined> = {host: address, ...headers};
      if (body !== undefined) all['content-length'] = String(Buffer.byteLength(body));
      const given = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      );
      return askOne(t, {address, method, target, headers: given, body});
    },
    stored: key => {
      const {entry} = cache.get({key, namespace: '', metadataOnly: false, peek: true});
      return entry && Buffer.from(entry.value).toString();
    },
    entries: () => cache.stats().total.entries,
  };
}

interface Asked {
  address: string;
  method: string;
  target: string;
  headers: (readonly [name: string, value: string])[];
  body: string | Uint8Array | undefined;
}

async function askHttp1(t: ExecutionContext, {address, method, target, headers, body}: Asked): Promise<RawAnswer> {
  const connection = new RawConnection(t, address);
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  connection.send(Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'));
  if (body !== undefined) connection.send(body);
  const answer = await connection.answer({noBody: method === 'HEAD'});
  connection.socket.destroy();
  return answer;
}

function askHttp2(t: ExecutionContext, {address, method, target, headers, body}: Asked): Promise<RawAnswer> {
  const session = connectHttp2(`http://${address}`);
  t.teardown(() => session.destroy());
  const {host, ...rest} = Object.fromEntries(headers);
  const stream = session.request(
    {':method': method, ':path': target, ':authority': host, ...rest},
    {endStream: body === undefined},
  );
  if (body !== undefined) stream.end(body);
  const answer: RawAnswer = {status: 0, headers: {}, body: Buffer.alloc(0)};
  stream.on('response', ({':status': status = 0, ...fields}) => {
    answer.status = status;
    answer.headers = fields as Record<string, string>;
  });
  stream.on('data', (bytes: Buffer) => {
    answer.body = Buffer.concat([answer.body, bytes]);
  });
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    stream.on('error', reject);
    stream.on('close', () => {
      session.destroy();
      resolve(answer);
    });
  });
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
