/**
 * Records: their fields, and the bytes of key, content type and value, over one
 * slot or several. See layout.ts for where each field is.
 */
import {assert} from '../base/index.js';
import {
  contentTypeBytesAt,
  deadlineAt,
  keyBytesAt,
  namespaceAt,
  revisionAt,
  setDeadlineAt,
  setRevisionAt,
  valueBytesAt,
  valueBytesMask,
} from './entry-words.js';
import {
  charge,
  field,
  firstPieceWord,
  headContentBytes,
  isLarge,
  pieceClassOf,
  pieceContentBytes,
  pieceHeaderBytes,
  recordClasses,
  recordHeaderBytes,
  slotBytes,
  slotBytesMost,
} from './layout.js';
import type {Memory} from './memory.js';
import type {Scratch} from './scratch.js';
import type {Slots} from './slots.js';

const segmentShift = 27;
const segmentMask = 3;
const liveBit = 1 << 30;
/** Words of a record, bound here since the engine folds a module's own constants, but not imported ones. */
const {hash, revisionLow, deadlineLow, high, size, kind} = field;
/** Where those begin that entry-words.ts knows. */
const entry = revisionLow;
const content = recordHeaderBytes / 4;

const piece = {next: 0, back: 1} as const;

/** Up to so many bytes, which are in one slot, copying them a word at a time takes less time than a call into the engine. */
const wordwiseBytesMost = 256;
/** The same of a value that is read. */
const wordwiseValueBytesMost = 128;

export class Records {
  readonly memory: Memory;
  readonly #slots: Slots;

  constructor(memory: Memory, slots: Slots) {
    this.memory = memory;
    this.#slots = slots;
  }

  get(ref: number, word: number): number {
    return this.memory.read(ref, word);
  }

  set(ref: number, word: number, value: number): void {
    this.memory.write(ref, word, value);
  }

  isLive(ref: number): boolean {
    return (this.get(ref, kind) & liveBit) !== 0;
  }

  namespace(ref: number): number {
    return namespaceAt(this.memory.words, ref * 2 + entry);
  }

  keyBytes(ref: number): number {
    return keyBytesAt(this.memory.words, ref * 2 + entry);
  }

  contentTypeBytes(ref: number): number {
    return contentTypeBytesAt(this.memory.words, ref * 2 + entry);
  }

  /** Of key and content type. */
  nameBytes(ref: number): number {
    return this.keyBytes(ref) + this.contentTypeBytes(ref);
  }

  valueBytes(ref: number): number {
    return valueBytesAt(this.memory.words, ref * 2 + entry);
  }

  segment(ref: number): number {
    return (this.get(ref, size) >>> segmentShift) & segmentMask;
  }

  setSegment(ref: number, segment: number): void {
    const others = this.get(ref, size) & ~(segmentMask << segmentShift);
    this.set(ref, size, others | (segment << segmentShift));
  }

  revision(ref: number): number {
    return revisionAt(this.memory.words, ref * 2 + entry);
  }

  deadlineMs(ref: number): number {
    return deadlineAt(this.memory.words, ref * 2 + entry);
  }

  setDeadline(ref: number, deadlineMs: number): void {
    setDeadlineAt(this.memory.words, ref * 2 + entry, deadlineMs);
  }

  setRevision(ref: number, revision: number): void {
    setRevisionAt(this.memory.words, ref * 2 + entry, revision);
  }

  charge(ref: number): number {
    return charge(this.keyBytes(ref), this.contentTypeBytes(ref) + this.valueBytes(ref));
  }

  /** Whether its namespace and key are these. */
  isUnder(ref: number, namespace: number, key: Uint8Array): boolean {
    const length = key.length;
    const wanted = length | (namespace << 24);
    if ((this.get(ref, kind) & (0xffff | (63 << 24))) !== wanted) return false;
    // Longer ones may go on in a further piece.
    if (length > headContentBytes) return Buffer.compare(this.key(ref), key) === 0;
    const {words} = this.memory;
    let at = ref * 2 + recordHeaderBytes / 4;
    const end = length & ~3;
    for (let from = 0; from < end; from += 4) {
      const word = key[from]! | (key[from + 1]! << 8) | (key[from + 2]! << 16) | (key[from + 3]! << 24);
      if (words[at++] !== word) return false;
    }
    for (let from = end, shift = 0; from < length; from++, shift += 8) {
      if (((words[at]! >>> shift) & 0xff) !== key[from]) return false;
    }
    return true;
  }

