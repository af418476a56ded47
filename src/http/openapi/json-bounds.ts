/**
 * What the cache wants of the fields of a request, besides what their types say: the
 * bounds of src/base/limits.ts, and which fields do not go together (see
 * src/cache/validate.ts). Durations are texts; their patterns go as far as digits can
 * say, which is a little less than what is allowed.
 */
import type {DescField} from '@bufbuild/protobuf';
import {limits} from '../../base/index.js';
import type {Refinements, Schema} from '../../transcoding/index.js';

export interface Bounds {
  maxKeyBytes: number;
  maxValueBytes: number;
}

export function boundsOf({maxKeyBytes, maxValueBytes}: Bounds): Refinements {
  const fields: Readonly<Record<string, Schema>> = {
    key: {minLength: 1, maxLength: maxKeyBytes},
    prefix: {maxLength: maxKeyBytes},
    value: {maxLength: Math.ceil(maxValueBytes / 3) * 4},
    namespace: {pattern: `^(?:${limits.namespaceName.source.slice(1, -1)})?$`},
    content_type: {maxLength: limits.contentTypeBytesMost, pattern: '^[\\x20-\\x7e]*$'},
    ttl: {pattern: '^(?:[0-9]{1,9}|[12][0-9]{9})(?:\\.[0-9]{1,9})?s$'},
    touch_ttl: {pattern: '^(?:[1-9][0-9]{0,8}(?:\\.[0-9]{1,9})?|0\\.[0-9]{0,8}[1-9])s$'},
    bookmark_interval: {
      pattern: '^(?:0\\.[1-9][0-9]{0,8}|(?:[1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2})(?:\\.[0-9]{1,9})?)s$',
    },
    ttl_jitter: {minimum: 0, maximum: 1, pattern: '^(?:0(?:\\.[0-9]{1,15})?|1(?:\\.0{1,15})?)$'},
    if_revision: {minimum: 1},
    if_revision_not: {minimum: 1},
    page_size: {default: limits.pageSizeDefault},
    max_response_bytes: {anyOf: [{const: 0}, {minimum: limits.responseBytesLeast}], default: 0},
    resume_token: {maxLength: limits.resumeTokenBytesMost},
    requests: {minItems: 1, maxItems: limits.batchMost},
    targets: {minItems: 1, maxItems: limits.watchTargetsMost},
    event_types: {items: {enum: changeTypes}},
  };
  /** Texts of numbers, where they are allowed too. */
  const texts: Readonly<Record<string, Schema>> = {
    if_revision: {pattern: '^[1-9][0-9]{0,15}$'},
    if_revision_not: {pattern: '^[1-9][0-9]{0,15}$'},
    max_response_bytes: {pattern: '^(?:0|[1-9][0-9]{5,8})$'},
  };
  return {
    field: (field, use) => {
      if (!isOfRequest(field)) return undefined;
      return {...fields[field.name], ...(use === 'input' ? texts[field.name] : undefined), ...onGap(field)};
    },
    message: ({name}) => ({...(required[name] ? {required: required[name]} : {}), ...either[name]}),
    atMostOneOf: ({name, fields: all}) =>
      (exclusive[name] ?? []).map(names => all.filter(field => names.includes(field.name))),
  };
}

function isOfRequest({parent}: DescField): boolean {
  return /(?:Request|Target)$/.test(parent.name);
}

const changeTypes = ['PUT', 'TOUCH', 'DELETE', 'EXPIRE', 'EVICT', 'PURGE'].map(name => `EVENT_TYPE_${name}`);

/** Of the numbers that it could be, those that mean something. */
function onGap({name, enum: type}: DescField): Schema | undefined {
  if (name !== 'on_gap' || !type) return undefined;
  const numbers = {type: 'integer', enum: type.values.map(value => value.number)};
  return {anyOf: [{$ref: `#/components/schemas/${type.typeName}`}, numbers]};
}

/** By message: fields of which at most one may be set, and those without which nothing is done. */
const exclusive: Readonly<Record<string, readonly (readonly string[])[]>> = {
  PutRequest: [
    ['ttl', 'expire_time', 'keep_ttl', 'no_expiry'],
    ['if_absent', 'if_present', 'if_revision'],
  ],
  TouchRequest: [
    ['ttl', 'expire_time', 'no_expiry'],
    ['only_extend', 'only_shorten'],
  ],
  IncrementRequest: [['ttl', 'expire_time', 'no_expiry']],
  GetRequest: [['peek', 'touch_ttl']],
  WatchTarget: [['key', 'prefix']],
};
const required: Readonly<Record<string, readonly string[]>> = {
  BatchGetRequest: ['requests'],
  BatchPutRequest: ['requests'],
  BatchDeleteRequest: ['requests'],
  BatchTouchRequest: ['requests'],
  WatchRequest: ['targets'],
  GetRequest: ['key'],
  PutRequest: ['key'],
  DeleteRequest: ['key'],
  TouchRequest: ['key'],
};

const isThere = {type: 'string', minLength: 1};
/** What must be said one way or another. */
const either: Readonly<Record<string, Schema>> = {
  PurgeRequest: {
    minProperties: 1,
    // Both may be there if one of them says nothing: an empty prefix is none.
    oneOf: [
      {required: ['prefix'], properties: {prefix: isThere}},
      {required: ['all'], properties: {all: {const: true}}},
    ],
  },
  WatchTarget: {
    anyOf: [
      {required: ['key'], properties: {key: isThere}},
      {required: ['prefix'], properties: {prefix: {type: 'string'}}},
    ],
  },
};
