/**
 * Which record a namespace gives up when it reaches a limit. A policy keeps its
 * records in the segments of Recency, and is told what happens to them.
 */
import {assert} from '../base/index.js';
import {type Recency, segmentsPerNamespace} from './recency.js';

export interface Policy {
  /** To be called once, by whoever made the memory. */
  initialize(): void;
  /** A new record, in no segment yet. */
  inserted(ref: number): void;
  /** A record was read, written or touched. */
  used(ref: number): void;
  /** A record is about to go, for whatever reason, or is taken out while others make room for its new content. */
  removed(ref: number): void;
  /** A record that was taken out comes back to its segment, with other content. */
  returned(ref: number, segment: number): void;
  /** The record to give up next, for what needs so many bytes more; 0 only where there is none. It is to be removed then. */
  victim(incomingBytes: number): number;
  /** For the walk of invariants: what the policy keeps besides the lists agrees with them. */
  check(): void;
}

/** Exact LRU: one segment, in the order of use. */
export class LruPolicy implements Policy {
  readonly #recency: Recency;
  readonly #namespace: number;

  constructor(recency: Recency, namespace: number) {
    this.#recency = recency;
    this.#namespace = namespace;
  }

  initialize(): void {}

  inserted(ref: number): void {
    this.#recency.add(ref, 0);
  }

  used(ref: number): void {
    this.#recency.refresh(ref);
  }

  removed(ref: number): void {
    this.#recency.remove(ref);
  }

  returned(ref: number): void {
    this.#recency.add(ref, 0);
  }

  victim(): number {
    return this.#recency.oldest(this.#namespace, 0);
  }

  check(): void {
    for (let segment = 1; segment < segmentsPerNamespace; segment++) {
      assert(this.#recency.count(this.#namespace, segment) === 0, 'LRU keeps its records in one segment');
    }
  }
}
