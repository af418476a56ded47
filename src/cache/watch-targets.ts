/**
 * The targets of one watch: single keys and prefixes, in one namespace. They are
 * kept in a form in which equal sets are equal texts, so that watchers of the same
 * can share their messages.
 */
import {encodeUtf8} from '../base/index.js';

export class WatchTargets {
  /** Keys that no prefix covers, in order. */
  readonly keys: readonly Uint8Array[];
  /** Prefixes that no shorter one covers, in order. */
  readonly prefixes: readonly Uint8Array[];
  /** What all prefixes begin with; undefined where there are none. */
  readonly commonPrefix: Uint8Array | undefined;
  /** The same for the same targets. */
  readonly text: string;
  readonly #places: ReadonlyMap<string, number>;

  /** All of them well-formed Unicode. */
  constructor(keys: readonly string[], prefixes: readonly string[]) {
    const shortest: Uint8Array[] = [];
    for (const prefix of inOrder(prefixes)) {
      // In this order, what begins with a prefix comes right behind it.
      const before = shortest.at(-1);
      if (!before || !startsWith(prefix, before)) shortest.push(prefix);
    }
    this.prefixes = shortest;
    this.keys = inOrder(keys).filter(key => !this.matchesPrefix(key));
    this.commonPrefix = commonStart(shortest);
    const texts = this.keys.map(latin1);
    this.text = JSON.stringify([texts, shortest.map(latin1)]);
    this.#places = new Map(texts.map((text, place) => [text, place]));
  }

  /** Where among the single keys a key is; undefined if it is not one of them. */
  placeOf(key: Uint8Array): number | undefined {
    return this.#places.size === 0 ? undefined : this.#places.get(latin1(key));
  }

  matchesPrefix(key: Uint8Array): boolean {
    // None begins with another, so only the last one that is not behind the key can match.
    let low = 0;
    let high = this.prefixes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.prefixes[middle]!, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 && startsWith(key, this.prefixes[low - 1]!);
  }

  matches(key: Uint8Array): boolean {
    return this.placeOf(key) !== undefined || this.matchesPrefix(key);
  }

  /** Whether a purge of this prefix may concern any of them. */
  overlaps(prefix: Uint8Array): boolean {
    return (
      this.matchesPrefix(prefix) ||
      this.prefixes.some(each => startsWith(each, prefix)) ||
      this.keys.some(key => startsWith(key, prefix))
    );
  }

  /** A number that tells these targets from others, up to chance. */
  get digest(): number {
    let digest = 0;
    for (let at = 0; at < this.text.length; at++) digest = (Math.imul(digest, 31) + this.text.charCodeAt(at)) >>> 0;
    return digest;
  }
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) if (bytes[at] !== prefix[at]) return false;
  return true;
}

/** Bytes as a text of as many characters, to be a key of a Map. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Their bytes in ascending order, each once. */
function inOrder(texts: readonly string[]): Uint8Array[] {
  return [...new Set(texts)].map(text => encodeUtf8(text)!).sort(Buffer.compare);
}

function commonStart([first, ...others]: readonly Uint8Array[]): Uint8Array | undefined {
  if (!first) return undefined;
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < Math.min(length, other.length) && other[same] === first[same]) same++;
    length = same;
  }
  return first.subarray(0, length);
}
