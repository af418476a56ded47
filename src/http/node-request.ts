/** A request of node:http as this room sees it; everything is looked up when it is asked for. */
import type {IncomingHttpHeaders, IncomingMessage} from 'node:http';
import {isLoopback} from './exchange.js';
import {Refusal} from './refusal.js';
import {RequestBody} from './request-body.js';
import type {HttpRequest} from './types.js';

export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  /** Undefined if there is none. */
  readonly body: RequestBody | undefined;
  readonly #message: IncomingMessage;

  /** `onBodyRead` is called before the body is read. Throws a Refusal. */
  constructor(message: IncomingMessage, body: RequestBody | undefined) {
    this.#message = message;
    this.method = message.method!;
    this.body = body;
    const url = message.url!;
    const host = hostOf(message);
    if (url.startsWith('/')) {
      this.target = url;
      this.host = host;
    } else {
      ({target: this.target, host: this.host} = readAbsolute(url));
    }
  }

  get headers(): IncomingHttpHeaders {
    return this.#message.headers;
  }

  get isLoopback(): boolean {
    return isLoopback(this.#message.socket.localAddress ?? '');
  }
}

export function bodyOf(message: IncomingMessage, onBodyRead?: () => void): RequestBody | undefined {
  const {'content-length': length, 'transfer-encoding': coding} = message.headers;
  return coding === undefined && (length === undefined || Number(length) === 0)
    ? undefined
    : new RequestBody(message, onBodyRead);
}

/** The one Host that HTTP/1.1 demands; of several Node would pass on the first. */
function hostOf({rawHeaders, httpVersionMajor, httpVersionMinor}: IncomingMessage): string | undefined {
  let host: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (host !== undefined) throw new Refusal('MALFORMED_HTTP', 'there is more than one Host header');
    host = rawHeaders[index + 1]!;
  }
  if (host === undefined && httpVersionMajor === 1 && httpVersionMinor === 1) {
    throw new Refusal('MALFORMED_HTTP', 'HTTP/1.1 demands a Host header');
  }
  return host;
}

/** `*`, and the form of a target that is meant for proxies but which every server has to take (RFC 9112, section 3.2.2). */
function readAbsolute(url: string): {target: string; host: string | undefined} {
  if (url === '*') return {target: url, host: undefined};
  const [, host, target] = /^https?:\/\/([^/?#@]+)(.*)$/i.exec(url) ?? [];
  if (host === undefined) throw new Refusal('MALFORMED_TARGET', 'a path begins with "/"');
  return {target: target!.startsWith('/') ? target! : `/${target}`, host};
}
