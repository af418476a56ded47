/**
 * A correct client of a watch: it knows what is in the cache, and nothing of how the
 * server does it. It is what the guarantees promise to suffice.
 */
import type {Entry, WatchEvent} from '../../src/cache/index.js';

export class Replay {
  readonly entries: Map<string, Entry>;
  /** What was listed or put since the snapshot began. */
  readonly #confirmed: Set<string>;

  constructor(from?: Replay) {
    this.entries = new Map(from?.entries);
    this.#confirmed = new Set(from ? from.#confirmed : []);
  }

  /** At a gap, or at the beginning. */
  beginSnapshot(): void {
    this.#confirmed.clear();
  }

  endSnapshot(): void {
    for (const key of this.entries.keys()) if (!this.#confirmed.has(key)) this.entries.delete(key);
  }

  apply({type, key, entry}: WatchEvent): void {
    if (type === 'put') {
      this.entries.set(key, entry!);
      this.#confirmed.add(key);
    } else if (type === 'touch') {
      const known = this.entries.get(key);
      if (known) this.entries.set(key, {...known, expireTimeMs: entry!.expireTimeMs});
    } else if (type === 'purge') {
      for (const each of this.entries.keys()) if (each.startsWith(key)) this.entries.delete(each);
    } else {
      this.entries.delete(key);
    }
  }
}
