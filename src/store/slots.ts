/**
 * Slots in pages: where records are put.
 *
 * A page holds slots of one class. A class's pages that have a free slot form its
 * partial list; a page whose last slot is freed belongs to no class again. So memory
 * follows the sizes of the values: what one class gives up, any other can use.
 *
 *   page table, a row a page:
 *   0 class   1 slots free   2 first freed slot   3 slots never used   4 previous   5 next in the list
 *
 * Freed slots are chained through their first word. That a class may be left with
 * many pages, each with a few records, is what compaction (compact.ts) is for.
 *
 * Invariant: the pages reserved are enough for every class's charged slots plus one
 * partly filled page a class. So if no page is free, some class has as many free
 * slots as a page holds, and compaction can free one.
 */
import {assert} from '../base/index.js';
import {classCount, freePage, slotBytes, slotsPerPage, unitBytes, unitsPerPage} from './layout.js';
import type {Memory} from './memory.js';

const rowWords = 6;
const row = {classNumber: 0, free: 1, freedSlot: 2, unused: 3, previous: 4, next: 5} as const;
/** Pages are named by number; the first is never used, so that 0 is no page and ref 0 no place. */
const noPage = 0;

/** Bytes of shared memory that the tables of so many pages take. */
export function slotTableBytes(pages: number): number {
  return 4 * (heads.count + pages * rowWords);
}

/** What the table begins with: list heads and totals. */
const heads = {
  freePage: 0,
  firstUnusedPage: 1,
  freePages: 2,
  partial: 3,
  freeSlots: 3 + classCount,
  count: 3 + 2 * classCount,
} as const;

export class Slots {
  readonly #memory: Memory;
  readonly #table: Int32Array;
  readonly #pages: number;

  constructor(memory: Memory, table: SharedArrayBuffer, pages: number) {
    this.#memory = memory;
    this.#table = new Int32Array(table);
    this.#pages = pages;
  }

  /** To be called once, by whoever made the memory. */
  initialize(): void {
    this.#table[heads.firstUnusedPage] = 1;
    this.#table[heads.freePages] = this.#pages - 1;
  }

