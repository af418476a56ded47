/**
 * Serves the methods of gRPC services as HTTP with JSON, as their google.api.http
 * annotations say (google/api/http.proto). Everything that can be known beforehand is
 * compiled when it is made; a request is then
 *
 *     target ─ Router ─► route, bindings ─ Binder ─► message ─ method ─► ResponseEncoder ─► sink
 *
 * and is refused as early as possible: path (404), method (405), types (406, 415) and
 * sizes (413) before the body is read. `OPTIONS` tells the methods of a path.
 */
import type {DescMethod, FileRegistry} from '@bufbuild/protobuf';
import {limits} from '../base/index.js';
import {Binder, takesRawBody} from './binder.js';
import {type Schedule, systemSchedule} from './deadline.js';
import {Exchange, type ExchangeContext} from './exchange.js';
import {headerOf, type MetadataName, type RequestHeaders, usualMetadataName} from './headers.js';
import {checkEncoding, checkJsonType, jsonType, negotiate} from './media-types.js';
import {checkTarget} from './percent.js';
import {checkLength, readWhole} from './request-body.js';
import {ResponseEncoder} from './response-encoder.js';
import {Router} from './router.js';
import {AnnotationError, type Route, routesOf} from './routes.js';
import {RequestError, type Status} from './status.js';
import {streamFormatOf, streamTypes} from './stream-format.js';
import {StreamResponse} from './stream-response.js';
import type {ResponseSink, ServedMethod, TranscoderRequest} from './types.js';

export interface TranscoderOptions {
  /** The descriptors of the services and of all types that messages and error details may hold. */
  registry: FileRegistry;
  /** The methods to serve; one without an annotation has no route. Of a service that is served, none may be missing. */
  methods: readonly ServedMethod[];
  /** Told what a method threw that is neither a StatusError nor known to toStatus; its caller learns only "internal error". */
  onFault: (fault: unknown) => void;
  /** The status for other errors that methods throw; undefined for those that are faults. */
  toStatus?: (failure: unknown) => Status | undefined;
  /** The `domain` of google.rpc.ErrorInfo where the transcoder itself refuses a request. */
  errorDomain?: string;
  /** The largest body of a request, in bytes as received. */
  requestBytesMost?: number;
  /** The largest response message, and each of a stream, in bytes of its binary form. */
  responseBytesMost?: number;
  /** Write fields that have their default value as well. */
  emitDefaults?: boolean;
  /** Query parameters to pass over, such as those that a proxy adds. Any other that is not a field is refused. */
  ignoredQueryParameters?: readonly string[];
  metadataName?: MetadataName;
  schedule?: Schedule;
}

/** A route with all that was compiled for it. */
interface Served {
  route: Route;
  method: ServedMethod;
  binder: Binder;
  encoder: ResponseEncoder;
  takesRawBody: boolean;
  /** The types of which Accept chooses one; empty where only the answer can tell its type. */
  offeredTypes: readonly string[];
}

export class Transcoder {
  /** What is served. */
  readonly routes: readonly Route[];

  readonly #router = new Router<Served>();
  readonly #requestBytesMost: number;
  readonly #context: ExchangeContext;

  /** Throws an AnnotationError if an annotation is wrong, or if two of them serve the same paths. */
  constructor(options: TranscoderOptions) {
    const {registry, toStatus, onFault, requestBytesMost = limits.transcodedBytesDefault} = options;
    const {errorDomain = 'google.api.http', metadataName = usualMetadataName, schedule = systemSchedule} = options;
    this.#requestBytesMost = requestBytesMost;
    this.#context = {registry, errorDomain, metadataName, schedule, toStatus, onFault};
    this.routes = rpcsOf(options).flatMap(rpc => routesOf(rpc, registry));
    if (this.routes.length === 0) throw new Error('no method has a google.api.http annotation');
    for (const route of this.routes) this.#add(compile(route, options));
  }

  /** Answers one request, soon or later, through the sink. Throws nothing. */
  serve(request: TranscoderRequest, sink: ResponseSink): void {
    const exchange = new Exchange(request, sink, this.#context);
    try {
      this.#begin(request, exchange);
    } catch (failure) {
      exchange.fail(failure);
    }
  }

  #add(served: Served): void {
    const {rpc, method, template} = served.route;
    try {
      this.#router.add(method, template, served);
    } catch (error) {
      throw new AnnotationError(rpc, template.text, (error as Error).message, error);
    }
  }

