/**
 * Makes the request message of a route from the path, the query and the body of an
 * HTTP request (google/api/http.proto, "Rules for HTTP mapping").
 *
 * What JSON means is decided by @bufbuild/protobuf alone, so it is exactly proto3's:
 * unknown fields are refused by name, as are doubled ones (parse-json.ts); durations.ts
 * adds what it overlooks. What needs no reading, the texts of a path, goes into the
 * message as it is. A body may repeat a field that the path binds (a resource usually
 * holds its own name), but only with the same value. A body of type
 * google.api.HttpBody takes the bytes as they are, with their Content-Type.
 */
import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  mergeFromJson,
  type Registry,
  toBinary,
} from '@bufbuild/protobuf';
import {type ReflectMessage, reflect} from '@bufbuild/protobuf/reflect';
import {decodeUtf8} from '../base/index.js';
import {checkDurations} from './durations.js';
import type {FieldPath} from './fields.js';
import {type Parameter, ParameterReader, parametersToJson} from './parameters.js';
import {parseJson} from './parse-json.js';
import {type PathTexts, pathTextsOf} from './path-texts.js';
import type {Route} from './routes.js';
import {RequestError} from './status.js';

/** The parts of a request that make its message. */
export interface BinderInput {
  /** The text of each variable of the route's template, as the router answers them. */
  bindings: readonly string[];
  /** What follows the `?`, as received; empty if there is none. */
  query: string;
  body: Uint8Array;
  /** The Content-Type, for a body that is taken as it is. */
  contentType: string;
}

export interface BinderOptions {
  /** The types that a google.protobuf.Any in the body may hold. */
  registry: Registry;
  ignoredQueryParameters?: Iterable<string>;
}

export class Binder {
  readonly #input: DescMessage;
  readonly #route: Route;
  readonly #takesRaw: boolean;
  readonly #registry: Registry;
  readonly #parameters: ParameterReader;
  readonly #texts: PathTexts | undefined;

  constructor(route: Route, {registry, ignoredQueryParameters = []}: BinderOptions) {
    this.#input = route.rpc.input;
    this.#route = route;
    this.#takesRaw = takesRawBody(route);
    this.#registry = registry;
    this.#parameters = new ParameterReader(route, new Set(ignoredQueryParameters));
    this.#texts = pathTextsOf(route);
  }

  /** The request message in the binary format of Protobuf. Throws a RequestError for whatever is wrong with the input. */
  bind(input: BinderInput): Uint8Array {
    if (input.query === '' && input.body.length === 0 && !this.#takesRaw) {
      const bytes = this.#texts?.(input.bindings);
      if (bytes) return bytes;
    }
    const parameters = this.#parameters.read(input.bindings, input.query);
    const json = parametersToJson(parameters);
    const fromUrl = parameters.length > 0 ? this.#readParameters(json, parameters) : undefined;
    const fromBody = this.#readBody(input);
    if (!fromBody) return toBinary(this.#input, fromUrl ?? create(this.#input));
    if (!fromUrl) return toBinary(this.#input, fromBody);
    for (const variable of this.#route.variables) refuseConflict(this.#input, variable, fromBody, fromUrl);
    return toBinary(this.#input, mergeFromJson(this.#input, fromBody, json, {registry: this.#registry}));
  }

  #readParameters(json: JsonObject, parameters: readonly Parameter[]): Message {
    try {
      return this.#fromJson(json);
    } catch (error) {
      throw this.#blame(parameters) ?? new RequestError('INVALID_PARAMETER', reasonOf(error));
    }
  }

  #fromJson(json: JsonValue): Message {
    const message = fromJson(this.#input, json, {registry: this.#registry});
    checkDurations(this.#input, json);
    return message;
  }

  /** Which parameter cannot be read; undefined if each can, and only together they cannot. */
  #blame(parameters: readonly Parameter[]): RequestError | undefined {
    for (const parameter of parameters) {
      try {
        this.#fromJson(parametersToJson([parameter]));
      } catch (error) {
        const values = parameter.fields.at(-1)!.enum?.values.map(value => value.name);
        const allowed = values ? `; allowed: ${values.join(', ')}` : '';
        return new RequestError('INVALID_PARAMETER', reasonOf(error) + allowed, {field: parameter.name});
      }
    }
    return undefined;
  }

  /** The message as far as the body gives it; undefined if it gives nothing. */
  #readBody({body, contentType}: BinderInput): Message | undefined {
    const target = this.#route.body;
    if (body.length === 0 && !this.#takesRaw) return undefined;
    if (target === undefined) throw bodyError('this method takes none');
    if (this.#takesRaw) return this.#rawBody(target, body, contentType);
    try {
      const value = parseJson(decodeUtf8(body));
      const json = target === '*' ? value : {[target.jsonName]: value};
      return this.#fromJson(json);
    } catch (error) {
      throw bodyError(reasonOf(error));
    }
  }

  #rawBody(target: '*' | DescField, data: Uint8Array, contentType: string): Message {
    const type = target === '*' ? this.#input : target.message!;
    const body = Object.assign(create(type), {data, contentType});
    if (target === '*') return body;
    const message = create(this.#input);
    reflect(this.#input, message).set(target, reflect(type, body));
    return message;
  }
}

/** True if the body is taken as it is, whatever its type. */
export function takesRawBody({rpc, body}: Route): boolean {
  return body !== undefined && isHttpBody(body === '*' ? rpc.input : body);
}

export function isHttpBody(of: DescMessage | DescField): boolean {
  const type = of.kind === 'message' ? of : of.fieldKind === 'message' ? of.message : undefined;
  return type?.typeName === 'google.api.HttpBody';
}

/** Walks to a field that the path binds, in both messages side by side. */
function refuseConflict(type: DescMessage, variable: FieldPath, body: Message, path: Message): void {
  let fromBody = reflect(type, body);
  let fromPath = reflect(type, path);
  for (const field of variable.fields) {
    const other = field.oneof && fromBody.oneofCase(field.oneof);
    if (other && other !== field) throw conflict(variable.name, `its oneof is given as "${other.name}"`);
    if (!fromBody.isSet(field)) return;
    const [left, right] = [fromBody.get(field), fromPath.get(field)];
    if (left === right) return;
    if (field === variable.fields.at(-1)) throw conflict(variable.name, 'it is given with another value');
    fromBody = left as ReflectMessage;
    fromPath = right as ReflectMessage;
  }
}

function conflict(name: string, how: string): RequestError {
  return bodyError(`"${name}" is bound by the path, but in the body ${how}`);
}

function bodyError(problem: string): RequestError {
  return new RequestError('INVALID_BODY', problem, {field: 'body'});
}

function reasonOf(error: unknown): string {
  return (error as Error).message;
}
