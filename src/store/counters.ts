/** The limits, sizes and counters of a namespace in one shard, in shared memory. */
import type {NamespaceLimits, StoreStats} from './types.js';

const names = [
  'maxEntries',
  'maxMemoryBytes',
  'entries',
  'memoryBytes',
  'hits',
  'misses',
  'puts',
  'deletes',
  'touches',
  'conditionsLost',
  'expirations',
  'evictionsEntries',
  'evictionsMemory',
  'purged',
  'expiryLagMs',
] as const satisfies (keyof StoreStats | keyof NamespaceLimits)[];

/** Where each number is, from a namespace's first. */
export const counter = Object.fromEntries(names.map((name, index) => [name, index])) as Record<
  (typeof names)[number],
  number
>;

export const countersPerNamespace = names.length;

/** Counting for one shard. */
export class Tally {
  readonly #numbers: Float64Array;

  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  get(namespace: number, which: number): number {
    return this.#numbers[namespace * countersPerNamespace + which]!;
  }

  set(namespace: number, which: number, value: number): void {
    this.#numbers[namespace * countersPerNamespace + which] = value;
  }

  count(namespace: number, which: number): void {
    this.#numbers[namespace * countersPerNamespace + which]!++;
  }

  add(namespace: number, which: number, amount: number): void {
    this.#numbers[namespace * countersPerNamespace + which]! += amount;
  }

  /** Whether so many entries more would be too many. */
  lacksEntries(namespace: number, entries: number): boolean {
    return this.get(namespace, counter.entries) + entries > this.get(namespace, counter.maxEntries);
  }

  /** Whether so many entries or bytes more would be too many. */
  lacksRoom(namespace: number, entries: number, bytes: number): boolean {
    return (
      this.lacksEntries(namespace, entries) ||
      this.get(namespace, counter.memoryBytes) + bytes > this.get(namespace, counter.maxMemoryBytes)
    );
  }
}

/** The sum over shards; of the lag, the longest. */
export function sumCounters(shards: readonly Float64Array[], namespace: number): StoreStats {
  const stats = {} as StoreStats;
  for (const name of names) {
    const values = shards.map(counters => counters[namespace * countersPerNamespace + counter[name]]!);
    if (name === 'maxEntries' || name === 'maxMemoryBytes') continue;
    stats[name] = name === 'expiryLagMs' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  }
  return stats;
}
