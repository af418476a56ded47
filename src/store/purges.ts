/**
 * Purges under way. A purge counts from the moment it is written down here: a record
 * under its prefix with an older revision is gone, whoever meets it. A walk over the
 * index frees what nobody meets, in slices, and then forgets the purge.
 *
 * The walk goes round in the order of reversed hashes (hash-index.ts); a purge is
 * done when the walk has covered the whole range once since it came.
 */
import {CacheError} from '../base/index.js';
import type {Records} from './records.js';

/** Purges under way at a time in each shard. */
export const purgesMost = 64;
const wholeRange = 2 ** 32;

/** Numbers of shared memory: position, count, and for each purge namespace, revision, bytes of its prefix, range left. */
const rowNumbers = 4;
const heads = 2;

export class Purges {
  readonly #records: Records;
  readonly #state: Float64Array;
  readonly #prefixes: Uint8Array;
  readonly #maxKeyBytes: number;

  constructor(records: Records, state: Float64Array, prefixes: SharedArrayBuffer) {
    this.#records = records;
    this.#state = state;
    this.#prefixes = new Uint8Array(prefixes);
    this.#maxKeyBytes = prefixes.byteLength / purgesMost;
  }

  static readonly stateNumbers = heads + purgesMost * rowNumbers;

  static prefixesBytes(maxKeyBytes: number): number {
    return purgesMost * maxKeyBytes;
  }

  get count(): number {
    return this.#state[1]!;
  }

  /** Where the walk goes on: a position in the order of reversed hashes. */
  get position(): number {
    return this.#state[0]!;
  }

  /** Throws TOO_MANY_PURGES where one more cannot be kept. */
  checkRoom(namespace: number, prefix: Uint8Array): void {
    if (this.count < purgesMost || this.#covered(namespace, prefix) < this.count) return;
    throw new CacheError(
      'TOO_MANY_PURGES',
      `${purgesMost} purges are still being swept, and no more are allowed at a time; try again in a second`,
    );
  }

  add(namespace: number, prefix: Uint8Array, revision: number): void {
    // An older purge of the same prefix or of one under it has nothing left to say.
    for (let index = this.count - 1; index >= 0; index--) {
      if (this.#isUnder(index, namespace, prefix)) this.#forget(index);
    }
    const index = this.count;
    this.#prefixes.set(prefix, index * this.#maxKeyBytes);
    this.#state.set([namespace, revision, prefix.length, wholeRange], heads + index * rowNumbers);
    this.#state[1] = index + 1;
  }

  /** Whether a purge has removed this record. */
  covers(ref: number): boolean {
    const count = this.#state[1]!;
    for (let index = 0; index < count; index++) {
      const at = heads + index * rowNumbers;
      const isOlder = this.#records.revision(ref) < this.#state[at + 1]!;
      if (isOlder && this.#records.namespace(ref) === this.#state[at] && this.#hasPrefix(ref, index)) return true;
    }
    return false;
  }

  /** The walk has covered the range up to here. */
  walked(to: number): void {
    const range = to - this.position;
    this.#state[0] = to % wholeRange;
    for (let index = this.count - 1; index >= 0; index--) {
      const at = heads + index * rowNumbers + 3;
      this.#state[at]! -= range;
      if (this.#state[at]! <= 0) this.#forget(index);
    }
  }

  #hasPrefix(ref: number, index: number): boolean {
    return this.#records.startsWith(ref, this.#prefix(index));
  }

  #prefix(index: number): Uint8Array {
    const start = index * this.#maxKeyBytes;
    return this.#prefixes.subarray(start, start + this.#state[heads + index * rowNumbers + 2]!);
  }

  /** The first purge that this one would replace; `count` if there is none. */
  #covered(namespace: number, prefix: Uint8Array): number {
    let index = 0;
    while (index < this.count && !this.#isUnder(index, namespace, prefix)) index++;
    return index;
  }

  #isUnder(index: number, namespace: number, prefix: Uint8Array): boolean {
    if (this.#state[heads + index * rowNumbers] !== namespace) return false;
    return Buffer.compare(this.#prefix(index).subarray(0, prefix.length), prefix) === 0;
  }

  /** The last purge takes its row. */
  #forget(index: number): void {
    const last = this.count - 1;
    const from = heads + last * rowNumbers;
    this.#state.copyWithin(heads + index * rowNumbers, from, from + rowNumbers);
    const prefixAt = last * this.#maxKeyBytes;
    this.#prefixes.copyWithin(index * this.#maxKeyBytes, prefixAt, prefixAt + this.#maxKeyBytes);
    this.#state[1] = last;
  }
}
