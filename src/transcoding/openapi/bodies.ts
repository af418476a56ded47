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
  if (takesRawBody(route)) return {description: 'Bytes as they are, with their type.', content: anyBytes};
  if (body !== '*') {
    return {content: {[jsonType]: {schema: schemas.field(body, 'input'), example: example?.[body.jsonName]}}};
  }
  const bound = route.variables.flatMap(({fields}) => (fields.length === 1 ? fields : []));
  const schema = bound.length === 0 ? schemas.message(rpc.input, 'input') : schemas.object(rpc.input, 'input', bound);
  return {
    required: needsBody(route, schemas) || undefined,
    content: {[jsonType]: {schema, example: example && without(example, bound)}},
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
    rpc.methodKind === 'server_streaming' ? streamContent(schema, example) : {[jsonType]: {schema, example}};
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
    const text = {schema: {type: 'string'}, 'x-item-schema': type === 'text/event-stream' ? result : item};
    const media = type === jsonType ? {schema: {type: 'array', items: item}} : text;
    return [type, {...media, example: streamExample(type, example)}] as const;
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

function without(example: JsonObject, fields: readonly DescField[]): JsonObject {
  const rest = Object.entries(example).filter(([name]) => !fields.some(field => field.jsonName === name));
  return Object.fromEntries(rest);
}
