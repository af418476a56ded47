/**
 * How a store is cut into shards: each namespace is in the first 1, 2, 4 … of them, by
 * the high bits of the hash.
 *
 * One thread needs one shard, where limits and order of eviction are exact. Several
 * threads wait less for each other the more there are. But an order of eviction over
 * few entries, or room for few values, says little about the whole: so a namespace is
 * only cut into what is still large, and a small one not at all.
 */
import {charge, shardBytesMost} from './layout.js';
import type {NamespaceLimits, StoreOptions} from './types.js';

const shardsPerThread = 4;
/** What a namespace has in a shard, where it is cut for several threads: so many entries, and largest values. */
const entriesLeast = 4096;
const valuesLeast = 16;
/** Of a shard; the rest of what refs reach is for partly filled pages. */
const memoryBytesMost = shardBytesMost - 2 ** 30;

/** In how many shards each namespace is. */
export function shardsOf({namespaces, threads = 1, maxKeyBytes, maxValueBytes}: StoreOptions): number[] {
  const memoryBytes = namespaces.reduce((sum, each) => sum + each.maxMemoryBytes, 0);
  // Refs reach so far; a larger cache needs more shards even for one thread.
  let least = 1;
  while (memoryBytes / least > memoryBytesMost) least *= 2;
  const shardsMost = threads > 1 ? shardsPerThread * threads : least;
  const shareBytesLeast = valuesLeast * charge(maxKeyBytes, maxValueBytes);
  return namespaces.map(limits => {
    let shards = least;
    const isLarge = () =>
      limits.maxEntries / (2 * shards) >= entriesLeast && limits.maxMemoryBytes / (2 * shards) >= shareBytesLeast;
    while (2 * shards <= shardsMost && isLarge()) shards *= 2;
    return shards;
  });
}

/** What a namespace in so many shards is allowed in one of them. The shares add up to the limits, unless there are fewer entries than shards. */
export function shareOf(
  {maxEntries, maxMemoryBytes, policy}: NamespaceLimits,
  shards: number,
  shard: number,
): NamespaceLimits {
  if (shard >= shards) return {maxEntries: 0, maxMemoryBytes: 0};
  return {
    maxEntries: Math.max(1, partOf(maxEntries, shards, shard)),
    maxMemoryBytes: partOf(maxMemoryBytes, shards, shard),
    policy,
  };
}

/** The first parts have one more where they cannot be equal. */
function partOf(whole: number, parts: number, part: number): number {
  return Math.floor(whole / parts) + (part < whole % parts ? 1 : 0);
}
