/**
 * Fields that a client sends as literals again and again without putting them into the
 * table: nghttp2 does so with `:path` and `content-length`, for each request.
 *
 * A few of the last, found by the bytes as they were sent. Each takes the place of
 * another that falls on the same slot, so the memory is bounded.
 */
import type {HeaderField} from '../header-field.js';

const slotCount = 32;
const bytesMost = 128;

interface Slot {
  nameIndex: number;
  /** The value as it was sent, length and all. */
  value: Uint8Array;
  field: HeaderField;
}

export class LiteralCache {
  readonly #slots: (Slot | undefined)[] = new Array(slotCount).fill(undefined);

  /** The field whose value is sent as the bytes from `start` to `end`, if it is known. */
  find(nameIndex: number, bytes: Uint8Array, start: number, end: number): HeaderField | undefined {
    const slot = this.#slots[slotOf(bytes, start, end)];
    if (slot === undefined || slot.nameIndex !== nameIndex || slot.value.length !== end - start) return undefined;
    const {value} = slot;
    for (let index = 0; index < value.length; index++) {
      if (value[index] !== bytes[start + index]) return undefined;
    }
    return slot.field;
  }

  keep(field: HeaderField, nameIndex: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start > bytesMost) return;
    // A copy, which slice() of a Buffer is not: the next bytes are received where these stand.
    this.#slots[slotOf(bytes, start, end)] = {nameIndex, value: new Uint8Array(bytes.subarray(start, end)), field};
  }
}

/** Values that differ mostly do so in length or near their end. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const last = (bytes[end - 1] ?? 0) * 31 + (bytes[end - 2] ?? 0) * 7 + (bytes[end - 4] ?? 0);
  return (last + end - start) & (slotCount - 1);
}
