/**
 * Finds the route for a method and a path. Routes are kept in a tree for each HTTP
 * method, a level for each segment:
 *
 *     v1 ─ books ─┬─ "featured"   literal text is tried first,
 *                 ├─ *            then any one segment,
 *                 └─ **           then all that remain
 *
 * So the more specific template wins, whatever the order in which they were given:
 * from left to right a literal before `*` before `**`. A path with a verb that some
 * template of its method declares is first looked up with it; elsewhere a colon is
 * text. A path visits no node twice, so a lookup costs at most the size of the tree.
 *
 * The path is split as it was received and each segment is decoded once: an escaped
 * slash or colon never separates. Empty segments match nothing. The segments `.` and
 * `..` are refused, however spelled: what stands between client and server may have
 * resolved them already, so they cannot mean anything here.
 */
import {decodePercent, decodePercentButSlashes} from './percent.js';
import {RequestError} from './status.js';
import {type PathTemplate, type Segment, TemplateError} from './template.js';

/** What a path leads to: a route with the text of each variable of its template, or none, or other methods. */
export type Match<T> =
  | {kind: 'found'; route: T; bindings: readonly string[]}
  | {kind: 'notFound'}
  | {kind: 'methodNotAllowed'; allowed: readonly string[]};

/** The method of routes that serve every method for which there is no other. */
export const anyMethod = '*';

interface Leaf<T> {
  template: PathTemplate;
  route: T;
}

/** Leaves are kept by verb; the empty one stands for none. */
interface Node<T> {
  literals: Map<string, Node<T>>;
  one: Node<T> | undefined;
  ends: Map<string, Leaf<T>>;
  rests: Map<string, Leaf<T>>;
}

interface Tree<T> {
  root: Node<T>;
  verbs: Set<string>;
}

/** The segments of a path, as received and decoded. */
interface Segments {
  raw: readonly string[];
  decoded: readonly string[];
}

interface Path {
  whole: Segments;
  /** The path before the last colon of its last segment, and what follows it: a verb, if a template says so. */
  stem: Segments | undefined;
  verb: string;
}

export class Router<T> {
  readonly #trees = new Map<string, Tree<T>>();

  /** Throws a TemplateError if a route of the method already serves exactly the same paths. */
  add(method: string, template: PathTemplate, route: T): void {
    const tree = this.#trees.get(method) ?? {root: emptyNode<T>(), verbs: new Set()};
    this.#trees.set(method, tree);
    const leaves = leavesFor(tree.root, template.segments);
    const other = leaves.get(template.verb);
    if (other) {
      throw new TemplateError(template.text, `${method} "${other.template.text}" serves the same paths`);
    }
    leaves.set(template.verb, {template, route});
    if (template.verb) tree.verbs.add(template.verb);
  }

  /**
   * `path` is as received, without the query. Throws a RequestError if it is malformed.
   * A HEAD that has no route of its own is served by that of GET (RFC 9110, section 9.3.2).
   */
  match(method: string, path: string): Match<T> {
    const split = splitPath(path);
    if (!split) return {kind: 'notFound'};
    const match =
      this.#find(method, split) ??
      (method === 'HEAD' ? this.#find('GET', split) : undefined) ??
      this.#find(anyMethod, split);
    if (match) return match;
    const methods = [...this.#trees.keys()].filter(each => this.#find(each, split));
    return methods.length > 0 ? {kind: 'methodNotAllowed', allowed: withImplied(methods)} : {kind: 'notFound'};
  }

  #find(method: string, {whole, stem, verb}: Path): Match<T> | undefined {
    const tree = this.#trees.get(method);
    if (!tree) return undefined;
    if (stem && tree.verbs.has(verb)) {
      const leaf = walk(tree.root, stem.decoded, 0, verb);
      if (leaf) return found(leaf, stem);
    }
    const leaf = walk(tree.root, whole.decoded, 0, '');
    return leaf && found(leaf, whole);
  }
}

function walk<T>(node: Node<T>, segments: readonly string[], index: number, verb: string): Leaf<T> | undefined {
  if (index === segments.length) return node.ends.get(verb) ?? node.rests.get(verb);
  const literal = node.literals.get(segments[index]!);
  return (
    (literal && walk(literal, segments, index + 1, verb)) ??
    (node.one && walk(node.one, segments, index + 1, verb)) ??
    node.rests.get(verb)
  );
}

function found<T>({template, route}: Leaf<T>, {raw, decoded}: Segments): Match<T> {
  const bindings = template.variables.map(({start, end, multiSegment}) => {
    if (!multiSegment) return decoded[start]!;
    const reachesEnd = end === template.segments.length;
    return raw
      .slice(start, reachesEnd ? raw.length : end)
      .map(decodePercentButSlashes)
      .join('/');
  });
  return {kind: 'found', route, bindings};
}

/** GET brings HEAD, and what methods a path has is told by OPTIONS. */
function withImplied(methods: readonly string[]): string[] {
  return [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
}

/** Undefined if a segment is empty, so that nothing can match. */
function splitPath(path: string): Path | undefined {
  const raw = path.slice(1).split('/');
  const decoded = path.includes('%') ? raw.map(decodePercent) : raw;
  let hasEmpty = false;
  for (const segment of decoded) {
    if (segment === '.' || segment === '..') {
      throw new RequestError('MALFORMED_TARGET', 'the path has a segment "." or ".."');
    }
    hasEmpty ||= segment === '';
  }
  if (hasEmpty) return undefined;
  const last = raw.at(-1)!;
  const colon = last.includes(':') ? last.lastIndexOf(':') : -1;
  if (colon <= 0) return {whole: {raw, decoded}, stem: undefined, verb: ''};
  const head = last.slice(0, colon);
  const stem = {raw: raw.with(-1, head), decoded: decoded.with(-1, decodePercent(head))};
  return {whole: {raw, decoded}, stem, verb: decodePercent(last.slice(colon + 1))};
}

function leavesFor<T>(root: Node<T>, segments: readonly Segment[]): Map<string, Leaf<T>> {
  let node = root;
  for (const segment of segments) {
    if (segment.kind === 'rest') return node.rests;
    if (segment.kind === 'one') {
      node.one ??= emptyNode();
      node = node.one;
    } else {
      const next = node.literals.get(segment.text) ?? emptyNode();
      node.literals.set(segment.text, next);
      node = next;
    }
  }
  return node.ends;
}

function emptyNode<T>(): Node<T> {
  return {literals: new Map(), one: undefined, ends: new Map(), rests: new Map()};
}
