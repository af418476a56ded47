/**
 * Records in the order of their use: doubly linked lists through the records, one
 * for each namespace and segment. What a segment means is the policy's affair.
 *
 *   oldest ⇄ … ⇄ newest
 */
import {field} from './layout.js';
import type {Records} from './records.js';

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
    records.set(ref, field.older, newest);
    records.set(ref, field.newer, 0);
    if (newest === 0) this.#state[list] = ref;
    else records.set(newest, field.newer, ref);
    this.#state[list + 1] = ref;
    this.#state[list + 2]!++;
  }

  remove(ref: number): void {
    const records = this.#records;
    const list = listOf(records.namespace(ref), records.segment(ref));
    const older = records.get(ref, field.older);
    const newer = records.get(ref, field.newer);
    if (older === 0) this.#state[list] = newer;
    else records.set(older, field.newer, newer);
    if (newer === 0) this.#state[list + 1] = older;
    else records.set(newer, field.older, older);
    this.#state[list + 2]!--;
  }

  /** Moves a record to the newest end of its list: remove and add in one, since every read does it. */
  refresh(ref: number): void {
    const {words} = this.#records.memory;
    const at = ref * 2;
    const newer = words[at + field.newer]!;
    if (newer === 0) return;
    const older = words[at + field.older]!;
    const list = listOf(this.#records.namespace(ref), this.#records.segment(ref));
    const state = this.#state;
    if (older === 0) state[list] = newer;
    else words[older * 2 + field.newer] = newer;
    words[newer * 2 + field.older] = older;
    const newest = state[list + 1]!;
    words[newest * 2 + field.newer] = ref;
    words[at + field.older] = newest;
    words[at + field.newer] = 0;
    state[list + 1] = ref;
  }

  moved(to: number): void {
    const records = this.#records;
    const list = listOf(records.namespace(to), records.segment(to));
    const older = records.get(to, field.older);
    const newer = records.get(to, field.newer);
    if (older === 0) this.#state[list] = to;
    else records.set(older, field.newer, to);
    if (newer === 0) this.#state[list + 1] = to;
    else records.set(newer, field.older, to);
  }
}

function listOf(namespace: number, segment: number): number {
  return (namespace * segmentsPerNamespace + segment) * listWords;
}
