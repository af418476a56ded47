/**
 * Reads of many keys wait for memory most of the time: a bucket, the record behind it
 * and that record's neighbours in the order of use lie anywhere, and each is asked for
 * only when the one before has come. For many keys at a time the same is done in a few
 * short loops, in which the waits of all keys overlap, before the reads themselves are
 * (group prefetching: Chen, Ailamaki, Gibbons, Mowry, "Improving hash join performance
 * through prefetching", 2004).
 *
 * Nothing is answered and nothing changed, so it asks for no lock: where another thread
 * changes something meanwhile, it reads words that are of no use.
 */
import {limits} from '../base/index.js';
import {field} from './layout.js';
import type {Shard} from './shard.js';

/** Words of a record, bound here as in records.ts. */
const {hash: hashWord, chain: chainWord, older: olderWord, newer: newerWord} = field;

/** A record is looked at in these words, which are 64 bytes apart: header, key and a small value. */
const secondLine = 16;
const thirdLine = 32;

/** For fewer keys in each shard the loops take longer than the waits that they save. */
export const lookAheadLeast = 8;

const refs = new Int32Array(limits.batchMost);
/** So that what may be no ref, where another thread has changed something, is at least a number of its kind. */
const refMask = 2 ** 31 - 1;
/** What was read has to go somewhere where others could see it, or the engine leaves the reading out. */
export const seen = {words: 0};

/** Of batchMost keys at most. `shardOf` answers the number of the shard that a hash belongs to. */
export function lookAhead(shards: readonly Shard[], hashes: Int32Array, shardOf: (hash: number) => number): void {
  if (shards.length === 1) {
    lookAheadIn(shards[0]!, hashes);
    return;
  }
  const sorted = hashes.slice().sort();
  // A shard is the high bits of a hash, so those of one are neighbours.
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const shard = shardOf(sorted[from]!);
    while (to < sorted.length && shardOf(sorted[to]!) === shard) to++;
    lookAheadIn(shards[shard]!, sorted.subarray(from, to));
  }
}

/** Loops as plain as can be: calls in them would have the processor look ahead at fewer keys. */
function lookAheadIn({index, records}: Shard, hashes: Int32Array): void {
  const {words} = records.memory;
  const count = hashes.length;
  index.firsts(hashes, refs);
  let all = 0;
  for (let at = 0; at < count; at++) {
    const record = refs[at]! * 2;
    all |= words[record + hashWord]! | words[record + secondLine]! | words[record + thirdLine]!;
  }
  // The second in a bucket, where the first is of another key. Few buckets have more.
  for (let at = 0; at < count; at++) {
    const first = refs[at]! * 2;
    if (words[first + hashWord] === hashes[at]) continue;
    const ref = words[first + chainWord]! & refMask;
    refs[at] = ref;
    const record = ref * 2;
    all |= words[record + hashWord]! | words[record + secondLine]! | words[record + thirdLine]!;
  }
  for (let at = 0; at < count; at++) {
    const record = refs[at]! * 2;
    const older = words[record + olderWord]! & refMask;
    const newer = words[record + newerWord]! & refMask;
    all |= words[older * 2 + newerWord]! | words[newer * 2 + olderWord]!;
  }
  seen.words = all;
}
