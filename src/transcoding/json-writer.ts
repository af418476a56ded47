/**
 * Messages as JSON text, exactly as @bufbuild/protobuf's fromBinary, toJson and
 * JSON.stringify make it, and several times as fast: the text is written from the bytes
 * by what was compiled for each type, without an object in between. Base64 above all:
 * where arrays have none of their own (Node before 25), toJson makes it character by
 * character, and 1 MiB would hold up everything else for a tenth of a second.
 *
 * Fields may come in any order, and one that is not repeated several times. So what is
 * read is held, field by field, until the end of the message: of a scalar the last value
 * counts, of a message all that came, one behind the other.
 *
 * What is not plain is left to toJson: Google's own types, and messages with extensions
 * or with what only proto2 has.
 */
import {
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type JsonValue,
  type Registry,
  toJson,
} from '@bufbuild/protobuf';
import {BinaryReader, WireType} from '@bufbuild/protobuf/wire';
import {FeatureSet_FieldPresence as Presence} from '@bufbuild/protobuf/wkt';
import {enumKind, isZero, scalarKind, type ValueKind} from './json-values.js';

export interface JsonWriterOptions {
  /** The types that a google.protobuf.Any may hold. */
  registry: Registry;
  /** Write fields that have their default value as well. */
  emitDefaults: boolean;
}

/** The text of a message; of one field of it, undefined if it is left out. */
type WriteMessage = (bytes: Uint8Array) => string;
type WriteField = (bytes: Uint8Array) => string | undefined;

/** What was read of a field; undefined if nothing was. */
type Held = unknown;

/** How a field is read, on top of what was held before, and written; undefined if it is left out. */
interface Ways {
  take: (reader: BinaryReader, before: Held, wireType: WireType) => Held;
  write: (held: Held) => string | undefined;
}

interface Member extends Ways {
  /** The field's name and a colon. */
  key: string;
  /** The places of those that share a oneof with it. */
  siblings: readonly number[];
}

/** A type as it was compiled. */
interface Members {
  inOrder: readonly Member[];
  places: ReadonlyMap<number, number>;
}

export class JsonWriter {
  readonly #emitDefaults: boolean;
  readonly #toJson: (type: DescMessage, bytes: Uint8Array) => JsonValue;
  readonly #messages = new Map<DescMessage, WriteMessage>();

  constructor({registry, emitDefaults}: JsonWriterOptions) {
    this.#emitDefaults = emitDefaults;
    this.#toJson = (type, bytes) => toJson(type, fromBinary(type, bytes), {registry, alwaysEmitImplicit: emitDefaults});
  }

  message(type: DescMessage): WriteMessage {
    let write = this.#messages.get(type);
    if (!write) {
      write = isPlain(type) ? this.#plainMessage(type) : bytes => JSON.stringify(this.#toJson(type, bytes));
      this.#messages.set(type, write);
    }
    return write;
  }

  field(field: DescField): WriteField {
    const {parent, jsonName} = field;
    if (!isPlain(parent)) return bytes => JSON.stringify((this.#toJson(parent, bytes) as JsonObject)[jsonName]);
    const members = this.#members(parent);
    const place = members.places.get(field.number)!;
    return bytes => members.inOrder[place]!.write(readHeld(members, bytes)[place]);
  }

  #plainMessage(type: DescMessage): WriteMessage {
    let members: Members | undefined;
    return bytes => {
      // Compiled at first use, since a type may hold itself.
      members ??= this.#members(type);
      return textOf(members, readHeld(members, bytes));
    };
  }

  #members(type: DescMessage): Members {
    const fields = type.fields.toSorted((left, right) => left.number - right.number);
    const inOrder = fields.map(field => ({
      key: `${JSON.stringify(field.jsonName)}:`,
      siblings: (field.oneof?.fields ?? []).filter(each => each !== field).map(each => fields.indexOf(each)),
      ...this.#ways(field),
    }));
    return {inOrder, places: new Map(fields.map(({number}, place) => [number, place]))};
  }