  startsWith(ref: number, prefix: Uint8Array): boolean {
    if (prefix.length === 0) return true;
    if (this.keyBytes(ref) < prefix.length) return false;
    const start = new Uint8Array(prefix.length);
    this.#read(ref, 0, start);
    return Buffer.compare(start, prefix) === 0;
  }

  key(ref: number): Uint8Array {
    const key = new Uint8Array(this.keyBytes(ref));
    this.#read(ref, 0, key);
    return key;
  }

  contentType(ref: number): string {
    const length = this.contentTypeBytes(ref);
    if (length === 0) return '';
    const bytes = Buffer.allocUnsafe(length);
    this.#read(ref, this.keyBytes(ref), bytes);
    return bytes.toString('latin1');
  }

  /** A copy of the value, in scratch memory. */
  readValue(ref: number, scratch: Scratch): Uint8Array {
    const from = this.keyBytes(ref) + this.contentTypeBytes(ref);
    const offset = recordHeaderBytes + from;
    const length = this.valueBytes(ref);
    const target = scratch.place(length);
    if (isLarge(from + length)) this.#read(ref, from, target);
    else if (length <= wordwiseValueBytesMost) this.memory.copyWords(ref, offset, length, scratch.words);
    else this.memory.readBytes(ref, offset, length, target, 0);
    return target;
  }

  /**
   * Copies a record without its links to a word of other memory, one behind the other:
   * hash, what entry-words.ts knows, and the first bytes of key, content type and value.
   */
  copyTo(words: Int32Array, bytes: Uint8Array, to: number, ref: number, contentBytes: number): void {
    const source = this.memory.words;
    const at = ref * 2;
    words[to] = source[at + hash]!;
    words[to + 1] = source[at + revisionLow]!;
    words[to + 2] = source[at + deadlineLow]!;
    words[to + 3] = source[at + high]!;
    words[to + 4] = source[at + size]!;
    words[to + 5] = source[at + kind]!;
    const isLong = contentBytes > wordwiseBytesMost;
    const count = isLong ? 0 : (contentBytes + 3) >>> 2;
    for (let index = 0; index < count; index++) words[to + 6 + index] = source[at + content + index]!;
    if (isLong) this.#copyLongContent(ref, contentBytes, bytes, (to + 6) * 4);
  }

