/**
 * The order of a scan: by reversed hash (hash-index.ts) and, among equal hashes, by
 * revision. An entry's hash never changes and its revision only grows, so what is
 * there throughout a scan is not passed over, however the index grows and records
 * move meanwhile.
 */
import type {HashIndex} from './hash-index.js';
import {field} from './layout.js';
import type {Records} from './records.js';
import type {ScanCursor} from './types.js';

const end = 2 ** 32;
const nothing = 0;

interface Scanned {
  index: HashIndex;
  records: Records;
}

/** Moves the cursor on to the next record, and answers it; 0 at the end, and where no records are left to look at. */
export function nextInOrder(shard: Scanned, cursor: ScanCursor): number {
  while (cursor.recordsLeft > 0 && cursor.position < end) {
    const ref = nextInBucket(shard, cursor);
    if (ref !== nothing) {
      cursor.position = shard.index.positionOf(ref);
      cursor.revision = shard.records.revision(ref);
      return ref;
    }
    cursor.recordsLeft--;
    cursor.position = shard.index.rangeEnd(cursor.position);
    cursor.revision = 0;
  }
  return nothing;
}

/** Of the records in the cursor's bucket that come after the cursor, the first; 0 if there is none. */
function nextInBucket({index, records}: Scanned, cursor: ScanCursor): number {
  let best = nothing;
  for (let ref = index.firstAt(cursor.position); ref !== nothing; ref = records.get(ref, field.chain)) {
    cursor.recordsLeft--;
    const isAfter = (index.positionOf(ref) - cursor.position || records.revision(ref) - cursor.revision) > 0;
    if (isAfter && (best === nothing || comesBefore(ref, best))) best = ref;
  }
  return best;

  function comesBefore(ref: number, other: number): boolean {
    const apart = index.positionOf(ref) - index.positionOf(other);
    return (apart || records.revision(ref) - records.revision(other)) < 0;
  }
}
