/**
 * A browser is not a trusted client: it runs pages of strangers, and reaches what its
 * user reaches. Refused are
 *
 * - a write that a page of another origin sends, unless that origin is allowed (CORS),
 * - a request to this machine alone under a name of the outside: so comes a page whose
 *   own name was made to lead here (DNS rebinding), and which would count as our own.
 *
 * Other programs send neither Origin nor Sec-Fetch-Site, and are let through.
 */
import {headerOf} from './headers.js';
import {Refusal} from './refusal.js';
import type {HttpRequest, HttpSink} from './types.js';

export interface BrowserGuardOptions {
  /** The origins whose pages may read answers and write; `*` for all. None unless given. */
  corsOrigins?: readonly string[];
  /** The names under which requests to a loopback address may come besides localhost; `*` for all. */
  allowedHosts?: readonly string[];
}

/** How long a browser may remember what a preflight answered, in seconds. */
const preflightSeconds = '600';

export class BrowserGuard {
  readonly #corsOrigins: ReadonlySet<string>;
  readonly #allowedHosts: ReadonlySet<string>;
  /** The last Host that may come to every address: most requests have the same. */
  #knownHost: string | undefined;

  constructor({corsOrigins = [], allowedHosts = []}: BrowserGuardOptions) {
    this.#corsOrigins = new Set(corsOrigins);
    this.#allowedHosts = new Set(allowedHosts.map(name => name.toLowerCase()));
  }

  /** Throws a Refusal; adds to the answer what CORS needs. True if that is all there is to answer. */
  check(request: HttpRequest, sink: HttpSink): boolean {
    const {method, host, headers} = request;
    if (host !== undefined && host !== this.#knownHost) this.#checkHost(host, request);
    const origin = headerOf(headers, 'origin');
    const isAllowed = origin !== undefined && this.#allows(origin);
    if (this.#corsOrigins.size > 0) sink.addHeaders(this.#corsHeaders(origin, isAllowed));
    if (method === 'GET' || method === 'HEAD') return false;
    if (method === 'OPTIONS') return isAllowed && answerPreflight(request, sink);
    if (!isAllowed) refuseCrossSite(origin, headerOf(headers, 'sec-fetch-site'), host);
    return false;
  }

  #checkHost(host: string, {isLoopback}: HttpRequest): void {
    const name = host.replace(/:\d*$/, '').toLowerCase();
    if (isOwnName(name) || this.#allowedHosts.has(name) || this.#allowedHosts.has('*')) {
      this.#knownHost = host;
      return;
    }
    if (!isLoopback) return;
    throw new Refusal(
      'FOREIGN_HOST',
      'this address is reached as localhost alone; allowed: the names of --allowed-hosts',
      {
        field: 'Host',
      },
    );
  }

  #allows(origin: string): boolean {
    return this.#corsOrigins.has(origin) || this.#corsOrigins.has('*');
  }

  #corsHeaders(origin: string | undefined, isAllowed: boolean): Readonly<Record<string, string>> {
    if (this.#corsOrigins.has('*')) return {'access-control-allow-origin': '*', ...exposed};
    return isAllowed ? {vary: 'Origin', 'access-control-allow-origin': origin!, ...exposed} : {vary: 'Origin'};
  }
}

const exposed = {'access-control-expose-headers': 'ETag'};

/** No name of the outside can be made to lead here under one of these: an address, or what always means this machine. */
function isOwnName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) ||
    /^\[[0-9a-f:.]+\]$/.test(name)
  );
}

/** What a page may send to an allowed origin is whatever it asks for. */
function answerPreflight({headers}: HttpRequest, sink: HttpSink): boolean {
  if (headerOf(headers, 'access-control-request-method') === undefined) return false;
  const asked = headerOf(headers, 'access-control-request-headers');
  sink.start(204, {
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-max-age': preflightSeconds,
    ...(asked === undefined ? {} : {'access-control-allow-headers': asked}),
  });
  sink.end();
  return true;
}

/** What browsers say of where a request comes from cannot be changed by the page. */
function refuseCrossSite(origin: string | undefined, site: string | undefined, host: string | undefined): void {
  if (site === 'same-origin' || site === 'none') return;
  const isOwnOrigin = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
  if (site === undefined && isOwnOrigin) return;
  throw new Refusal('CROSS_SITE_WRITE', 'a page of another origin must not write; allowed: those of --cors-origins', {
    field: 'Origin',
  });
}