  #copyLongContent(ref: number, length: number, bytes: Uint8Array, at: number): void {
    if (this.isLarge(ref)) this.#read(ref, 0, bytes.subarray(at, at + length));
    else this.memory.readBytes(ref, recordHeaderBytes, length, bytes, at);
  }

  /**
   * Fills a new slot with key, content type and value, takes what further pieces it
   * needs, and sets the sizes. Whoever calls has made sure of the room.
   */
  fill(ref: number, namespace: number, key: Uint8Array, contentType: string, value: Uint8Array): void {
    this.set(ref, field.kind, key.length | (contentType.length << 16) | (namespace << 24) | liveBit);
    this.set(ref, field.size, value.length);
    const valueAt = key.length + contentType.length;
    if (isLarge(valueAt + value.length)) {
      this.#takePieces(ref, valueAt + value.length);
      this.#write(ref, 0, key);
      this.#write(ref, key.length, Buffer.from(contentType, 'latin1'));
      this.#write(ref, valueAt, value);
    } else {
      this.memory.writeBytes(ref, recordHeaderBytes, key);
      if (contentType.length > 0) {
        this.memory.writeBytes(ref, recordHeaderBytes + key.length, Buffer.from(contentType, 'latin1'));
      }
      this.memory.writeBytes(ref, recordHeaderBytes + valueAt, value);
    }
  }

  /** Gives a record that is not large, and will not be, another content type and value in place. */
  refill(ref: number, contentType: string, value: Uint8Array): void {
    const {words} = this.memory;
    const kindAt = ref * 2 + field.kind;
    const kind = words[kindAt]!;
    const keyBytes = kind & 0xffff;
    words[kindAt] = (kind & ~0xff0000) | (contentType.length << 16);
    const sizeAt = ref * 2 + field.size;
    words[sizeAt] = (words[sizeAt]! & ~valueBytesMask) | value.length;
    const contentAt = recordHeaderBytes + keyBytes;
    if (contentType.length > 0) this.memory.writeBytes(ref, contentAt, Buffer.from(contentType, 'latin1'));
    this.memory.writeBytes(ref, contentAt + contentType.length, value);
  }

  /** Gives back all slots of a record. */
  free(ref: number): void {
    let next = this.isLarge(ref) ? this.memory.read(ref, firstPieceWord) : 0;
    while (next !== 0) {
      const after = this.memory.read(next, piece.next);
      this.memory.write(next, piece.back, 0);
      this.#slots.give(next);
      next = after;
    }
    this.set(ref, field.kind, 0);
    this.#slots.give(ref);
  }

  isLarge(ref: number): boolean {
    return isLarge(this.contentBytes(ref));
  }

  contentBytes(ref: number): number {
    return this.keyBytes(ref) + this.contentTypeBytes(ref) + this.valueBytes(ref);
  }

  /** Copies a record to another slot of its class, and tells its pieces. Its neighbours are for the caller to tell. */
  move(from: number, to: number): void {
    this.memory.copySlot(from, to, slotBytes(this.#slots.classOfSlot(from)));
    if (this.isLarge(to)) this.memory.write(this.memory.read(to, firstPieceWord), piece.back, to);
    this.set(from, field.kind, 0);
  }

  isLivePiece(ref: number): boolean {
    return this.memory.read(ref, piece.back) !== 0;
  }

  /** Copies a further piece to another slot of its class, and tells the pieces before and behind it. */
  movePiece(from: number, to: number): void {
    this.memory.copySlot(from, to, slotBytes(this.#slots.classOfSlot(from)));
    const back = this.memory.read(from, piece.back);
    const next = this.memory.read(from, piece.next);
    const backIsRecord = this.#slots.classOfSlot(back) < recordClasses;
    this.memory.write(back, backIsRecord ? firstPieceWord : piece.next, to);
    if (next !== 0) this.memory.write(next, piece.back, to);
    this.memory.write(from, piece.back, 0);
  }

  /** For the walk of invariants: the further pieces of a record, in order. */
  pieces(ref: number): number[] {
    const refs: number[] = [];
    let next = this.isLarge(ref) ? this.memory.read(ref, firstPieceWord) : 0;
    for (; next !== 0; next = this.memory.read(next, piece.next)) {
      assert(this.memory.read(next, piece.back) === (refs.at(-1) ?? ref), 'a piece knows what is before it');
      refs.push(next);
    }
    return refs;
  }

  #takePieces(ref: number, contentBytes: number): void {
    let back = ref;
    for (let left = contentBytes - headContentBytes; left > 0; left -= pieceContentBytes) {
      const next = this.#slots.take(pieceClassOf(left));
      assert(next !== 0, 'whoever fills a record has made sure of the room');
      this.memory.write(back, back === ref ? firstPieceWord : piece.next, next);
      this.memory.write(next, piece.back, back);
      back = next;
    }
    this.memory.write(back, piece.next, 0);
  }

  #read(ref: number, from: number, target: Uint8Array): void {
    let at = 0;
    for (const {slot, offset, length} of this.#parts(ref, from, target.length)) {
      this.memory.readBytes(slot, offset, length, target, at);
      at += length;
    }
  }

  #write(ref: number, from: number, source: Uint8Array): void {
    let at = 0;
    for (const {slot, offset, length} of this.#parts(ref, from, source.length)) {
      this.memory.writeBytes(slot, offset, source.subarray(at, at + length));
      at += length;
    }
  }

  /** Where a stretch of a record's content lies: pieces of slots, in order. */
  *#parts(ref: number, from: number, length: number): Iterable<{slot: number; offset: number; length: number}> {
    const large = this.isLarge(ref);
    let slot = ref;
    let header = recordHeaderBytes;
    let room = large ? headContentBytes : slotBytesMost - recordHeaderBytes;
    let skip = from;
    let left = length;
    while (left > 0) {
      if (skip < room) {
        const here = Math.min(left, room - skip);
        yield {slot, offset: header + skip, length: here};
        left -= here;
        skip = 0;
      } else {
        skip -= room;
      }
      if (left === 0) return;
      slot = this.memory.read(slot, slot === ref ? firstPieceWord : piece.next);
      header = pieceHeaderBytes;
      room = pieceContentBytes;
    }
  }
}
