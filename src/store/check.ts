/**
 * The walk of every invariant of a shard: index, order of use, wheel, slots and
 * counters must tell the same story. For tests; it takes as long as there are
 * entries.
 */
import {assert} from '../base/index.js';
import {counter, countersPerNamespace} from './counters.js';
import {classCount, classOfRecord, field, recordClasses, slotsPerPage} from './layout.js';
import {segmentsPerNamespace} from './recency.js';
import type {Shard} from './shard.js';
import {noDeadline} from './types.js';

export function checkShard(shard: Shard): void {
  const live = checkIndex(shard);
  checkRecency(shard, live);
  checkWheel(shard, live);
  checkSlots(shard, live);
  checkCounters(shard, live);
  for (const policy of shard.policies) policy.check();
}

/** Each record is in the bucket of its hash, once. */
function checkIndex({index, records}: Shard): Set<number> {
  const live = new Set<number>();
  for (let bucket = 0; bucket < index.buckets; bucket++) {
    for (let ref = index.firstOf(bucket); ref !== 0; ref = records.get(ref, field.chain)) {
      assert(!live.has(ref), `record ${ref} is in the index once`);
      assert(records.isLive(ref), `record ${ref} in the index is live`);
      assert(index.bucketOfRecord(ref) === bucket, `record ${ref} is in its bucket`);
      live.add(ref);
    }
  }
  assert(index.size === live.size, `the index counts ${index.size} records and has ${live.size}`);
  return live;
}

/** Each record is in the list of its namespace and segment, once, and neighbours agree. */
function checkRecency({recency, records, policies}: Shard, live: ReadonlySet<number>): void {
  const listed = new Set<number>();
  for (let namespace = 0; namespace < policies.length; namespace++) {
    for (let segment = 0; segment < segmentsPerNamespace; segment++) {
      let count = 0;
      let before = 0;
      for (let ref = recency.oldest(namespace, segment); ref !== 0; ref = records.get(ref, field.newer)) {
        assert(live.has(ref) && !listed.has(ref), `record ${ref} is in one list, and in the index`);
        assert(
          records.namespace(ref) === namespace && records.segment(ref) === segment,
          `record ${ref} is in its list`,
        );
        assert(records.get(ref, field.older) === before, `record ${ref} knows the one before it`);
        listed.add(ref);
        before = ref;
        count++;
      }
      assert(recency.newest(namespace, segment) === before, 'a list ends with its newest');
      assert(recency.count(namespace, segment) === count, 'a list counts its records');
    }
  }
  assert(listed.size === live.size, 'every record has a place in the order of use');
}

/** Each record with a deadline is in the wheel, once, where it will be met in time; no other is. */
function checkWheel({wheel, records}: Shard, live: ReadonlySet<number>): void {
  const seen = new Set<number>();
  for (const {ref, slot, before} of wheel.walk()) {
    assert(live.has(ref) && !seen.has(ref), `record ${ref} is in the wheel once, and in the index`);
    assert(records.get(ref, field.wheelPrev) === before, `record ${ref} knows what is before it in the wheel`);
    assert(wheel.isWellPlaced(ref, slot), `record ${ref} is in a slot that comes in time`);
    seen.add(ref);
  }
  for (const ref of live) {
    const hasDeadline = records.deadlineMs(ref) !== noDeadline;
    assert(seen.has(ref) === hasDeadline, `record ${ref} is in the wheel if it has a deadline`);
    assert(hasDeadline || records.get(ref, field.wheelPrev) === 0, `record ${ref} knows that it is in no slot`);
  }
  assert(wheel.size === seen.size, `the wheel counts ${wheel.size} records and has ${seen.size}`);
}

/** Each slot is a record's, a piece's or free; pages and classes count theirs. */
function checkSlots({slots, records}: Shard, live: ReadonlySet<number>): void {
  const pieces = new Set<number>();
  for (const ref of live) {
    assert(
      slots.classOfSlot(ref) === classOfRecord(records.contentBytes(ref)),
      `record ${ref} is in a slot of its class`,
    );
    for (const piece of records.pieces(ref)) pieces.add(piece);
  }
  let used = 0;
  for (const {page, classNumber, free, freed} of slots.pagesInUse()) {
    assert(new Set(freed).size === freed.length, `page ${page} has each freed slot once`);
    assert(freed.length + slots.unusedSlots(page) === free, `page ${page} counts its free slots`);
    for (const ref of freed) assert(!live.has(ref) && !pieces.has(ref), `freed slot ${ref} is nobody's`);
    for (const ref of slots.usedSlots(page)) {
      const isUsed = classNumber < recordClasses ? live.has(ref) : pieces.has(ref);
      const saysUsed = classNumber < recordClasses ? records.isLive(ref) : records.isLivePiece(ref);
      assert(isUsed === saysUsed, `slot ${ref} says whether it is used`);
    }
    used += slotsPerPage(classNumber) - free;
  }
  assert(used === live.size + pieces.size, 'every used slot belongs to a record');
  for (let classNumber = 0; classNumber < classCount; classNumber++) {
    const {total, listed} = slots.freeSlotsOf(classNumber);
    assert(total === listed, `class ${classNumber} counts ${total} free slots and lists ${listed}`);
  }
}

/** What each namespace counts is there, and within its limits. */
function checkCounters({counters, records, policies}: Shard, live: ReadonlySet<number>): void {
  const entries = new Array<number>(policies.length).fill(0);
  const bytes = new Array<number>(policies.length).fill(0);
  for (const ref of live) {
    const namespace = records.namespace(ref);
    entries[namespace]!++;
    bytes[namespace]! += records.charge(ref);
  }
  for (let namespace = 0; namespace < policies.length; namespace++) {
    const at = namespace * countersPerNamespace;
    assert(counters[at + counter.entries] === entries[namespace], `namespace ${namespace} counts its entries`);
    assert(counters[at + counter.memoryBytes] === bytes[namespace], `namespace ${namespace} counts its memory`);
    assert(
      entries[namespace]! <= counters[at + counter.maxEntries]!,
      `namespace ${namespace} keeps its limit of entries`,
    );
    assert(
      bytes[namespace]! <= counters[at + counter.maxMemoryBytes]!,
      `namespace ${namespace} keeps its limit of memory`,
    );
  }
}
