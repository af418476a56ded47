/** The parameters of a route: what its path holds, and what its query may. */
import type {DescField, DescMessage, JsonObject, JsonValue} from '@bufbuild/protobuf';
import {isNested, textReaderOf} from '../fields.js';
import type {Route} from '../routes.js';
import {type DocumentedPath, type PathParameter, textOfParameter} from './paths.js';
import type {Schemas} from './schemas.js';
import type {Parameter, Schema} from './types.js';

export interface RouteParts {
  route: Route;
  documented: DocumentedPath;
  schemas: Schemas;
  /** Of the whole request. */
  example: JsonObject | undefined;
}

export function parametersOf(parts: RouteParts): Parameter[] {
  return [...parts.documented.parameters.map(each => pathParameter(each, parts)), ...queryParameters(parts)];
}

function pathParameter(parameter: PathParameter, {route, schemas, example}: RouteParts): Parameter {
  const {name, variable, isWhole, isMultiSegment} = parameter;
  const fields = variable === undefined ? [] : route.variables[variable]!.fields;
  const value = valueAt(example, fields);
  const {description, ...schema} = isWhole ? schemas.field(fields.at(-1)!, 'text') : ({type: 'string'} as Schema);
  return {
    name,
    in: 'path',
    required: true,
    description,
    schema: schema.type === 'string' ? {minLength: 1, ...schema} : schema,
    'x-multi-segment': isMultiSegment || undefined,
    example: value === undefined ? undefined : textOfParameter(parameter, String(value)),
  };
}

/** Every field that neither the path nor the body gives, those of nested messages by their names with dots. */
function queryParameters({route, schemas, example}: RouteParts): Parameter[] {
  if (route.body === '*') return [];
  const bound = new Set(route.variables.map(variable => variable.name));
  return fieldsOf(route.rpc.input)
    .filter(fields => fields[0] !== route.body && !bound.has(fields.map(field => field.name).join('.')))
    .map(fields => {
      const {description, ...schema} = schemas.field(fields.at(-1)!, 'text');
      const name = fields.map(field => field.jsonName).join('.');
      const protoName = fields.map(field => field.name).join('.');
      return {
        name,
        in: 'query',
        description,
        schema,
        'x-proto-name': name === protoName ? undefined : protoName,
        example: valueAt(example, fields),
      };
    });
}

/** The fields that a query can give; a message that holds itself is gone into once. */
function fieldsOf(type: DescMessage, outer: readonly DescField[] = []): (readonly DescField[])[] {
  return type.fields.flatMap(field => {
    const fields = [...outer, field];
    if (!isNested(field)) return textReaderOf(field) ? [fields] : [];
    const within = [type, ...outer.map(each => each.parent)];
    return within.includes(field.message) ? [] : fieldsOf(field.message, fields);
  });
}

function valueAt(example: JsonObject | undefined, fields: readonly DescField[]): JsonValue | undefined {
  let value: JsonValue | undefined = example;
  for (const {jsonName} of fields) value = (value as JsonObject | undefined)?.[jsonName];
  return fields.length === 0 ? undefined : value;
}
