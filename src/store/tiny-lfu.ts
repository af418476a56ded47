/**
 * The policy `tiny-lfu`: Window TinyLFU (window-lfu.ts) over the records of a
 * namespace, with a window that follows the load (window-tuner.ts). What is used
 * often outlives what is used once, so a scan does not wash the cache out; where the
 * load is of the kind that LRU serves best, the window becomes the cache.
 *
 * Memory besides the records: 8 bytes an entry for the sketch, at most 4 % of the
 * memory limit, and 19 KB. No step grows with the number of entries.
 */
import {assert} from '../base/index.js';
import {FrequencySketch} from './frequency-sketch.js';
import {chargeLeast, field} from './layout.js';
import type {Policy} from './policy.js';
import {type Recency, segmentsPerNamespace} from './recency.js';
import type {Records} from './records.js';
import type {NamespaceLimits} from './types.js';
import {type Segments, segment, WindowLfu} from './window-lfu.js';
import {WindowTuner} from './window-tuner.js';

/** The shared memory of this policy for one namespace in one shard. */
export interface TinyLfuBuffers {
  /** What an entry weighs at least. */
  weightLeast: number;
  sketch: SharedArrayBuffer;
  minis: SharedArrayBuffer;
  numbers: SharedArrayBuffer;
}

/** The sketch takes no more than this share of the memory limit, however small the entries. */
const sketchShareMost = 1 / 25;
/** The index has no more buckets either. */
const entriesMost = 2 ** 28;

export function reserveTinyLfu({maxEntries, maxMemoryBytes}: NamespaceLimits): TinyLfuBuffers {
  const entries = Math.min(maxEntries, Math.floor(maxMemoryBytes / chargeLeast), entriesMost);
  const numbers = segmentsPerNamespace + FrequencySketch.stateNumbers + WindowTuner.stateNumbers;
  return {
    weightLeast: Math.floor(maxMemoryBytes / maxEntries),
    sketch: FrequencySketch.reserve(entries, maxMemoryBytes * sketchShareMost),
    minis: new SharedArrayBuffer(WindowTuner.wordsBytes),
    numbers: new SharedArrayBuffer(8 * numbers),
  };
}

/** The lists that a policy works on. */
export interface PolicyLists {
  records: Records;
  recency: Recency;
  namespace: number;
}

export class TinyLfuPolicy implements Policy {
  readonly #segments: WeighedSegments;
  readonly #sketch: FrequencySketch;
  readonly #tuner: WindowTuner;
  readonly #lfu: WindowLfu;

  constructor(lists: PolicyLists, {weightLeast, sketch, minis, numbers}: TinyLfuBuffers) {
    const state = new Float64Array(numbers);
    const sketchAt = segmentsPerNamespace;
    const tunerAt = sketchAt + FrequencySketch.stateNumbers;
    this.#segments = new WeighedSegments(lists, state.subarray(0, sketchAt), weightLeast);
    this.#sketch = new FrequencySketch(sketch, state.subarray(sketchAt, tunerAt));
    this.#tuner = new WindowTuner(minis, state.subarray(tunerAt), this.#sketch);
    this.#lfu = new WindowLfu(this.#segments, this.#sketch);
  }

  initialize(): void {
    this.#sketch.initialize();
    this.#tuner.initialize();
  }

  inserted(ref: number): void {
    this.#segments.add(ref, segment.window);
    this.#lfu.added(ref, this.#tuner.share);
    this.#sketch.grow(this.#segments.count);
    this.#record(ref);
  }

  used(ref: number): void {
    this.#lfu.used(ref, this.#tuner.share);
    this.#record(ref);
  }

  removed(ref: number): void {
    this.#segments.remove(ref);
  }

  returned(ref: number, list: number): void {
    this.#segments.add(ref, list);
  }

  victim(incomingBytes: number): number {
    this.#tuner.wake();
    return this.#lfu.victim(this.#segments.weightOfBytes(incomingBytes), this.#tuner.share);
  }

  check(): void {
    this.#segments.check();
    this.#sketch.check(this.#segments.count);
    this.#tuner.check();
  }

  #record(ref: number): void {
    const hash = this.#segments.hashOf(ref);
    const {count} = this.#segments;
    this.#sketch.record(hash, count);
    this.#tuner.record(hash, count);
  }
}

/**
 * The lists of Recency, with the sum of weights of each. A record weighs its charge
 * or, if that is more, the memory limit divided by the entry limit: so where entries
 * are what is scarce they weigh alike, and where memory is, by their size.
 */
class WeighedSegments implements Segments {
  readonly #records: Records;
  readonly #recency: Recency;
  readonly #namespace: number;
  /** weights[list] is the sum of weightOf() over the list. */
  readonly #weights: Float64Array;
  readonly #weightLeast: number;

  constructor({records, recency, namespace}: PolicyLists, weights: Float64Array, weightLeast: number) {
    this.#records = records;
    this.#recency = recency;
    this.#namespace = namespace;
    this.#weights = weights;
    this.#weightLeast = weightLeast;
  }

  /** The entries in all lists. */
  get count(): number {
    let count = 0;
    for (let list = 0; list < segmentsPerNamespace; list++) count += this.#recency.count(this.#namespace, list);
    return count;
  }

  oldest(list: number): number {
    return this.#recency.oldest(this.#namespace, list);
  }

  weight(list: number): number {
    return this.#weights[list]!;
  }

  listOf(ref: number): number {
    return this.#records.segment(ref);
  }

  weightOf(ref: number): number {
    return this.weightOfBytes(this.#records.charge(ref));
  }

  weightOfBytes(bytes: number): number {
    return Math.max(bytes, this.#weightLeast);
  }

  hashOf(ref: number): number {
    return this.#records.get(ref, field.hash);
  }

  add(ref: number, list: number): void {
    this.#recency.add(ref, list);
    this.#weights[list]! += this.weightOf(ref);
  }

  remove(ref: number): void {
    this.#recency.remove(ref);
    this.#weights[this.listOf(ref)]! -= this.weightOf(ref);
  }

  move(ref: number, list: number): void {
    if (this.listOf(ref) === list) {
      this.#recency.refresh(ref);
      return;
    }
    this.remove(ref);
    this.add(ref, list);
  }

  check(): void {
    for (let list = 0; list < segmentsPerNamespace; list++) {
      let weight = 0;
      for (let ref = this.oldest(list); ref !== 0; ref = this.#records.get(ref, field.newer)) {
        weight += this.weightOf(ref);
      }
      assert(weight === this.#weights[list], `list ${list} weighs ${weight} and says ${this.#weights[list]}`);
    }
  }
}