  #ways(field: DescField): Ways {
    const kind = this.#kindOf(field);
    const isImplicit = field.presence === Presence.IMPLICIT;
    const emitsDefault = this.#emitDefaults && isImplicit;
    if (field.fieldKind === 'list') return listWays(kind, emitsDefault);
    if (field.fieldKind === 'map') return mapWays(scalarKind(field.mapKey, field.utf8Validation), kind, emitsDefault);
    return valueWays(kind, isImplicit, emitsDefault);
  }

  /** Of a field's values, one by one. */
  #kindOf(field: DescField): ValueKind {
    if (field.enum) return enumKind(field.enum);
    if (field.scalar !== undefined) return scalarKind(field.scalar, field.utf8Validation);
    const write = this.message(field.message!);
    return {
      // A message that comes in parts is the sum of them, and so are its bytes.
      read: (reader, before) => joined(before as Uint8Array | undefined, reader.bytes()),
      text: bytes => write(bytes as Uint8Array),
      zero: noBytes,
      isPackable: false,
    };
  }
}

function isPlain({typeName, proto, fields}: DescMessage): boolean {
  if (typeName.startsWith('google.protobuf.') || proto.extensionRange.length > 0) return false;
  return fields.every(field => {
    const isGroup = 'delimitedEncoding' in field && field.delimitedEncoding;
    return field.presence !== Presence.LEGACY_REQUIRED && field.enum?.open !== false && !isGroup;
  });
}

const noBytes = new Uint8Array();

function joined(before: Uint8Array | undefined, bytes: Uint8Array): Uint8Array {
  return before === undefined ? bytes : Buffer.concat([before, bytes]);
}

/** What a message says of each member, at the member's place. */
function readHeld({inOrder, places}: Members, bytes: Uint8Array): Held[] {
  const held = new Array<Held>(inOrder.length).fill(undefined);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const place = places.get(number);
    if (place === undefined) {
      reader.skip(wireType, number);
      continue;
    }
    const {take, siblings} = inOrder[place]!;
    held[place] = take(reader, held[place], wireType);
    for (const sibling of siblings) held[sibling] = undefined;
  }
  return held;
}

function textOf({inOrder}: Members, held: readonly Held[]): string {
  let text = '';
  for (let place = 0; place < inOrder.length; place++) {
    const {key, write} = inOrder[place]!;
    const value = write(held[place]);
    if (value !== undefined) text += text === '' ? key + value : `,${key}${value}`;
  }
  return `{${text}}`;
}

function valueWays(kind: ValueKind, isImplicit: boolean, emitsDefault: boolean): Ways {
  const {read, text, zero} = kind;
  const absent = emitsDefault ? text(zero) : undefined;
  return {
    take: read,
    write: value => (value === undefined || (isImplicit && isZero(value, kind)) ? absent : text(value)),
  };
}

function listWays({read, text, isPackable}: ValueKind, emitsDefault: boolean): Ways {
  return {
    take: (reader, before, wireType) => {
      const items = (before ?? []) as string[];
      if (isPackable && wireType === WireType.LengthDelimited) {
        const end = reader.uint32() + reader.pos;
        while (reader.pos < end) items.push(text(read(reader)));
      } else {
        items.push(text(read(reader)));
      }
      return items;
    },
    write: (items = []) => ((items as string[]).length > 0 || emitsDefault ? `[${items}]` : undefined),
  };
}

/** A map is a list of messages with a key and a value, of which the last with a key counts. */
function mapWays(key: ValueKind, value: ValueKind, emitsDefault: boolean): Ways {
  const [keyNumber, valueNumber] = [1, 2];
  const entry: Members = {
    inOrder: [key, value].map(kind => ({key: '', siblings: [], ...valueWays(kind, false, false)})),
    places: new Map([keyNumber, valueNumber].map((number, place) => [number, place])),
  };
  return {
    take: (reader, before) => {
      // An object, since its order of keys is that of toJson.
      const texts = (before ?? Object.create(null)) as Record<string, string>;
      const [name = key.zero, held = value.zero] = readHeld(entry, reader.bytes());
      texts[String(name)] = value.text(held);
      return texts;
    },
    write: texts => {
      if (texts === undefined) return emitsDefault ? '{}' : undefined;
      const entries = Object.entries(texts as Record<string, string>);
      return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
    },
  };
}
