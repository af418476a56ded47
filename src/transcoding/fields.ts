/**
 * Fields by name, as paths and queries name them: `book.author_id` or `book.authorId`,
 * a path through messages to a field whose value can be written as one text. Which
 * types can is said by the JSON mapping of proto3: scalars, enums and those messages
 * whose JSON is a plain value (Timestamp, Duration, FieldMask and the wrappers).
 */
import {type DescField, type DescMessage, type JsonValue, ScalarType} from '@bufbuild/protobuf';
import {isWrapperDesc} from '@bufbuild/protobuf/wkt';

/** A field inside a message, with those that lead to it. */
export interface FieldPath {
  /** By the names of the proto file, joined with dots. */
  name: string;
  fields: readonly DescField[];
}

/** Reads the text of one value into its JSON; what it cannot read it leaves to the JSON parser to refuse. */
export type TextReader = (text: string) => JsonValue;

/** The field that a path leads to, or why there is none. */
export function resolveFieldPath(message: DescMessage, name: string): FieldPath | {problem: string} {
  const fields: DescField[] = [];
  let within: DescMessage | undefined = message;
  for (const part of name.split('.')) {
    const field: DescField | undefined = within && fieldNamed(within, part);
    if (!field) return {problem: `there is no such field${fields.length > 0 ? ` in ${fields.at(-1)!.name}` : ''}`};
    fields.push(field);
    within = isNested(field) ? field.message : undefined;
  }
  return {name: fields.map(field => field.name).join('.'), fields};
}

/** A field by its name in the proto file or in JSON. */
export function fieldNamed(message: DescMessage, name: string): DescField | undefined {
  let fields = fieldsByName.get(message);
  if (!fields) {
    fields = new Map(message.fields.flatMap(field => [field.jsonName, field.name].map(key => [key, field] as const)));
    fieldsByName.set(message, fields);
  }
  return fields.get(name);
}

const fieldsByName = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** True for a message that is named by its fields, not written as one value. */
export function isNested(field: DescField): field is DescField & {fieldKind: 'message'} {
  return field.fieldKind === 'message' && !field.message.typeName.startsWith('google.protobuf.');
}

/** How one value of a field is read; undefined if a text cannot hold it. */
export function textReaderOf(field: DescField): TextReader | undefined {
  let reader = readers.get(field);
  if (reader === undefined) {
    reader = makeTextReader(field);
    readers.set(field, reader);
  }
  return reader ?? undefined;
}

const readers = new WeakMap<DescField, TextReader | null>();

const textTypes = new Set(['google.protobuf.Timestamp', 'google.protobuf.Duration', 'google.protobuf.FieldMask']);

function makeTextReader(field: DescField): TextReader | null {
  if (field.fieldKind === 'map') return null;
  if (field.enum) return readEnum;
  if (field.scalar !== undefined) return scalarReader(field.scalar);
  const message = field.message!;
  if (isWrapperDesc(message)) return scalarReader(message.fields[0]!.scalar!);
  return textTypes.has(message.typeName) ? readText : null;
}

function scalarReader(scalar: ScalarType): TextReader {
  if (scalar === ScalarType.BOOL) return readBool;
  return scalar === ScalarType.BYTES ? readBytes : readText;
}

const readText: TextReader = text => text;
const readBool: TextReader = text => (text === 'true' ? true : text === 'false' ? false : text);
const readEnum: TextReader = text => (/^-?\d+$/.test(text) ? Number(text) : text);
/** In a query, the `+` of base64 arrives as a space unless it was escaped; a space itself is never part of it. */
const readBytes: TextReader = text => text.replaceAll(' ', '+');
