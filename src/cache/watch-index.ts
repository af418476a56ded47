/**
 * Finds who watches a key: single keys by their hash, prefixes by walking a tree of
 * bytes along the key. A table of bits says first whether any watched key has a hash
 * like this, so that changes which nobody watches cost next to nothing.
 */
import {latin1, type WatchTargets} from './watch-targets.js';

/** What is found: whoever has targets in a namespace. */
export interface Indexed {
  plan: {namespace: {id: number}; targets: WatchTargets};
}

interface PrefixNode<G> {
  parent: PrefixNode<G> | undefined;
  byte: number;
  children: Map<number, PrefixNode<G>>;
  groups: Set<G>;
}

const filterBits = 16;
const filterMask = 2 ** filterBits - 1;

export class WatchIndex<G extends Indexed> {
  readonly #hashOf: (namespace: number, key: Uint8Array) => number;
  /** By namespace and key. */
  readonly #byKey = new Map<string, Set<G>>();
  /** How many watched keys have a hash like this. */
  readonly #filter = new Uint32Array(2 ** filterBits);
  /** By namespace. */
  readonly #roots = new Map<number, PrefixNode<G>>();
  readonly #all = new Set<G>();

  constructor(hashOf: (namespace: number, key: Uint8Array) => number) {
    this.#hashOf = hashOf;
  }

  add(group: G): void {
    this.#all.add(group);
    const {namespace, targets} = group.plan;
    for (const key of targets.keys) {
      const name = nameOf(namespace.id, key);
      const groups = this.#byKey.get(name);
      if (groups) groups.add(group);
      else this.#byKey.set(name, new Set([group]));
      this.#filter[this.#hashOf(namespace.id, key) & filterMask]!++;
    }
    for (const prefix of targets.prefixes) this.#nodeOf(namespace.id, prefix).groups.add(group);
  }

  delete(group: G): void {
    this.#all.delete(group);
    const {namespace, targets} = group.plan;
    for (const key of targets.keys) {
      const name = nameOf(namespace.id, key);
      const groups = this.#byKey.get(name);
      groups?.delete(group);
      if (groups?.size === 0) this.#byKey.delete(name);
      this.#filter[this.#hashOf(namespace.id, key) & filterMask]!--;
    }
    for (const prefix of targets.prefixes) {
      const node = this.#nodeOf(namespace.id, prefix);
      node.groups.delete(group);
      this.#prune(namespace.id, node);
    }
  }

  /** False where nobody can be watching a key with this hash. */
  mayWatch(namespace: number, hash: number): boolean {
    return this.#filter[hash & filterMask] !== 0 || this.#roots.has(namespace);
  }

  /** Calls `found` with each who watches a key; with some perhaps twice. */
  forEachOf(namespace: number, key: Uint8Array, hash: number, found: (group: G) => void): void {
    if (this.#filter[hash & filterMask] !== 0) this.#byKey.get(nameOf(namespace, key))?.forEach(found);
    let node = this.#roots.get(namespace);
    for (let at = 0; node; at++) {
      node.groups.forEach(found);
      node = at < key.length ? node.children.get(key[at]!) : undefined;
    }
  }

  /** Calls `found` with each whom a purge of this prefix concerns. */
  forEachUnder(namespace: number, prefix: Uint8Array, found: (group: G) => void): void {
    for (const group of this.#all) {
      if (group.plan.namespace.id === namespace && group.plan.targets.overlaps(prefix)) found(group);
    }
  }

  /** The node of a prefix, made if need be. */
  #nodeOf(namespace: number, prefix: Uint8Array): PrefixNode<G> {
    let node = this.#roots.get(namespace) ?? emptyNode<G>(undefined, 0);
    this.#roots.set(namespace, node);
    for (const byte of prefix) {
      const child: PrefixNode<G> = node.children.get(byte) ?? emptyNode(node, byte);
      node.children.set(byte, child);
      node = child;
    }
    return node;
  }

  /** Removes a node that leads to nobody, and those above that then do not either. */
  #prune(namespace: number, leaf: PrefixNode<G>): void {
    let node: PrefixNode<G> | undefined = leaf;
    while (node && node.groups.size === 0 && node.children.size === 0) {
      if (node.parent) node.parent.children.delete(node.byte);
      else this.#roots.delete(namespace);
      node = node.parent;
    }
  }
}

function emptyNode<G>(parent: PrefixNode<G> | undefined, byte: number): PrefixNode<G> {
  return {parent, byte, children: new Map(), groups: new Set()};
}

function nameOf(namespace: number, key: Uint8Array): string {
  return `${namespace} ${latin1(key)}`;
}
