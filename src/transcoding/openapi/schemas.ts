/**
 * JSON Schemas of messages and enums, kept as components under their full names. A
 * message that is found in requests and in responses has two, since a request may be
 * written in more ways: that of requests is then called `NAME.Input`.
 *
 * Fields are named as JSON names them; where the proto file has another name, which is
 * accepted too, it is said with `x-proto-name`. A response has no field that it does not
 * need, so none is required; what it does not know a caller should pass over, so its
 * messages stay open, while those of requests are closed, as the binder is strict.
 */
import type {DescEnum, DescField, DescMessage} from '@bufbuild/protobuf';
import {commentOf} from './comments.js';
import {orNull, scalarSchema, wellKnownSchema} from './scalars.js';
import type {Schema, Use} from './types.js';

/** Keywords that a schema has besides what its descriptor says. */
export interface Refinements {
  field?: (field: DescField, use: Use) => Schema | undefined;
  /** Of a message in requests. */
  message?: (message: DescMessage) => Schema | undefined;
  /** Groups of fields of which at most one may be set, as in a oneof. */
  atMostOneOf?: (message: DescMessage) => readonly (readonly DescField[])[];
}

export interface SchemasOptions {
  /** Where messages are found: bodies of requests, and responses. */
  inputs: readonly DescMessage[];
  outputs: readonly DescMessage[];
  refinements: Refinements;
}

export class Schemas {
  readonly #components: Record<string, Schema> = {};
  readonly #inBoth: ReadonlySet<DescMessage>;
  readonly #refinements: Refinements;

  constructor({inputs, outputs, refinements}: SchemasOptions) {
    const ofResponses = messagesWithin(outputs);
    this.#inBoth = new Set([...messagesWithin(inputs)].filter(type => ofResponses.has(type)));
    this.#refinements = refinements;
  }

  /** All components that were referred to, by name. */
  components(): Record<string, Schema> {
    return Object.fromEntries(Object.entries(this.#components).sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  /** A message as it stands for itself. */
  message(type: DescMessage, use: 'input' | 'output'): Schema {
    const known = wellKnownSchema(type, use);
    if (known) return known;
    const name = use === 'input' && this.#inBoth.has(type) ? `${type.typeName}.Input` : type.typeName;
    return this.#component(name, () => this.object(type, use));
  }

  /** A message as an object of its fields, written out, without some of them. */
  object(type: DescMessage, use: 'input' | 'output', without: readonly DescField[] = []): Schema {
    const fields = type.fields.filter(field => !without.includes(field));
    const {required = [], ...refined} = (use === 'input' && this.#refinements.message?.(type)) || {};
    const names = fields.map(field => field.jsonName).filter(name => (required as string[]).includes(name));
    const properties = Object.fromEntries(
      fields.map(field => [field.jsonName, this.field(field, use, names.includes(field.jsonName))]),
    );
    return {
      type: 'object',
      description: commentOf(type) || undefined,
      properties,
      additionalProperties: use === 'input' ? false : undefined,
      required: names.length > 0 ? names : undefined,
      ...atMostOneOf(this.#groups(type, use).map(group => group.filter(field => fields.includes(field)))),
      ...refined,
    };
  }

  /** A field, with its comment. */
  field(field: DescField, use: Use, isRequired = false): Schema {
    const plain = {...this.#shape(field, use), ...this.#refinements.field?.(field, use)};
    const schema = use === 'input' && !isRequired ? orNull(plain) : plain;
    const hasOtherName = use !== 'text' && field.name !== field.jsonName;
    return {
      ...schema,
      description: commentOf(field) || schema.description,
      'x-proto-name': hasOtherName ? field.name : undefined,
    };
  }

  #groups(type: DescMessage, use: Use): (readonly DescField[])[] {
    const refined = use === 'input' ? this.#refinements.atMostOneOf?.(type) : undefined;
    return [...type.oneofs.map(oneof => oneof.fields), ...(refined ?? [])];
  }

  #shape(field: DescField, use: Use): Schema {
    const value = this.#value(field, use);
    if (field.fieldKind === 'list') return {type: 'array', items: value};
    if (field.fieldKind !== 'map') return value;
    const {pattern} = scalarSchema(field.mapKey, 'input');
    return {type: 'object', propertyNames: pattern && {pattern}, additionalProperties: value};
  }

  /** One value of a field. */
  #value(field: DescField, use: Use): Schema {
    if (field.enum) return this.#enum(field.enum, use);
    if (field.scalar !== undefined) return scalarSchema(field.scalar, use);
    const type = field.message!;
    return wellKnownSchema(type, use) ?? this.message(type, use === 'output' ? 'output' : 'input');
  }

  #enum(type: DescEnum, use: Use): Schema {
    if (type.typeName === 'google.protobuf.NullValue') return {type: 'null'};
    const name = this.#component(type.typeName, () => enumSchema(type));
    return use === 'output' ? name : {anyOf: [name, {type: 'integer', format: 'int32'}]};
  }

  #component(name: string, make: () => Schema): Schema {
    if (!(name in this.#components)) {
      // Its place is taken before it is made, since a type may hold itself.
      this.#components[name] = {};
      this.#components[name] = make();
    }
    return {$ref: `#/components/schemas/${name}`};
  }
}

/**
 * The keywords that let at most one field of each group be set; a boolean is set when it
 * is true, any other field when it is there and not null.
 */
function atMostOneOf(groups: readonly (readonly DescField[])[]): Schema {
  const pairs = groups.flatMap(group =>
    group.flatMap((left, index) => group.slice(index + 1).map(right => areBothSet(left, right))),
  );
  if (pairs.length === 0) return {};
  const names = groups.filter(group => group.length > 1).map(group => group.map(field => field.jsonName));
  return {not: {anyOf: pairs}, 'x-at-most-one-of': names};
}

function areBothSet(left: DescField, right: DescField): Schema {
  const fields = [left, right];
  const properties = Object.fromEntries(
    fields.map(field => [field.jsonName, isPlainBoolean(field) ? {const: true} : {not: {type: 'null'}}]),
  );
  return {required: fields.map(field => field.jsonName), properties};
}

function isPlainBoolean(field: DescField): boolean {
  return field.fieldKind === 'scalar' && scalarSchema(field.scalar, 'output').type === 'boolean' && !field.oneof;
}

function enumSchema(type: DescEnum): Schema {
  const values = type.values.map(value => [value.name, commentOf(value)] as const);
  const lines = values.map(([name, comment]) => `- \`${name}\`${comment && `: ${comment.replaceAll('\n', ' ')}`}`);
  return {
    type: 'string',
    description: [commentOf(type), lines.join('\n')].join('\n\n').trim(),
    enum: values.map(([name]) => name),
  };
}

/** These messages and all that their fields hold, at any depth. */
function messagesWithin(types: readonly DescMessage[], found = new Set<DescMessage>()): Set<DescMessage> {
  for (const type of types) {
    if (found.has(type)) continue;
    found.add(type);
    messagesWithin(
      type.fields.flatMap(field => field.message ?? []),
      found,
    );
  }
  return found;
}
