/**
 * Header blocks to header fields (RFC 7541, sections 3 and 6).
 *
 * A field from a table is handed out as it stands there, so a request that repeats
 * the last one makes no string. Blocks must be decoded all and in order, since each
 * may change the table: even those of requests that are refused.
 */
import {HeaderField, type HeaderName, nameOf} from '../header-field.js';
import {DynamicTable} from './dynamic-table.js';
import {decodeHuffman} from './huffman.js';
import {HpackError, IntegerReader} from './integers.js';
import {LiteralCache} from './literal-cache.js';
import {staticCount, staticTable} from './static-table.js';

export interface FieldSink {
  field(field: HeaderField): void;
}

export class HpackDecoder {
  readonly #table: DynamicTable;
  readonly #sizeMost: number;
  readonly #integers = new IntegerReader();
  readonly #literals = new LiteralCache();
  #stringBytes = 0;

  /** `sizeMost` is what SETTINGS_HEADER_TABLE_SIZE promises. */
  constructor(sizeMost: number) {
    this.#table = new DynamicTable(sizeMost);
    this.#sizeMost = sizeMost;
  }

  /** Decodes a whole block. Throws an HpackError where it is wrong. */
  decode(bytes: Buffer, start: number, end: number, sink: FieldSink): void {
    const input = this.#integers;
    input.bytes = bytes;
    input.at = start;
    input.end = end;
    let sizeUpdatesLeft = 2;
    while (input.at < end) {
      const first = bytes[input.at++]!;
      if (first >= 0x80) {
        sizeUpdatesLeft = 0;
        sink.field(this.#indexed(input.read(first, 0x7f)));
      } else if (first >= 0x40) {
        sizeUpdatesLeft = 0;
        const field = this.#literal(bytes, input.read(first, 0x3f));
        this.#table.add(field);
        sink.field(field);
      } else if (first >= 0x20) {
        if (sizeUpdatesLeft-- <= 0) throw new HpackError('a change of the table size stands behind a field');
        this.#resize(input.read(first, 0x1f));
      } else {
        sizeUpdatesLeft = 0;
        // Literal without indexing, or never indexed, which is the same to who does not pass it on.
        sink.field(this.#repeatedLiteral(bytes, input.read(first, 0x0f)));
      }
    }
  }

  #indexed(index: number): HeaderField {
    const field = index <= staticCount ? staticTable[index] : this.#table.get(index - staticCount - 1);
    if (field === undefined) throw new HpackError('there is no field at this index');
    return field;
  }

  #literal(bytes: Buffer, nameIndex: number): HeaderField {
    const name: HeaderName = nameIndex === 0 ? nameOf(this.#string(bytes)) : this.#indexed(nameIndex).name;
    return new HeaderField(name, this.#string(bytes));
  }

  /** A literal that the client does not index, but perhaps sent before. */
  #repeatedLiteral(bytes: Buffer, nameIndex: number): HeaderField {
    if (nameIndex === 0 || nameIndex > staticCount) return this.#literal(bytes, nameIndex);
    const input = this.#integers;
    const start = input.at;
    this.#skipString(bytes);
    const known = this.#literals.find(nameIndex, bytes, start, input.at);
    if (known !== undefined) return known;
    input.at = start;
    const field = this.#literal(bytes, nameIndex);
    this.#literals.keep(field, nameIndex, bytes, start, input.at);
    return field;
  }

  #string(bytes: Buffer): string {
    const isHuffman = this.#skipString(bytes);
    const {at} = this.#integers;
    const start = at - this.#stringBytes;
    return isHuffman ? decodeHuffman(bytes, start, at) : bytes.toString('latin1', start, at);
  }

  /** Passes over a string, of which the last #stringBytes are the text; answers whether that is Huffman-coded. */
  #skipString(bytes: Buffer): boolean {
    const input = this.#integers;
    if (input.at >= input.end) throw new HpackError('the block ends where a string should begin');
    const first = bytes[input.at++]!;
    this.#stringBytes = input.read(first, 0x7f);
    if (this.#stringBytes > input.end - input.at) throw new HpackError('the block ends within a string');
    input.at += this.#stringBytes;
    return first >= 0x80;
  }

  #resize(sizeMost: number): void {
    if (sizeMost > this.#sizeMost) {
      throw new HpackError('a table that is larger than allowed');
    }
    this.#table.resize(sizeMost);
  }
}
