/**
 * Records in the order of their use: doubly linked lists through the records, one
 * for each namespace and segment. What a segment means is the policy's affair.
 *
 *   oldest ⇄ … ⇄ newest
 */
import {field} from './layout.js';
import type {Records} from './records.js';

/** Words of a record, bound here as in records.ts. */
const {older: olderWord, newer: newerWord} = field;

export const segmentsPerNamespace = 3;
/** Words of shared memory for each list: oldest, newest, count. */
const listWords = 3;

export class Recency {
  readonly #records: Records;
  readonly #state: Int32Array;

  constructor(records: Records, state: Int32Array) {
    this.#records = records;
    this.#state = state;
  }

  static stateWords(namespaces: number): number {
    return namespaces * segmentsPerNamespace * listWords;
  }

  oldest(namespace: number, segment: number): number {
    return this.#state[listOf(namespace, segment)]!;
  }

  newest(namespace: number, segment: number): number {
    return this.#state[listOf(namespace, segment) + 1]!;
  }

  count(namespace: number, segment: number): number {
    return this.#state[listOf(namespace, segment) + 2]!;
  }

  /** Puts a record that is in no list at the newest end of one. */
  add(ref: number, segment: number): void {
    const records = this.#records;
    const list = listOf(records.namespace(ref), segment);
    const newest = this.#state[list + 1]!;
    records.setSegment(ref, segment);
    records.set(ref, olderWord, newest);
    records.set(ref, newerWord, 0);
    if (newest === 0) this.#state[list] = ref;
    else records.set(newest, newerWord, ref);
    this.#state[list + 1] = ref;
    this.#state[list + 2]!++;
  }

  remove(ref: number): void {
    const records = this.#records;
    const list = listOf(records.namespace(ref), records.segment(ref));
    const older = records.get(ref, olderWord);
    const newer = records.get(ref, newerWord);
    if (older === 0) this.#state[list] = newer;
    else records.set(older, newerWord, newer);
    if (newer === 0) this.#state[list + 1] = older;
    else records.set(newer, olderWord, older);
    this.#state[list + 2]!--;
  }

  /** Moves a record to the newest end of its list: remove and add in one, since every read does it. */
  refresh(ref: number): void {
    const {words} = this.#records.memory;
    const at = ref * 2;
    const newer = words[at + newerWord]!;
    if (newer === 0) return;
    const older = words[at + olderWord]!;
    const list = listOf(this.#records.namespace(ref), this.#records.segment(ref));
    const state = this.#state;
    if (older === 0) state[list] = newer;
    else words[older * 2 + newerWord] = newer;
    words[newer * 2 + olderWord] = older;
    const newest = state[list + 1]!;
    words[newest * 2 + newerWord] = ref;
    words[at + olderWord] = newest;
    words[at + newerWord] = 0;
    state[list + 1] = ref;
  }

  moved(to: number): void {
    const records = this.#records;
    const list = listOf(records.namespace(to), records.segment(to));
    const older = records.get(to, olderWord);
    const newer = records.get(to, newerWord);
    if (older === 0) this.#state[list] = to;
    else records.set(older, newerWord, to);
    if (newer === 0) this.#state[list + 1] = to;
    else records.set(newer, olderWord, to);
  }
}

function listOf(namespace: number, segment: number): number {
  return (namespace * segmentsPerNamespace + segment) * listWords;
}
