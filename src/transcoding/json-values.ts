/**
 * Values of scalars and enums: how one is read from the bytes of a message, and its text
 * in the JSON mapping of proto3.
 */
import {type DescEnum, ScalarType} from '@bufbuild/protobuf';
import {scalarZeroValue} from '@bufbuild/protobuf/reflect';
import type {BinaryReader} from '@bufbuild/protobuf/wire';

export interface ValueKind {
  /** `before` is what the same field held already. */
  read: (reader: BinaryReader, before?: unknown) => unknown;
  text: (value: unknown) => string;
  /** What a field without presence has when it is not set. */
  zero: unknown;
  /** Whether many may be sent in one piece. */
  isPackable: boolean;
}

export function enumKind({typeName, value: values}: DescEnum): ValueKind {
  const text =
    typeName === 'google.protobuf.NullValue'
      ? () => 'null'
      : (number: unknown) => JSON.stringify(values[number as number]?.jsonName ?? number);
  return {read: reader => reader.int32(), text, zero: 0, isPackable: true};
}

/** `strict`: a string that is not UTF-8 is refused; otherwise what cannot be read of it is replaced. */
export function scalarKind(scalar: ScalarType, strict: boolean): ValueKind {
  const isPackable = scalar !== ScalarType.STRING && scalar !== ScalarType.BYTES;
  return {read: readerOf(scalar, strict), text: textOf(scalar), zero: scalarZeroValue(scalar, false), isPackable};
}

export function isZero(value: unknown, {zero}: ValueKind): boolean {
  return value instanceof Uint8Array ? value.length === 0 : Object.is(value, zero);
}

function readerOf(scalar: ScalarType, strict: boolean): ValueKind['read'] {
  switch (scalar) {
    case ScalarType.STRING:
      return reader => reader.string(strict);
    case ScalarType.BYTES:
      return reader => reader.bytes();
    case ScalarType.BOOL:
      return reader => reader.bool();
    case ScalarType.FLOAT:
      return reader => reader.float();
    case ScalarType.DOUBLE:
      return reader => reader.double();
    case ScalarType.INT32:
      return reader => reader.int32();
    case ScalarType.UINT32:
      return reader => reader.uint32();
    case ScalarType.SINT32:
      return reader => reader.sint32();
    case ScalarType.FIXED32:
      return reader => reader.fixed32();
    case ScalarType.SFIXED32:
      return reader => reader.sfixed32();
    case ScalarType.INT64:
      return reader => reader.int64();
    case ScalarType.UINT64:
      return reader => reader.uint64();
    case ScalarType.SINT64:
      return reader => reader.sint64();
    case ScalarType.FIXED64:
      return reader => reader.fixed64();
    case ScalarType.SFIXED64:
      return reader => reader.sfixed64();
  }
}

function textOf(scalar: ScalarType): ValueKind['text'] {
  switch (scalar) {
    case ScalarType.STRING:
      return text => JSON.stringify(text);
    case ScalarType.BYTES:
      return value => {
        const {buffer, byteOffset, length} = value as Uint8Array;
        return `"${Buffer.from(buffer, byteOffset, length).toString('base64')}"`;
      };
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return number => (Number.isFinite(number) ? JSON.stringify(number) : `"${number}"`);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return integer => `"${integer}"`;
    default:
      return String;
  }
}