  #begin(request: TranscoderRequest, exchange: Exchange): void {
    const {method, target} = request;
    checkTarget(target);
    const mark = target.indexOf('?');
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? '' : target.slice(mark + 1);
    const match = this.#router.match(method, path);
    if (match.kind === 'notFound') throw new RequestError('NO_ROUTE', `nothing is served at "${path}"`);
    if (match.kind === 'found') this.#call(match.route, match.bindings, query, request, exchange);
    else if (method === 'OPTIONS') exchange.sendNothing({allow: match.allowed.join(', ')});
    else throw methodNotAllowed(match.allowed.join(', '));
  }

  #call(
    served: Served,
    bindings: readonly string[],
    query: string,
    {headers, body}: TranscoderRequest,
    exchange: Exchange,
  ): void {
    const type = served.offeredTypes.length > 0 ? negotiate(headerOf(headers, 'accept'), served.offeredTypes) : '';
    if (body && !isEmpty(body)) this.#checkBody(headers, served);
    exchange.startDeadline();
    const call = (bytes: Uint8Array) => {
      checkLength(bytes.length, this.#requestBytesMost);
      const contentType = headerOf(headers, 'content-type');
      run(served, served.binder.bind({bindings, query, body: bytes, contentType}), type, exchange);
    };
    if (body === undefined || body instanceof Uint8Array) call(body ?? noBytes);
    else finishLater(readWhole(body, this.#requestBytesMost), call, exchange);
  }

  #checkBody(headers: RequestHeaders, {route, takesRawBody: isRaw}: Served): void {
    checkLength(Number(headerOf(headers, 'content-length')), this.#requestBytesMost);
    checkEncoding(headerOf(headers, 'content-encoding'));
    if (!isRaw && route.body) checkJsonType(headerOf(headers, 'content-type'));
  }
}

const noBytes = new Uint8Array();

/** Calls the method and sends what it answers: in the same tick, if it does. */
function run({method, encoder}: Served, request: Uint8Array, type: string, exchange: Exchange): void {
  if (method.kind === 'unary') {
    const answer = method.handle(request, exchange);
    if (answer instanceof Uint8Array) sendMessage(answer, encoder, exchange);
    else finishLater(answer, message => sendMessage(message, encoder, exchange), exchange);
    return;
  }
  const stream = new StreamResponse(exchange, encoder, encoder.isRaw ? undefined : streamFormatOf(type));
  exchange.endWithClient();
  const returned = method.handle(request, stream, exchange);
  if (returned) finishLater(returned, () => stream.begin(), exchange);
  else stream.begin();
}

function finishLater<T>(promise: Promise<T>, finish: (value: T) => void, exchange: Exchange): void {
  exchange.endWithClient();
  promise.then(value => exchange.isOver || finish(value)).catch(failure => exchange.fail(failure));
}

function sendMessage(message: Uint8Array, encoder: ResponseEncoder, exchange: Exchange): void {
  const {contentType, data} = encoder.isRaw
    ? encoder.raw(message)
    : {contentType: jsonType, data: encoder.json(message)};
  exchange.sendWhole(200, contentType, data);
}

function methodNotAllowed(allow: string): RequestError {
  return new RequestError('METHOD_NOT_ALLOWED', `allowed here: ${allow}`, {headers: {allow}});
}

function isEmpty(body: Uint8Array | AsyncIterable<Uint8Array>): boolean {
  return body instanceof Uint8Array && body.length === 0;
}

function compile(route: Route, options: TranscoderOptions): Served {
  const {rpc, template} = route;
  const method = options.methods.find(({path}) => path === pathOf(rpc));
  if (!method) throw new AnnotationError(rpc, template.text, 'there is no method to serve it');
  if (method.kind !== (rpc.methodKind === 'server_streaming' ? 'serverStream' : 'unary')) {
    throw new AnnotationError(rpc, template.text, `its method cannot be of the kind "${method.kind}"`);
  }
  const {registry, ignoredQueryParameters, emitDefaults, responseBytesMost = limits.transcodedBytesDefault} = options;
  const encoder = new ResponseEncoder(route, {registry, emitDefaults, responseBytesMost});
  const types = method.kind === 'serverStream' ? streamTypes : [jsonType];
  return {
    route,
    method,
    binder: new Binder(route, {registry, ignoredQueryParameters}),
    encoder,
    takesRawBody: takesRawBody(route),
    offeredTypes: encoder.isRaw ? [] : types,
  };
}

/** The methods, by their descriptors, of the services that are served. */
function rpcsOf({registry, methods}: TranscoderOptions): DescMethod[] {
  const services = new Set(methods.map(({path}) => path.slice(1, path.lastIndexOf('/'))));
  const rpcs = [...services].flatMap(name => registry.getService(name)?.methods ?? []);
  const known = new Set(rpcs.map(pathOf));
  const stray = methods.find(({path}) => !known.has(path));
  if (stray) throw new Error(`there is no descriptor for the method ${stray.path}`);
  return rpcs;
}

function pathOf({parent, name}: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}