  /** A slot of the class, its content undefined; 0 if no page is free. */
  take(classNumber: number): number {
    const page = this.#table[heads.partial + classNumber]! || this.#takePage(classNumber);
    if (page === noPage) return 0;
    const at = this.#row(page);
    this.#table[heads.freeSlots + classNumber]!--;
    if (--this.#table[at + row.free]! === 0) this.#unlink(page, classNumber);
    const freed = this.#table[at + row.freedSlot]!;
    if (freed !== 0) {
      this.#table[at + row.freedSlot] = this.#memory.read(freed, 0);
      return freed;
    }
    const index = slotsPerPage(classNumber) - this.#table[at + row.unused]!--;
    return refOf(page, index, classNumber);
  }

  /** The slot must have been marked as not live by its owner. */
  give(ref: number): void {
    const page = pageOf(ref);
    const at = this.#row(page);
    const classNumber = this.#table[at + row.classNumber]!;
    this.#memory.write(ref, 0, this.#table[at + row.freedSlot]!);
    this.#table[at + row.freedSlot] = ref;
    this.#table[heads.freeSlots + classNumber]!++;
    const free = ++this.#table[at + row.free]!;
    if (free === slotsPerPage(classNumber)) this.#givePage(page, classNumber, free > 1);
    else if (free === 1) this.#link(page, classNumber);
  }

  classOfSlot(ref: number): number {
    return this.#table[this.#row(pageOf(ref)) + row.classNumber]!;
  }

  /** Pages that belong to no class. */
  freePages(): number {
    return this.#table[heads.freePages]!;
  }

  /** Whether a slot of the class can be had without a free page. */
  hasFreeSlot(classNumber: number): boolean {
    return this.#table[heads.partial + classNumber] !== noPage;
  }

  /** The class with the most free bytes that could give up a page; -1 if none could. */
  classToCompact(): number {
    let best = -1;
    let bestBytes = 0;
    for (let classNumber = 0; classNumber < classCount; classNumber++) {
      const free = this.#table[heads.freeSlots + classNumber]!;
      if (free < slotsPerPage(classNumber)) continue;
      const bytes = free * slotBytes(classNumber);
      if (bytes > bestBytes) {
        best = classNumber;
        bestBytes = bytes;
      }
    }
    return best;
  }

  /** The emptiest of the first partial pages of a class, taken off the list so that nothing new is put into it. */
  takeEmptiest(classNumber: number): number {
    let best: number = noPage;
    let page = this.#table[heads.partial + classNumber]!;
    for (let looked = 0; page !== noPage && looked < 16; looked++) {
      if (best === noPage || this.#free(page) > this.#free(best)) best = page;
      page = this.#table[this.#row(page) + row.next]!;
    }
    assert(best !== noPage, 'a class with free slots has a partial page');
    this.#unlink(best, classNumber);
    this.#table[heads.freeSlots + classNumber]! -= this.#free(best);
    return best;
  }

  /** The refs of the slots of a page that have ever been used; whether each is live its content tells. */
  *usedSlots(page: number): Iterable<number> {
    const at = this.#row(page);
    const classNumber = this.#table[at + row.classNumber]!;
    const used = slotsPerPage(classNumber) - this.#table[at + row.unused]!;
    for (let index = 0; index < used; index++) yield refOf(page, index, classNumber);
  }

  /** A page taken by takeEmptiest, now without a live slot. */
  givePage(page: number): void {
    this.#table[this.#row(page) + row.classNumber] = freePage;
    this.#table[this.#row(page) + row.next] = this.#table[heads.freePage]!;
    this.#table[heads.freePage] = page;
    this.#table[heads.freePages]!++;
  }

  /** For the walk of invariants: each page that has a class, as it stands. */
  *pagesInUse(): Iterable<{page: number; classNumber: number; free: number; freed: number[]}> {
    for (let page = 1; page < this.#table[heads.firstUnusedPage]!; page++) {
      const classNumber = this.#table[this.#row(page) + row.classNumber]!;
      if (classNumber === freePage) continue;
      const freed: number[] = [];
      let ref = this.#table[this.#row(page) + row.freedSlot]!;
      for (; ref !== 0 && freed.length <= slotsPerPage(classNumber); ref = this.#memory.read(ref, 0)) freed.push(ref);
      yield {page, classNumber, free: this.#free(page), freed};
    }
  }

  /** For the walk: free slots of a class by its total, and by its partial list. */
  freeSlotsOf(classNumber: number): {total: number; listed: number} {
    let listed = 0;
    let page = this.#table[heads.partial + classNumber]!;
    for (let looked = 0; page !== noPage && looked < this.#pages; looked++) {
      listed += this.#free(page);
      page = this.#table[this.#row(page) + row.next]!;
    }
    return {total: this.#table[heads.freeSlots + classNumber]!, listed};
  }

  /** For the walk: slots of a page that were never used. */
  unusedSlots(page: number): number {
    return this.#table[this.#row(page) + row.unused]!;
  }

  #takePage(classNumber: number): number {
    let page = this.#table[heads.freePage]!;
    if (page !== noPage) {
      this.#table[heads.freePage] = this.#table[this.#row(page) + row.next]!;
    } else if (this.#table[heads.firstUnusedPage]! < this.#pages) {
      page = this.#table[heads.firstUnusedPage]!++;
    } else {
      return noPage;
    }
    this.#table[heads.freePages]!--;
    const at = this.#row(page);
    const slots = slotsPerPage(classNumber);
    this.#table[at + row.classNumber] = classNumber;
    this.#table[at + row.free] = slots;
    this.#table[at + row.freedSlot] = 0;
    this.#table[at + row.unused] = slots;
    this.#table[heads.freeSlots + classNumber]! += slots;
    this.#link(page, classNumber);
    return page;
  }

  #givePage(page: number, classNumber: number, isLinked: boolean): void {
    if (isLinked) this.#unlink(page, classNumber);
    this.#table[heads.freeSlots + classNumber]! -= slotsPerPage(classNumber);
    this.givePage(page);
  }

  #link(page: number, classNumber: number): void {
    const first = this.#table[heads.partial + classNumber]!;
    this.#table[this.#row(page) + row.previous] = noPage;
    this.#table[this.#row(page) + row.next] = first;
    if (first !== noPage) this.#table[this.#row(first) + row.previous] = page;
    this.#table[heads.partial + classNumber] = page;
  }

  #unlink(page: number, classNumber: number): void {
    const previous = this.#table[this.#row(page) + row.previous]!;
    const next = this.#table[this.#row(page) + row.next]!;
    if (previous === noPage) this.#table[heads.partial + classNumber] = next;
    else this.#table[this.#row(previous) + row.next] = next;
    if (next !== noPage) this.#table[this.#row(next) + row.previous] = previous;
  }

  #free(page: number): number {
    return this.#table[this.#row(page) + row.free]!;
  }

  #row(page: number): number {
    return heads.count + page * rowWords;
  }
}

function pageOf(ref: number): number {
  return Math.floor(ref / unitsPerPage);
}

function refOf(page: number, index: number, classNumber: number): number {
  return page * unitsPerPage + (index * slotBytes(classNumber)) / unitBytes;
}
