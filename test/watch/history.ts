/**
 * What happened to the entries of one life of a server: every change in the order of
 * revisions, nothing ever trimmed, and from it what was in force when. Plain and
 * obviously right: whoever writes it down says only what an operation did; what
 * each change replaced or removed follows from the changes before it.
 */
import type {ChangeType, EvictionLimit} from '../../src/store/index.js';

/** An entry as it was. */
export interface Content {
  value: Uint8Array;
  contentType: string;
  /** Of the value: a touch does not change it. */
  revision: number;
  /** Undefined if it never expires. */
  expireTimeMs?: number;
}

/** What is written down of a change. */
export interface Deed {
  type: ChangeType;
  revision: number;
  namespace: string;
  /** Of a purge, the prefix. */
  key: string;
  /** Of a put. */
  value?: Uint8Array;
  contentType?: string;
  /** Of a put or touch. */
  expireTimeMs?: number;
  evictionLimit?: EvictionLimit;
}

export interface Change {
  type: ChangeType;
  revision: number;
  namespace: string;
  key: string;
  /** After a put or touch. */
  entry?: Content;
  /** What stood before, if anything did; of a purge, nothing. */
  previous?: Content;
  evictionLimit?: EvictionLimit;
}

/** An entry between two changes of it: it was in force at each revision from the first up to but not including the last. */
export interface Phase extends Content {
  from: number;
  until: number;
}

export class History {
  readonly changes: Change[] = [];
  /** By namespace and key, oldest first. */
  readonly #phases = new Map<string, Map<string, Phase[]>>();
  /** What stands now. */
  readonly #standing = new Map<string, Map<string, Phase>>();

  get lastRevision(): number {
    return this.changes.at(-1)?.revision ?? 0;
  }

  /** Writes down the next change; throws where it cannot have happened. */
  add({type, revision, namespace, key, value, contentType = '', expireTimeMs, evictionLimit}: Deed): Change {
    if (revision <= this.lastRevision) throw new Error(`revision ${revision} comes after ${this.lastRevision}`);
    const previous = type === 'purge' ? undefined : this.standing(namespace, key);
    const change: Change = {type, revision, namespace, key, previous, evictionLimit};
    if (type === 'purge') {
      for (const each of this.keysOf(namespace)) if (each.startsWith(key)) this.#end(namespace, each, revision);
    } else if (type === 'put') {
      change.entry = {value: value!, contentType, revision, expireTimeMs};
    } else if (!previous) {
      throw new Error(`${type.toUpperCase()} of "${key}" at ${revision}, which does not exist`);
    } else if (type === 'touch') {
      change.entry = {...contentOf(previous), expireTimeMs};
    }
    if (type !== 'purge') this.#end(namespace, key, revision);
    if (change.entry) this.#begin(namespace, key, {...change.entry, from: revision, until: Number.POSITIVE_INFINITY});
    this.changes.push(change);
    return change;
  }

  /** What stands under a key after all that was written down. */
  standing(namespace: string, key: string): Phase | undefined {
    return this.#standing.get(namespace)?.get(key);
  }

  /** The last change that concerns a key. */
  lastOf(namespace: string, key: string): Change | undefined {
    return this.changes.findLast(change => {
      const concerns = change.type === 'purge' ? key.startsWith(change.key) : key === change.key;
      return concerns && change.namespace === namespace;
    });
  }

  keysOf(namespace: string): string[] {
    return [...(this.#standing.get(namespace)?.keys() ?? [])];
  }

  phasesOf(namespace: string, key: string): readonly Phase[] {
    return this.#phases.get(namespace)?.get(key) ?? [];
  }

  /** What was in force at a revision, by key. */
  stateAt(namespace: string, revision: number): Map<string, Phase> {
    const state = new Map<string, Phase>();
    for (const [key, phases] of this.#phases.get(namespace) ?? []) {
      const phase = phases.find(({from, until}) => from <= revision && revision < until);
      if (phase) state.set(key, phase);
    }
    return state;
  }

  #begin(namespace: string, key: string, phase: Phase): void {
    const phases = inner(this.#phases, namespace);
    const before = phases.get(key);
    if (before) before.push(phase);
    else phases.set(key, [phase]);
    inner(this.#standing, namespace).set(key, phase);
  }

  #end(namespace: string, key: string, revision: number): void {
    const phase = this.standing(namespace, key);
    if (!phase) return;
    phase.until = revision;
    this.#standing.get(namespace)!.delete(key);
  }
}

function inner<T>(outer: Map<string, Map<string, T>>, key: string): Map<string, T> {
  let found = outer.get(key);
  if (!found) {
    found = new Map();
    outer.set(key, found);
  }
  return found;
}

function contentOf({value, contentType, revision, expireTimeMs}: Content): Content {
  return {value, contentType, revision, expireTimeMs};
}
