/**
 * What truly happened, written down beside the cache. What each change holds comes from the
 * requests and their answers, and what it replaced from the history so far; from the
 * store comes only which entry it chose to expire or evict and which number the
 * change has (tap.ts). So the ring, its readers and the hub are judged by nothing
 * that they touch themselves. A model of the store could not do it: it does not know
 * the order in which a sweep meets what is due, nor where a slice of it ends.
 *
 * The choices and answers are checked on the way: a fault here is one of the store.
 */
import type {Deed, Phase} from './history.js';
import {History} from './history.js';
import type {Heard} from './tap.js';

/** The change that an operation makes itself; its revision where the answer tells. */
export type Own = Omit<Deed, 'revision'> & {revision?: number};

export class Oracle {
  readonly history = new History();
  readonly faults: string[] = [];
  readonly #namespaces: readonly string[];
  readonly #wallMs: () => number;
  #heard: Heard[] = [];

  constructor(namespaces: readonly string[], wallMs: () => number) {
    this.#namespaces = namespaces;
    this.#wallMs = wallMs;
  }

  hear(change: Heard): void {
    this.#heard.push(change);
  }

  /** Writes down what has been heard during an operation. */
  note(operation: string, own?: Own): void {
    let toCome = own;
    for (const {namespace: number, ...heard} of this.#heard.splice(0)) {
      const namespace = this.#namespaces[number]!;
      const isOwn = toCome?.type === heard.type && toCome.key === heard.key && toCome.namespace === namespace;
      if (isOwn) {
        if (heard.revision !== (toCome!.revision ?? heard.revision)) this.#fault(operation, 'another revision', heard);
        this.history.add({...toCome!, revision: heard.revision});
        toCome = undefined;
        continue;
      }
      const stands = this.history.standing(namespace, heard.key);
      if (!isDue(heard, stands, this.#wallMs())) this.#fault(operation, 'changed by itself', heard);
      this.history.add({...heard, namespace});
    }
    if (toCome) this.#fault(operation, 'without a change', toCome);
  }

  /** Compares what is seen of an entry with what should stand. */
  compare(operation: string, namespace: string, key: string, has: {revision: number; value?: Uint8Array} | undefined) {
    const should = this.live(namespace, key);
    if (has?.revision !== should?.revision) {
      this.#fault(operation, 'another entry', {namespace, key, has: has?.revision, should: should?.revision});
    } else if (has?.value && !Buffer.from(has.value).equals(should!.value)) {
      this.#fault(operation, 'another value', {namespace, key});
    }
  }

  /** What is there for those who ask. */
  live(namespace: string, key: string): Phase | undefined {
    const stands = this.history.standing(namespace, key);
    return stands && !isPast(stands, this.#wallMs()) ? stands : undefined;
  }

  #fault(operation: string, what: string, about: object): void {
    const shown = JSON.stringify({...about, value: undefined});
    this.faults.push(`the store, at ${operation}: ${what}: ${shown}`);
  }
}

/** Whether the store may remove an entry by itself. */
function isDue({type}: {type: string}, stands: Phase | undefined, wallMs: number): boolean {
  if (!stands) return false;
  return type === (isPast(stands, wallMs) ? 'expire' : 'evict');
}

function isPast({expireTimeMs = Number.POSITIVE_INFINITY}: Phase, wallMs: number): boolean {
  return expireTimeMs <= wallMs;
}
