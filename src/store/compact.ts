/**
 * Compaction: empties a sparse page by moving its records into other pages of their
 * class, so that the page can serve another class. Without it, a cache whose values
 * change in size would fill up with pages that hold a few old records each.
 *
 * Freeing a page moves at most one page's records, 64 KiB.
 */
import {
  classOfRecord,
  headContentBytes,
  isLarge,
  pageBytes,
  pieceContentBytes,
  recordClasses,
  slotBytesMost,
} from './layout.js';
import type {Shard} from './shard.js';

export class Compaction {
  readonly #shard: Shard;

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** Makes sure that content of so many bytes finds its slots. The limits leave room for it: see slots.ts. */
  ensureSlots(contentBytes: number): void {
    const {slots} = this.#shard;
    if (!isLarge(contentBytes)) {
      const classNumber = classOfRecord(contentBytes);
      while (!slots.hasFreeSlot(classNumber) && slots.freePages() === 0) this.freePage();
      return;
    }
    const fullPieces = Math.ceil((contentBytes - headContentBytes) / pieceContentBytes);
    while (this.lacksPages(fullPieces * slotBytesMost)) this.freePage();
  }

  /** Whether content of so many bytes should have more free pages, and there are some to be made. */
  lacksPages(bytes: number): boolean {
    // Head and tail may each need a page of their own.
    const pages = Math.ceil(bytes / pageBytes) + 2;
    return this.#shard.slots.freePages() < pages && this.#canFreePage();
  }

  #canFreePage(): boolean {
    return this.#shard.slots.classToCompact() >= 0;
  }

  /** Frees one page; answers how many records or pieces it moved for that. */
  freePage(): number {
    const {slots, records} = this.#shard;
    const classNumber = slots.classToCompact();
    const page = slots.takeEmptiest(classNumber);
    const isLive = (ref: number) => (classNumber < recordClasses ? records.isLive(ref) : records.isLivePiece(ref));
    let moved = 0;
    for (const ref of slots.usedSlots(page)) {
      if (!isLive(ref)) continue;
      if (classNumber < recordClasses) this.#moveRecord(ref, slots.take(classNumber));
      else records.movePiece(ref, slots.take(classNumber));
      moved++;
    }
    slots.givePage(page);
    return moved;
  }

  #moveRecord(from: number, to: number): void {
    const {records, index, recency, wheel} = this.#shard;
    records.move(from, to);
    index.moved(from, to);
    recency.moved(to);
    wheel.moved(to);
  }
}
