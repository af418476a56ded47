/** Gives each request to what serves its path, and answers for those that none serves. */
import type {ResponseSink, Transcoder} from '../transcoding/index.js';
import type {BrowserGuard} from './browser-guard.js';
import {refuseForeignProtocol, refuseGrpcPath} from './foreign-protocols.js';
import {placeOf} from './paths.js';
import type {RawKeys} from './raw-keys.js';
import {Refusal} from './refusal.js';
import type {Handler, HttpRequest, HttpSink} from './types.js';

export interface DispatcherParts {
  guard: BrowserGuard;
  rawKeys: RawKeys;
  jsonRoutes: Transcoder;
  ownPaths: ReadonlyMap<string, Handler>;
  /** Answers for what was thrown. */
  fail: (sink: ResponseSink, failure: unknown) => void;
}

const allowedOnOwn = 'GET, HEAD, OPTIONS';
const allowedOnServer = 'GET, HEAD, PUT, POST, DELETE, OPTIONS';

export class Dispatcher {
  readonly #parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Answers soon or later; throws nothing. */
  serve(request: HttpRequest, sink: HttpSink): void {
    try {
      this.#serve(request, sink);
    } catch (failure) {
      this.#parts.fail(sink, failure);
    }
  }

  #serve(request: HttpRequest, sink: HttpSink): void {
    const {guard, rawKeys, jsonRoutes} = this.#parts;
    if (guard.check(request, sink)) return;
    const {method, target} = request;
    if (method !== 'GET' && method !== 'HEAD') refuseForeignProtocol(request);
    if (target === '*' && method === 'OPTIONS') {
      tellMethods(sink, allowedOnServer);
      return;
    }
    const mark = target.indexOf('?');
    const place = placeOf(mark < 0 ? target : target.slice(0, mark));
    switch (place.kind) {
      case 'key':
        rawKeys.serve(request, sink, place.key, mark < 0 ? '' : target.slice(mark + 1));
        return;
      case 'json':
        jsonRoutes.serve(request, sink);
        return;
      case 'own':
        this.#serveOwn(request, sink, place.path);
        return;
      case 'grpc':
        refuseGrpcPath();
    }
  }

  #serveOwn(request: HttpRequest, sink: HttpSink, path: string): void {
    const handler = this.#parts.ownPaths.get(path);
    if (!handler) throw new Refusal('NO_ROUTE', 'the server has no such path; keys that begin so are at /-/raw/');
    const {method} = request;
    if (method === 'GET' || method === 'HEAD') handler(request, sink);
    else if (method === 'OPTIONS') tellMethods(sink, allowedOnOwn);
    else throw new Refusal('METHOD_NOT_ALLOWED', `allowed here: ${allowedOnOwn}`, {headers: {allow: allowedOnOwn}});
  }
}

function tellMethods(sink: ResponseSink, allow: string): void {
  sink.start(204, {allow});
  sink.end();
}
