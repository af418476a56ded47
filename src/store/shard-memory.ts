/**
 * The shared memory of one shard, and how large each part is. What is made here by
 * one thread can be sent to others, which lay the same views over it.
 */
import {countersPerNamespace} from './counters.js';
import {HashIndex} from './hash-index.js';
import {chargeLeast, pageBytes, partialPagesMost} from './layout.js';
import {reserveMemory} from './memory.js';
import {Purges} from './purges.js';
import {Recency} from './recency.js';
import {slotTableBytes} from './slots.js';
import {TimingWheel} from './timing-wheel.js';
import {reserveTinyLfu, type TinyLfuBuffers} from './tiny-lfu.js';
import type {NamespaceLimits} from './types.js';

/** As sent between threads. */
export interface ShardBuffers {
  namespaces: number;
  pages: number;
  memory: SharedArrayBuffer;
  slotTable: SharedArrayBuffer;
  buckets: SharedArrayBuffer;
  words: SharedArrayBuffer;
  numbers: SharedArrayBuffer;
  purgePrefixes: SharedArrayBuffer;
  /** For each namespace; undefined where its policy is another. */
  tinyLfu: (TinyLfuBuffers | undefined)[];
}

/** With typed views of the parts. */
export interface ShardMemory extends ShardBuffers {
  /** 0 while nobody is inside; otherwise the number of the thread that is. */
  lock: Int32Array;
  indexState: Int32Array;
  recencyState: Int32Array;
  wheelSlots: Int32Array;
  wheelState: Float64Array;
  purgeState: Float64Array;
  counters: Float64Array;
}

/** Buckets never need to be more than records can be. */
const bucketsMost = 2 ** 28;

/** Reserves what a shard with these limits, one for each namespace, may need. */
export function reserveShard(limits: readonly NamespaceLimits[], maxKeyBytes: number): ShardBuffers {
  const sum = (of: (each: NamespaceLimits) => number) => limits.reduce((total, each) => total + of(each), 0);
  const memoryBytes = sum(each => each.maxMemoryBytes);
  // The first page is never used, so that ref 0 is no place.
  const pages = Math.ceil(memoryBytes / pageBytes) + partialPagesMost + 2;
  const records = Math.min(
    sum(each => each.maxEntries),
    Math.floor(memoryBytes / chargeLeast),
  );
  const wordCount = lockWords + HashIndex.stateWords + Recency.stateWords(limits.length) + TimingWheel.slotWords;
  const numberCount = TimingWheel.stateNumbers + Purges.stateNumbers + limits.length * countersPerNamespace;
  return {
    namespaces: limits.length,
    pages,
    memory: reserveMemory(pages),
    slotTable: new SharedArrayBuffer(slotTableBytes(pages)),
    buckets: new SharedArrayBuffer(4 * Math.max(1, Math.min(records, bucketsMost))),
    words: new SharedArrayBuffer(4 * wordCount),
    numbers: new SharedArrayBuffer(8 * numberCount),
    purgePrefixes: new SharedArrayBuffer(Purges.prefixesBytes(maxKeyBytes)),
    tinyLfu: limits.map(each => (each.policy === 'tiny-lfu' ? reserveTinyLfu(each) : undefined)),
  };
}

const lockWords = 1;

export function viewShard(buffers: ShardBuffers): ShardMemory {
  const {namespaces, words, numbers} = buffers;
  let wordAt = 0;
  const takeWords = (count: number) => {
    const view = new Int32Array(words, 4 * wordAt, count);
    wordAt += count;
    return view;
  };
  let numberAt = 0;
  const takeNumbers = (count: number) => {
    const view = new Float64Array(numbers, 8 * numberAt, count);
    numberAt += count;
    return view;
  };
  return {
    ...buffers,
    lock: takeWords(lockWords),
    indexState: takeWords(HashIndex.stateWords),
    recencyState: takeWords(Recency.stateWords(namespaces)),
    wheelSlots: takeWords(TimingWheel.slotWords),
    wheelState: takeNumbers(TimingWheel.stateNumbers),
    purgeState: takeNumbers(Purges.stateNumbers),
    counters: takeNumbers(namespaces * countersPerNamespace),
  };
}
