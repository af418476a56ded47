/** Registers tests of HTTP once for each way on which it reaches a server, and says how to ask. */
import test, {type ExecutionContext} from 'ava';
import {type Parts, type PartsOptions, startParts} from '../../helpers/test-server.js';
import {type RawAnswer, RawConnection} from './raw-http.js';
import {type HttpVersion, type OpenAnswer, type Way, ways} from './ways.js';

export interface HttpParts extends Parts {
  /** A connection that the test writes on by itself. */
  connect(): RawConnection;
  /** Sends one request, and answers when the answer is whole. */
  ask(method: string, target: string, options?: AskOptions): Promise<RawAnswer>;
  /** Sends one request, and answers when its answer begins. */
  open(method: string, target: string, options?: AskOptions): Promise<OpenAnswer>;
  /** The value under a key of `default` as text; undefined if there is none. */
  stored(key: string): string | undefined;
  /** How many entries there are, in all namespaces. */
  entries(): number;
}

/** A body gets its Content-Length, and each request a Host. */
export interface AskOptions {
  headers?: Readonly<Record<string, string | undefined>>;
  body?: string | Uint8Array | undefined;
}

export type StartHttp = (options?: PartsOptions) => Promise<HttpParts>;

type Run = (t: ExecutionContext, start: StartHttp) => Promise<void>;

/** What is asked with `ask` and `open` is answered alike on every way, or on those of one version. */
export function httpTest(title: string, run: Run, only?: HttpVersion): void {
  for (const way of ways.filter(({version}) => only === undefined || version === only)) {
    test(`${way.version} with ${way.transport}: ${title}`, t => run(t, options => startHttp(t, way, options)));
  }
}

/** A test of how HTTP/1.1 is written. */
export function http1Test(title: string, run: Run): void {
  httpTest(title, run, 'HTTP/1.1');
}

/** A test of what HTTP/2 has of its own. */
export function http2Test(title: string, run: Run): void {
  httpTest(title, run, 'HTTP/2');
}

async function startHttp(
  t: ExecutionContext,
  {transport, askerOf}: Way,
  options: PartsOptions = {},
): Promise<HttpParts> {
  const parts = await startParts(t, transport, options);
  const {address, cache} = parts;
  const asker = askerOf(t, address);
  const asked = (method: string, target: string, {headers, body}: AskOptions = {}) => {
    const length = body === undefined ? undefined : String(Buffer.byteLength(body));
    const all = Object.entries({host: address, 'content-length': length, ...headers});
    const given = Object.fromEntries(all.filter((field): field is [string, string] => field[1] !== undefined));
    return {method, target, headers: given, body};
  };
  return {
    ...parts,
    connect: () => new RawConnection(t, address),
    ask: (...request) => asker.ask(asked(...request)),
    open: (...request) => asker.open(asked(...request)),
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
