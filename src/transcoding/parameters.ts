/**
 * The path variables and query parameters of a request as the JSON of its message,
 * which @bufbuild/protobuf then reads: what a value may look like is decided there
 * alone. Each field has one source (google/api/http.proto, "Rules for HTTP mapping"):
 * what the path or the body binds is no query parameter, so that nobody who checks
 * the path can be deceived by the query.
 */
import type {DescField, JsonObject, JsonValue} from '@bufbuild/protobuf';
import {type FieldPath, isNested, resolveFieldPath, textReaderOf} from './fields.js';
import {parseQuery} from './query.js';
import type {Route} from './routes.js';
import {RequestError} from './status.js';

/** One parameter as it was given, to tell which of them is wrong. */
export interface Parameter {
  name: string;
  fields: readonly DescField[];
  value: JsonValue;
}

export class ParameterReader {
  readonly #route: Route;
  readonly #ignored: ReadonlySet<string>;
  readonly #boundByPath: ReadonlySet<string>;

  /** `ignored` are names of query parameters that mean nothing and are allowed all the same. */
  constructor(route: Route, ignored: ReadonlySet<string>) {
    this.#route = route;
    this.#ignored = ignored;
    this.#boundByPath = new Set(route.variables.map(variable => variable.name));
  }

  /** `query` is what follows the `?`, as received. */
  read(bindings: readonly string[], query: string): Parameter[] {
    const parameters = this.#route.variables.map(({name, fields}, index) =>
      parameterOf(name, fields, bindings[index]!),
    );
    for (const [name, text] of query === '' ? [] : parseQuery(query)) {
      if (!this.#ignored.has(name)) parameters.push(parameterOf(name, this.#fieldsOf(name), text));
    }
    return parameters;
  }

  #fieldsOf(name: string): readonly DescField[] {
    const {rpc, body} = this.#route;
    if (body === '*') throw unknown(name, 'there are no query parameters, since the body is the whole request');
    const found = resolveFieldPath(rpc.input, name);
    if ('problem' in found) throw unknown(name, `${found.problem}; allowed: ${this.#allowed()}`);
    const field = found.fields.at(-1)!;
    if (found.fields[0] === body) throw unknown(name, `"${found.name}" is given in the body`);
    if (this.#boundByPath.has(found.name)) throw unknown(name, `"${found.name}" is given in the path`);
    if (isNested(field)) throw unknown(name, `a message is given by its fields, as in ${fieldsWithin(found)}`);
    if (!textReaderOf(field)) throw unknown(name, 'a value of its type cannot be a query parameter');
    return found.fields;
  }

  #allowed(): string {
    const {rpc, body} = this.#route;
    const names = rpc.input.fields
      .filter(field => field !== body && !this.#boundByPath.has(field.name))
      .filter(field => isNested(field) || textReaderOf(field))
      .map(field => (isNested(field) ? `${field.name}.*` : field.name));
    return [...names, ...this.#ignored].join(', ') || 'none';
  }
}

/** The parameters as one JSON object. Throws a RequestError if a field that is not repeated is given twice. */
export function parametersToJson(parameters: readonly Parameter[]): JsonObject {
  const json: JsonObject = {};
  for (const {name, fields, value} of parameters) {
    let within = json;
    for (let depth = 0; depth < fields.length - 1; depth++) {
      const outer = fields[depth]!.jsonName;
      within[outer] ??= {};
      within = within[outer] as JsonObject;
    }
    const field = fields.at(-1)!;
    const key = field.jsonName;
    if (field.fieldKind === 'list') {
      within[key] ??= [];
      (within[key] as JsonValue[]).push(value);
    } else if (within[key] === undefined) {
      within[key] = value;
    } else {
      throw new RequestError('INVALID_PARAMETER', 'given more than once', {field: name});
    }
  }
  return json;
}

function parameterOf(name: string, fields: readonly DescField[], text: string): Parameter {
  return {name, fields, value: textReaderOf(fields.at(-1)!)!(text)};
}

function fieldsWithin({name, fields}: FieldPath): string {
  const first = fields.at(-1)!.message!.fields[0];
  return `${name}.${first?.name ?? '…'}`;
}

function unknown(field: string, problem: string): RequestError {
  return new RequestError('UNKNOWN_PARAMETER', problem, {field});
}
