/**
 * Where the server is: `HOST:PORT` from --address or KRUSTY_ADDRESS.
 *
 * `krusty serve` reads KRUSTY_ADDRESS and KRUSTY_PORT as well, as where to listen.
 * Both sides take them alike, so that one environment serves both, as in a
 * container's health check: the port may be in either, and an address that means "all
 * of mine" is reached by loopback.
 */
import {isIPv6} from 'node:net';
import {limits} from '../../src/base/index.js';
import {usageError} from './errors.js';
import {quote} from './text.js';

type Environment = Readonly<Record<string, string | undefined>>;

const loopbackOf: Readonly<Record<string, string>> = {'0.0.0.0': '127.0.0.1', '::': '::1'};

/** The address as `HOST:PORT`, an IPv6 host in brackets. */
export function resolveAddress(given: string | undefined, environment: Environment): string {
  const text = given || '127.0.0.1';
  const {host, port: portText} = splitAddress(text) ?? {};
  const port = Number(portText ?? (environment.KRUSTY_PORT || limits.portDefault));
  if (host === undefined || !(port >= 1 && port <= limits.portMost)) {
    throw usageError(
      `the address ${quote(text)} is not allowed; allowed: HOST:PORT, such as 127.0.0.1:7070, cache.internal:7070 or [::1]:7070`,
    );
  }
  const reachable = loopbackOf[host] ?? host;
  return reachable.includes(':') ? `[${reachable}]:${port}` : `${reachable}:${port}`;
}

/** The environment for a server, which knows the host and the port apart. */
export function serverEnvironment(environment: Environment): Environment {
  const {host, port} = splitAddress(environment.KRUSTY_ADDRESS ?? '') ?? {};
  if (port === undefined) return environment;
  return {...environment, KRUSTY_ADDRESS: host, KRUSTY_PORT: environment.KRUSTY_PORT || port};
}

/** `HOST`, `HOST:PORT`, `IPV6` or `[IPV6]:PORT`; undefined for anything else. */
function splitAddress(text: string): {host: string; port: string | undefined} | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? (isIPv6(text) ? text : undefined);
  return host === undefined ? undefined : {host, port};
}
