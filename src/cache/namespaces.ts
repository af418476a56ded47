/** The namespaces of a server, by name. Their set is fixed when it starts. */
import {CacheError} from '../base/index.js';
import type {NamespaceId, PolicyName} from '../store/index.js';

export interface NamespaceConfig {
  name: string;
  maxEntries: number;
  maxMemoryBytes: number;
  /** The TTL of entries stored without one; undefined: they do not expire. */
  defaultTtlMs?: number;
  /** The longest TTL that an entry gets; undefined: no such limit. */
  maxTtlMs?: number;
  /** The share of a TTL by which it may be shortened at random, 0 to 1. */
  ttlJitter: number;
  /** What goes when a limit is reached; `lru` if unset. */
  policy?: PolicyName;
}

export interface Namespace extends NamespaceConfig {
  id: NamespaceId;
}

/** How many names an error lists: a batch may carry a thousand such errors. */
const namesShownMost = 8;

export class Namespaces {
  /** In the order of their ids; `default` is the first. */
  readonly all: readonly Namespace[];
  readonly #byName: ReadonlyMap<string, Namespace>;

  constructor(configs: readonly NamespaceConfig[]) {
    this.all = configs.map((config, id) => ({...config, id}));
    this.#byName = new Map(this.all.map(namespace => [namespace.name, namespace]));
  }

  /** The namespace of this name, if there is one; `default` for the empty one. */
  known(name: string): Namespace | undefined {
    return name === '' ? this.all[0] : this.#byName.get(name);
  }

  /** As known, but throws UNKNOWN_NAMESPACE where there is none. */
  find(name: string): Namespace {
    const namespace = this.known(name);
    if (namespace) return namespace;
    const shown = name.length > 63 ? `${name.slice(0, 63)}…` : name;
    const known = this.all.slice(0, namesShownMost).map(each => each.name);
    if (this.all.length > known.length) known.push(`and ${this.all.length - known.length} more`);
    throw CacheError.ofField(
      'UNKNOWN_NAMESPACE',
      'namespace',
      `there is none called "${shown}"; there are: ${known.join(', ')}`,
    );
  }
}
