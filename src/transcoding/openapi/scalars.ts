/**
 * The JSON of single values, by the JSON mapping of proto3 as @bufbuild/protobuf keeps
 * it. What it writes it writes in one way; what it reads may be a number or its text,
 * base64 of either alphabet. Where texts of numbers could go beyond the type, the schema
 * takes a digit less than there may be.
 */
import {type DescMessage, ScalarType} from '@bufbuild/protobuf';
import {isWrapperDesc} from '@bufbuild/protobuf/wkt';
import type {Schema, Use} from './types.js';

export function scalarSchema(scalar: ScalarType, use: Use): Schema {
  switch (scalar) {
    case ScalarType.STRING:
      return {type: 'string'};
    case ScalarType.BOOL:
      return {type: 'boolean'};
    case ScalarType.BYTES:
      return {type: 'string', contentEncoding: 'base64', pattern: use === 'output' ? undefined : base64};
    case ScalarType.FLOAT:
      return floatSchema('float', use);
    case ScalarType.DOUBLE:
      return floatSchema('double', use);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return smallInteger({format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1}, '^-?[0-9]{1,9}$', use);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return smallInteger({format: 'uint32', minimum: 0, maximum: 2 ** 32 - 1}, '^[0-9]{1,9}$', use);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return largeInteger({format: 'int64', minimum: -int64Most, maximum: int64Most}, '^-?[0-9]{1,18}$', use);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return largeInteger({format: 'uint64', minimum: 0, maximum: uint64Most}, '^[0-9]{1,19}$', use);
  }
}

/** With or without padding. */
const base64 = '^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$';

/** The largest doubles within 64 bits; as short as they are written in JSON they are within them too. */
const int64Most = 2 ** 63 - 2 ** 10;
const uint64Most = 2 ** 64 - 2 ** 11;
const float32Most = 3.402_823e38;

function smallInteger(range: Schema, pattern: string, use: Use): Schema {
  return use === 'input' ? {type: ['integer', 'string'], ...range, pattern} : {type: 'integer', ...range};
}

/** Written as text, since JSON's numbers are exact to 53 bits alone in many programs. */
function largeInteger(range: Schema, pattern: string, use: Use): Schema {
  if (use === 'text') return {type: 'integer', ...range};
  if (use === 'input') return {type: ['string', 'integer'], ...range, pattern};
  return {type: 'string', format: range.format, pattern: pattern.replace(/\{.*\}/, '+')};
}

function floatSchema(format: 'float' | 'double', use: Use): Schema {
  const range: Schema = format === 'float' && use !== 'output' ? {minimum: -float32Most, maximum: float32Most} : {};
  if (use === 'text') return {type: 'number', format, ...range};
  const pattern = use === 'input' ? '^(?:NaN|-?Infinity|-?[0-9]{1,15}(?:\\.[0-9]{1,15})?)$' : '^(?:NaN|-?Infinity)$';
  return {type: ['number', 'string'], format, ...range, pattern};
}

/** The schema of Google's own types whose JSON is not an object of their fields; undefined for all others. */
export function wellKnownSchema(type: DescMessage, use: Use): Schema | undefined {
  if (isWrapperDesc(type)) return scalarSchema(type.fields[0]!.scalar!, use);
  return wellKnown[type.typeName];
}

const wellKnown: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': {
    type: 'string',
    format: 'date-time',
    pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$',
  },
  // At most about 10,000 years, which is twelve digits of seconds.
  'google.protobuf.Duration': {
    type: 'string',
    pattern: '^-?(?:[0-9]{1,11}|[0-2][0-9]{11})(?:\\.[0-9]{1,9})?s$',
    examples: ['1.5s'],
  },
  'google.protobuf.FieldMask': {type: 'string', pattern: '^[^_]*$', examples: ['title,author.name']},
  'google.protobuf.Struct': {type: 'object'},
  'google.protobuf.Value': {},
  'google.protobuf.ListValue': {type: 'array'},
  'google.protobuf.Any': {
    type: 'object',
    description: 'A message of the type that `@type` names, with its fields beside it.',
    properties: {'@type': {type: 'string'}},
  },
};

/** The schema with null, which means that a field is not set. */
export function orNull(schema: Schema): Schema {
  const {type, description, ...rest} = schema;
  if (type !== undefined) return {...schema, type: [type, 'null'].flat()};
  return Object.keys(rest).length === 0 ? schema : {description, anyOf: [rest, {type: 'null'}]};
}
