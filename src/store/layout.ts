/**
 * The memory layout of entries, and what an entry is charged for it.
 *
 *   memory   of a shard, reserved at the start, backed by the system when touched
 *     page   64 KiB; cut into slots of one size, a class; changes class when empty
 *       slot a record, or one further piece of a large one, or free
 *
 * A place in memory is a *ref*: the number of 8-byte units from its start. Refs are
 * positive 31-bit integers, so a shard reaches 16 GiB; 0 is no place.
 *
 * A record, all in one slot where it fits, so that a lookup touches one place:
 *
 *   word  0 chain        next record in the same bucket of the index
 *         1 hash         keyed hash of namespace and key
 *         2 older        neighbours in the order of use (segment list)
 *         3 newer
 *         4 wheelPrev    neighbours in a slot of the timing wheel; wheelPrev is
 *         5 wheelNext    -1 - slot in the first of the slot, 0 where in none
 *         6 revisionLow
 *         7 deadlineLow
 *         8 high         high bits: 21 of the revision, 11 of the deadline
 *         9 size         value bytes (27 bits), policy segment (2), spare (3)
 *        10 kind         key bytes (16), content type bytes (8), namespace (6), live (1)
 *   then key, content type, value.
 *
 * What does not fit into the largest slot goes on in further pieces:
 *
 *   word  0 next piece   0 in the last
 *         1 back         the piece or record before it; never 0 in a live piece
 */
import {assert} from '../base/index.js';

export const pageBytes = 64 * 1024;
export const unitBytes = 8;
export const unitsPerPage = pageBytes / unitBytes;
/** What refs of 31 bits reach, in bytes. */
export const shardBytesMost = 2 ** 31 * unitBytes;

export const field = {
  chain: 0,
  hash: 1,
  older: 2,
  newer: 3,
  wheelPrev: 4,
  wheelNext: 5,
  revisionLow: 6,
  deadlineLow: 7,
  high: 8,
  size: 9,
  kind: 10,
} as const;

export const recordHeaderBytes = 44;
export const pieceHeaderBytes = 8;
/** The largest slot: 8 to a page. */
export const slotBytesMost = 8192;
const slotBytesLeast = 48;

/** In a record of several slots, the first one's last word is the ref of its first further piece. */
export const firstPieceWord = slotBytesMost / 4 - 1;
export const headContentBytes = slotBytesMost - recordHeaderBytes - 4;
export const pieceContentBytes = slotBytesMost - pieceHeaderBytes;

/** One bucket of the index for each entry. */
const bucketBytes = 4;

/**
 * The sizes of slots, ascending: every 8 bytes up to 512, every 16 up to 1,024, and
 * beyond that the largest of which n fill a page, n = 63 to 8.
 */
export const slotSizes: readonly number[] = makeSlotSizes();

/** Classes of records, then the same number of classes of further pieces: a page holds only one kind. */
export const recordClasses = slotSizes.length;
export const classCount = 2 * recordClasses;
/** Pages that may be partly filled at a time, one a class: what is reserved beyond the limit. */
export const partialPagesMost = recordClasses + slotBytesMost / 512;
export const freePage = -1;

/** The smallest class that holds so many bytes, by their number of 8-byte units. */
const classOfUnits = makeClassOfUnits();

export function classOf(bytes: number): number {
  return classOfUnits[(bytes + unitBytes - 1) >>> 3] as number;
}

/** The class of the slot that a record with so many bytes of content begins in. */
export function classOfRecord(contentBytes: number): number {
  return classOf(Math.min(recordHeaderBytes + contentBytes, slotBytesMost));
}

export function slotBytes(classNumber: number): number {
  return slotSizes[classNumber % recordClasses] as number;
}

export function slotsPerPage(classNumber: number): number {
  return Math.floor(pageBytes / slotBytes(classNumber));
}

/** What one slot of a class takes of a page, its share of the page's unused end included. */
const slotCharges: readonly number[] = slotSizes.map(size => Math.ceil(pageBytes / Math.floor(pageBytes / size)));

/**
 * What an entry counts against the memory limit, in bytes: its slots and its bucket.
 * A content type counts as part of the value.
 */
export function charge(keyBytes: number, valueBytes: number): number {
  const contentBytes = keyBytes + valueBytes;
  if (!isLarge(contentBytes)) return (slotCharges[classOf(recordHeaderBytes + contentBytes)] as number) + bucketBytes;
  const restBytes = contentBytes - headContentBytes;
  const fullPieces = Math.floor(restBytes / pieceContentBytes);
  const tailBytes = restBytes - fullPieces * pieceContentBytes;
  const tailCharge = tailBytes > 0 ? (slotCharges[pieceClassOf(tailBytes) - recordClasses] as number) : 0;
  return bucketBytes + (1 + fullPieces) * slotBytesMost + tailCharge;
}

/** Whether content of so many bytes needs more than one slot. */
export function isLarge(contentBytes: number): boolean {
  return recordHeaderBytes + contentBytes > slotBytesMost;
}

/** The class of a further piece that holds so many bytes. Few sizes are used, so that few pages are partly filled. */
export function pieceClassOf(bytes: number): number {
  const slot = Math.min(Math.ceil((bytes + pieceHeaderBytes) / 512) * 512, slotBytesMost);
  return recordClasses + classOf(slot);
}

/** The least that any entry is charged. */
export const chargeLeast = charge(1, 0);

function makeSlotSizes(): number[] {
  const sizes = new Set<number>();
  for (let size = slotBytesLeast; size <= 512; size += 8) sizes.add(size);
  for (let size = 528; size <= 1024; size += 16) sizes.add(size);
  for (let slots = 63; slots >= 8; slots--) sizes.add(Math.floor(pageBytes / slots / unitBytes) * unitBytes);
  return [...sizes].sort((a, b) => a - b);
}

function makeClassOfUnits(): Uint8Array {
  assert(slotSizes.length < 256, 'a class is a byte');
  const classes = new Uint8Array(slotBytesMost / unitBytes + 1);
  let classNumber = 0;
  for (let units = 0; units < classes.length; units++) {
    if (units * unitBytes > (slotSizes[classNumber] as number)) classNumber++;
    classes[units] = classNumber;
  }
  return classes;
}
