/** What a route takes as its body, and what it answers: JSON, a stream of it, or bytes as they are. */
import type {DescField, JsonObject, JsonValue} from '@bufbuild/protobuf';
import {isHttpBody, takesRawBody} from '../binder.js';
import {jsonType} from '../media-types.js';
import type {Route} from '../routes.js';
import {streamFormatOf, streamTypes} from '../stream-format.js';
import {commentOf, splitComment} from './comments.js';
import type {RouteParts} from './parameters.js';
import type {Schemas} from './schemas.js';
import {statusReference} from './status-schema.js';
import type {Part, Schema} from './types.js';

const anyBytes = {'*/*': {schema: {}}};

/** Undefined where a route takes none. */
export function requestBodyOf({route, schemas, example}: RouteParts): Part | undefined {
  const {rpc, body} = route;
  if (body === undefined) return undefined;
  if (takesRawBody(route))
    return {description: 'Bytes as they are, with their type.', required: true, content: anyBytes};
  if (body !== '*') {
    const given = example[body.jsonName];
    return {content: {[jsonType]: {schema: schemas.field(body, 'input'), ...exampleOf(given)}}};
  }
  const bound = route.variables.flatMap(({fields}) => (fields.length === 1 ? fields : []));
  const schema = bound.length === 0 ? schemas.message(rpc.input, 'input') : schemas.object(rpc.input, 'input', bound);
  return {
    ...(needsBody(route, schemas) ? {required: true} : {}),
    content: {[jsonType]: {schema, ...exampleOf(without(example, bound))}},
  };
}

/** No body stands for `{}`, which will not do where a field is required. */
function needsBody({rpc, variables}: Route, schemas: Schemas): boolean {
  const bound = variables.flatMap(({fields}) => fields);
  const {required, minProperties} = schemas.object(rpc.input, 'input', bound);
  return required !== undefined || minProperties !== undefined;
}

/** The answer when all goes well. */
export function responseOf({route, schemas}: RouteParts, example: JsonValue | undefined): Part {
  const {rpc, responseBody} = route;
  const {first} = splitComment(commentOf(rpc.output));
  const description = `${first || rpc.output.name}.`;
  if (isHttpBody(responseBody ?? rpc.output)) return {description, content: anyBytes};
  const schema = responseBody ? fieldAnswer(responseBody, schemas) : schemas.message(rpc.output, 'output');
  const content =
    rpc.methodKind === 'server_streaming'
      ? streamContent(schema, example)
      : {[jsonType]: {schema, ...exampleOf(example)}};
  return {description, content};
}

/** A message that is not set is answered as null. */
function fieldAnswer(field: DescField, schemas: Schemas): Schema {
  const schema = schemas.field(field, 'output');
  return field.fieldKind === 'message' ? {anyOf: [schema, {type: 'null'}]} : schema;
}

/** OpenAPI 3.1 has no word for the parts of a stream; `x-item-schema` is what 3.2 calls itemSchema. */
function streamContent(result: Schema, example: JsonValue | undefined): Part {
  const item = streamItem(result);
  const types = streamTypes.map(type => {
    const schema = type === jsonType ? {type: 'array', items: item} : {type: 'string'};
    const more = type === jsonType ? {} : {'x-item-schema': type === 'text/event-stream' ? result : item};
    return [type, {schema, ...more, ...exampleOf(streamExample(type, example))}] as const;
  });
  return Object.fromEntries(types);
}

/** An element of a stream: a result, or the failure that ends it. */
function streamItem(result: Schema): Schema {
  return {
    oneOf: [
      {type: 'object', properties: {result}, required: ['result']},
      {type: 'object', properties: {error: statusReference}, required: ['error']},
    ],
  };
}

/** A stream with one message in it, as it is sent. */
function streamExample(type: string, example: JsonValue | undefined): JsonValue | undefined {
  if (example === undefined) return undefined;
  if (type === jsonType) return [{result: example}];
  const format = streamFormatOf(type);
  return format.response(JSON.stringify(example), true) + format.end(false);
}

function exampleOf(example: JsonValue | undefined): {example?: JsonValue} {
  return example === undefined ? {} : {example};
}

function without(example: JsonObject, fields: readonly DescField[]): JsonObject | undefined {
  const rest = Object.entries(example).filter(([name]) => !fields.some(field => field.jsonName === name));
  return Object.fromEntries(rest);
}
