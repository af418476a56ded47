/**
 * What must be true of a store whatever it has evicted and whenever it sweeps: a hit
 * is what was put last, alive; what no limit pressed out is a hit; the counters add
 * up; no limit is passed; every invariant holds.
 */
import {isDeepStrictEqual} from 'node:util';
import {charge, checkStore, createStore, type NamespaceLimits, type Store} from '../../src/store/index.js';
import {ManualClock} from './manual-clock.js';
import {allEntries, answerOf, show} from './store-pair.js';
import {contentFor, keyOf, type Step} from './store-steps.js';

/** What was put last, or touched since. */
interface Fact {
  value: string;
  contentType: string;
  revision: number;
  deadlineMs: number;
  sizeBytes: number;
}

export class StoreFacts {
  readonly clock = new ManualClock();
  readonly store: Store;
  readonly #limits: readonly NamespaceLimits[];
  readonly #facts: readonly Map<string, Fact>[];
  readonly #inserted: number[];

  constructor(namespaces: readonly NamespaceLimits[]) {
    this.store = createStore({clock: this.clock, namespaces, maxKeyBytes: 16_384, maxValueBytes: 100_000});
    this.#limits = namespaces;
    this.#facts = namespaces.map(() => new Map());
    this.#inserted = namespaces.map(() => 0);
  }

  play(step: Step): void {
    if ('key' in step) this.#onKey(step);
    else this.#elsewhere(step);
    for (const [namespace, limits] of this.#limits.entries()) this.#checkStats(namespace, limits);
    checkStore(this.store);
  }

  #onKey(step: Extract<Step, {key: string}>): void {
    const facts = this.#facts[step.namespace]!;
    const stands = this.#look(step);
    const answer = answerOf(step, this.store, this.clock) as {stored?: boolean; outcome?: string} & Fact;
    if (step.do === 'put' && answer.stored) {
      if (!stands) this.#inserted[step.namespace]!++;
      const {revision, deadlineMs} = answer;
      const contentType = step.contentType ?? '';
      const sizeBytes = charge(keyOf(step).length, step.valueBytes + contentType.length);
      facts.set(step.key, {value: textOf(contentFor(step)), contentType, revision, deadlineMs, sizeBytes});
    }
    if (answer?.outcome === 'deleted') facts.delete(step.key);
    if (answer?.outcome === 'touched') stands!.deadlineMs = answer.deadlineMs;
    if (step.do === 'get' && stands && step.touchInMs !== undefined) stands.deadlineMs = answer.deadlineMs;
  }

  /** The entry that is there, compared with what should be. */
  #look(step: {namespace: number; key: string}): Fact | undefined {
    const facts = this.#facts[step.namespace]!;
    const fact = facts.get(step.key);
    const view = this.store.get(step.namespace, keyOf(step), {peek: true, metadataOnly: false, uncounted: true});
    if (view) {
      this.#compare(fact, {...view, value: textOf(view.value)});
      return fact;
    }
    const {evictionsEntries, evictionsMemory} = this.store.stats(step.namespace);
    const isMissing = fact && fact.deadlineMs > this.clock.nowMs() && evictionsEntries + evictionsMemory === 0;
    if (isMissing) throw new Error(`${step.key} is gone, and nothing was evicted`);
    facts.delete(step.key);
    return undefined;
  }

  #elsewhere(step: Exclude<Step, {key: string}>): void {
    if (step.do === 'advance') this.clock.advance(step.ms);
    else if (step.do === 'setWall') this.clock.setWallBy(step.byMs);
    else if (step.do === 'scan' || step.do === 'scanOn') this.#scan(step);
    else answerOf(step, this.store, this.clock);
    if (step.do !== 'purge') return;
    const facts = this.#facts[step.namespace]!;
    for (const key of [...facts.keys()]) if (key.startsWith(step.prefix)) facts.delete(key);
  }

  #scan(step: Extract<Step, {do: 'scan' | 'scanOn'}>): void {
    const prefix = step.do === 'scan' ? step.prefix : '';
    for (const {key, ...entry} of allEntries(this.store, step.namespace, prefix, 10)) {
      this.#compare(this.#facts[step.namespace]!.get(key!), entry);
    }
  }

  #compare(fact: Fact | undefined, entry: Fact & {key?: unknown}): void {
    const {key: _, ...seen} = entry;
    if (!fact || !isDeepStrictEqual(seen, fact)) throw new Error(`there is ${show(seen)} instead of ${show(fact)}`);
    if (fact.deadlineMs <= this.clock.nowMs()) throw new Error(`there is ${show(fact)}, which has expired`);
  }

  #checkStats(namespace: number, {maxEntries, maxMemoryBytes}: NamespaceLimits): void {
    const stats = this.store.stats(namespace);
    const {entries, deletes, expirations, evictionsEntries, evictionsMemory, purged} = stats;
    const gone = deletes + expirations + evictionsEntries + evictionsMemory + purged;
    if (entries !== this.#inserted[namespace]! - gone) throw new Error(`the counters do not add up: ${show(stats)}`);
    if (entries > maxEntries || stats.memoryBytes > maxMemoryBytes) throw new Error(`past a limit: ${show(stats)}`);
  }
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString('latin1');
}
