/**
 * Header fields to header blocks (RFC 7541, section 6).
 *
 * Only fields that come again and again are put into the peer's table: those made by
 * `constantField`. After each has been sent once the table no longer changes, and a
 * block of constant fields is the same few bytes for good, and kept.
 * Blocks must be sent in the order in which they are made.
 */
import {HeaderField, nameOf} from '../header-field.js';
import {DynamicTable} from './dynamic-table.js';
import {encodeHuffman, huffmanLength} from './huffman.js';
import {writeInteger} from './integers.js';
import {staticCount, staticTable} from './static-table.js';

/** What the peer has until it says otherwise, and the most that is used here. */
const tableBytesMost = 4096;

export interface OutField {
  field: HeaderField;
  /** How it is told: kept in the peer's table, sent as it is, or never to be kept by any hop, as secrets. */
  form: 'constant' | 'plain' | 'secret';
}

export function constantField(name: string, value: string): OutField {
  return {field: new HeaderField(nameOf(name), value), form: 'constant'};
}

export function plainField(name: string, value: string): OutField {
  return {field: new HeaderField(nameOf(name), value), form: secretNames.has(name) ? 'secret' : 'plain'};
}

const secretNames = new Set(['authorization', 'cookie', 'set-cookie', 'proxy-authorization']);

/** Constant fields that go together; each connection keeps their block. */
export type ConstantFields = readonly OutField[];

interface KeptBlock {
  bytes: Uint8Array;
  /** The encoder's when the bytes were made. */
  version: number;
}

const staticFields = new Map<string, number>();
const staticNames = new Map<string, number>();
for (let index = staticCount; index > 0; index--) {
  const {name, value} = staticTable[index]!;
  staticFields.set(`${name.text}\0${value}`, index);
  staticNames.set(name.text, index);
}

export class HpackEncoder {
  readonly #table = new DynamicTable(tableBytesMost);
  #sizeMost = tableBytesMost;
  /** The smallest size since the last block, where the peer must be told of a change. */
  #announce: number | undefined;
  /** Counts changes of the table, after which cached blocks are stale. */
  #version = 0;
  readonly #kept = new Map<ConstantFields, KeptBlock>();

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  setTableSize(sizeMost: number): void {
    const size = Math.min(sizeMost, tableBytesMost);
    if (size === this.#sizeMost) return;
    this.#announce = Math.min(this.#announce ?? size, size);
    this.#sizeMost = size;
    this.#table.resize(size);
    this.#version++;
  }

  /** The block of these fields, made again only when the peer's table has changed. Lists are told apart by identity. */
  constant(fields: ConstantFields): Uint8Array {
    const kept = this.#kept.get(fields);
    if (kept?.version === this.#version) return kept.bytes;
    const before = this.#version;
    const bytes = this.encode(fields);
    // A block that changed the table says so only once.
    if (this.#version === before) this.#kept.set(fields, {bytes, version: before});
    return bytes;
  }

  encode(fields: readonly OutField[]): Uint8Array {
    const out: number[] = [];
    if (this.#announce !== undefined) this.#announceSize(this.#announce, out);
    for (const field of fields) this.#encodeField(field, out);
    return Uint8Array.from(out);
  }

  #announceSize(smallest: number, out: number[]): void {
    writeInteger(smallest, 0x1f, 0x20, out);
    if (smallest !== this.#sizeMost) writeInteger(this.#sizeMost, 0x1f, 0x20, out);
    this.#announce = undefined;
    this.#version++;
  }

  #encodeField({field, form}: OutField, out: number[]): void {
    const {name, value} = field;
    const index =
      staticFields.get(`${name.text}\0${value}`) ?? (form === 'constant' ? this.#indexOf(field) : undefined);
    if (index !== undefined && form !== 'secret') {
      writeInteger(index, 0x7f, 0x80, out);
      return;
    }
    const nameIndex = staticNames.get(name.text) ?? 0;
    const keep = form === 'constant' && field.sizeBytes <= this.#sizeMost;
    if (keep) writeInteger(nameIndex, 0x3f, 0x40, out);
    else writeInteger(nameIndex, 0x0f, form === 'secret' ? 0x10 : 0, out);
    if (nameIndex === 0) encodeString(name.text, out);
    encodeString(value, out);
    if (keep) {
      this.#table.add(field);
      this.#version++;
    }
  }

  #indexOf(field: HeaderField): number | undefined {
    for (let age = 0; age < this.#table.count; age++) {
      if (this.#table.get(age) === field) return staticCount + 1 + age;
    }
    return undefined;
  }
}

function encodeString(text: string, out: number[]): void {
  const coded = huffmanLength(text);
  if (coded < text.length) {
    writeInteger(coded, 0x7f, 0x80, out);
    encodeHuffman(text, out);
    return;
  }
  writeInteger(text.length, 0x7f, 0, out);
  for (let at = 0; at < text.length; at++) out.push(text.charCodeAt(at) & 255);
}
