/** Random operations on a cache, each written down for the oracle, and its answer checked. */
import {isDeepStrictEqual} from 'node:util';
import {CacheError} from '../../src/base/index.js';
import type {Cache, Lifetime, PutAnswer} from '../../src/cache/index.js';
import {Random} from '../helpers/random.js';
import type {Oracle, Own} from './oracle.js';
import {drawPrefix, type Profile} from './profile.js';
import type {RunClock} from './run-clock.js';

export interface WriterParts {
  random: Random;
  clock: RunClock;
  profile: Profile;
  cache: Cache;
  oracle: Oracle;
  /** Of the last change that the ring has given up. */
  trimmedRevision(): number;
  log(line: string): void;
}

interface OnKey {
  namespace: string;
  key: string;
}

const hotKeys = 12;
const noise = new Random(1).bytes(64 * 1024);

export class Writer {
  readonly #parts: WriterParts;
  readonly #operations: Record<string, (on: OnKey) => Promise<void> | void> = {
    put: on => this.#put(on),
    get: on => this.#get(on),
    delete: on => this.#delete(on),
    touch: on => this.#touch(on),
    increment: on => this.#increment(on),
    purge: on => this.#purge(on),
    explain: on => this.#explain(on),
  };

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Puts so many keys, as they are in most namespaces when somebody begins to watch. */
  async fill(count: number): Promise<void> {
    for (const key of this.#parts.profile.keys.slice(0, count)) await this.#put({namespace: 'default', key});
  }

  async step(): Promise<void> {
    const {random, profile} = this.#parts;
    const name = random.pick([
      ...['put', 'put', 'put', 'put', 'put', 'put', 'get', 'delete', 'touch', 'touch', 'increment'],
      ...(random.oneIn(5) ? ['purge', 'explain'] : []),
    ]);
    const namespace = random.oneIn(4) ? 'other' : 'default';
    // Some keys are changed again and again, also while a snapshot lists them.
    const keys = random.oneIn(2) ? profile.keys.slice(0, hotKeys) : profile.keys;
    await this.#operations[name]!({namespace, key: random.pick(keys)});
  }

  /** Sweeps a little, or all that there is to do. */
  sweep(steps: number): void {
    this.#parts.log(`sweep ${steps}`);
    this.#parts.cache.sweep(steps);
    this.#parts.oracle.note('sweep');
  }

  /** Compares all entries that there are. */
  compareAll(): void {
    const {cache, oracle, profile} = this.#parts;
    for (const {name: namespace} of profile.namespaces) {
      const found = new Set<string>();
      for (let pageToken: string | undefined; pageToken !== ''; ) {
        const page = cache.list({...listing, namespace, pageToken: pageToken ?? ''});
        for (const entry of page.entries) oracle.compare('list', namespace, entry.key, entry);
        for (const {key} of page.entries) found.add(key);
        pageToken = page.nextPageToken;
      }
      for (const key of oracle.history.keysOf(namespace)) {
        if (!found.has(key)) oracle.compare('list', namespace, key, undefined);
      }
    }
  }

  async #put(on: OnKey): Promise<void> {
    const {random, cache} = this.#parts;
    const value = this.#drawValue();
    const contentType = random.oneIn(5) ? 'text/plain' : '';
    const lifetime = this.#drawLifetime();
    const condition = random.oneIn(6) ? random.pick([{ifAbsent: true}, {ifPresent: true}, {ifRevision: 1}]) : {};
    const request = {...on, ...lifetime, ...condition, value, contentType, returnPrevious: random.oneIn(4)};
    await this.#do(
      `put ${name(on)} ${value.length} bytes ${JSON.stringify({...lifetime, ...condition})}`,
      () => cache.put({ifAbsent: false, ifPresent: false, ...request}),
      ({outcome, revision, expireTimeMs}: PutAnswer) =>
        outcome === 'stored' ? {type: 'put', ...on, value, contentType, expireTimeMs, revision} : undefined,
    );
  }

  async #get(on: OnKey): Promise<void> {
    const {random, cache, oracle} = this.#parts;
    const peek = random.oneIn(3);
    const touchTtlMs = !peek && random.oneIn(2) ? 1 + random.below(2000) : undefined;
    await this.#do(
      `get ${name(on)}${touchTtlMs === undefined ? '' : ` touch_ttl ${touchTtlMs}`}`,
      () => cache.get({...on, peek, metadataOnly: false, touchTtlMs}),
      ({outcome, entry}) => {
        if (touchTtlMs === undefined) oracle.compare('get', on.namespace, on.key, entry);
        const touches = outcome === 'hit' && touchTtlMs !== undefined;
        return touches ? {type: 'touch', ...on, expireTimeMs: entry!.expireTimeMs} : undefined;
      },
    );
  }

  async #delete(on: OnKey): Promise<void> {
    const {random, cache} = this.#parts;
    await this.#do(
      `delete ${name(on)}`,
      () => cache.delete({...on, returnPrevious: random.oneIn(2)}),
      ({outcome, revision}) => (outcome === 'deleted' ? {type: 'delete', ...on, revision} : undefined),
    );
  }

  async #touch(on: OnKey): Promise<void> {
    const {random, cache} = this.#parts;
    const lifetime = {...this.#drawLifetime(), keepTtl: undefined};
    const only = random.pick(['onlyExtend', 'onlyShorten', undefined, undefined]);
    await this.#do(
      `touch ${name(on)} ${JSON.stringify(lifetime)} ${only ?? ''}`,
      () => cache.touch({...on, ...lifetime, onlyExtend: only === 'onlyExtend', onlyShorten: only === 'onlyShorten'}),
      ({outcome, expireTimeMs}) => (outcome === 'touched' ? {type: 'touch', ...on, expireTimeMs} : undefined),
    );
  }

  async #increment(on: OnKey): Promise<void> {
    const {random, cache, oracle} = this.#parts;
    // Most entries are no numbers; this one may be.
    const number = random.oneIn(3) ? on : {namespace: on.namespace, key: `${on.key}#`};
    await this.#do(
      `increment ${name(number)}`,
      () => cache.increment({...number, ...this.#drawLifetime(), keepTtl: undefined, delta: 1n, initial: 41n}),
      ({value, revision, expireTimeMs}) => {
        const contentType = oracle.live(number.namespace, number.key)?.contentType;
        return {type: 'put', ...number, value: Buffer.from(String(value)), contentType, revision, expireTimeMs};
      },
    );
  }

  async #purge({namespace}: OnKey): Promise<void> {
    const {random, cache, profile} = this.#parts;
    const prefix = drawPrefix(random, profile.keys);
    await this.#do(
      `purge ${namespace} "${prefix}"`,
      () => cache.purge({namespace, prefix, all: prefix === ''}),
      ({revision}) => ({type: 'purge', namespace, key: prefix, revision}),
    );
  }

  /** What it says of the last change of a key has to be so, as far back as the ring reaches. */
  async #explain(on: OnKey): Promise<void> {
    const {cache, oracle, trimmedRevision} = this.#parts;
    const what = `explain ${name(on)}`;
    const answer = await this.#do(
      what,
      () => cache.explain(on),
      () => undefined,
    );
    const has = answer?.change;
    const says = [has?.type, has?.revision, has?.evictionLimit, has?.purgePrefix, answer?.present];
    const last = oracle.history.lastOf(on.namespace, on.key);
    const known = last && last.revision > trimmedRevision() ? last : undefined;
    const purgePrefix = known?.type === 'purge' ? known.key : undefined;
    const isPresent = oracle.live(on.namespace, on.key) !== undefined;
    const truth = [known?.type, known?.revision, known?.evictionLimit, purgePrefix, isPresent];
    if (!isDeepStrictEqual(says, truth)) oracle.faults.push(`${what} says ${says}, but it is ${truth}`);
  }

  /** Does an operation, and tells the oracle what change of its own it has made. */
  async #do<T>(
    what: string,
    operation: () => T | Promise<T>,
    ownOf: (answer: T) => Own | undefined,
  ): Promise<T | undefined> {
    const {log, oracle} = this.#parts;
    log(what);
    let answer: T | undefined;
    let own: Own | undefined;
    try {
      const given = operation();
      answer = given instanceof Promise ? await given : given;
      own = ownOf(answer!);
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      log(`  refused: ${error.reason}`);
    }
    oracle.note(what, own);
    return answer;
  }

  /** Small, or around the size that the ring still keeps, or as large as they come. */
  #drawValue(): Uint8Array {
    const {random, profile} = this.#parts;
    const share = Math.floor(profile.historyBytes / 16);
    const bytes = random.pick([
      ...[0, 5, 20, 40, 60].map(most => random.below(most + 1)),
      Math.min(profile.valueBytesMost, Math.max(0, share - 150 + random.below(200))),
      random.below(profile.valueBytesMost),
    ]);
    return noise.subarray(random.below(1000)).slice(0, bytes);
  }

  #drawLifetime(): Lifetime {
    const {random, clock} = this.#parts;
    return random.pick([
      {},
      {ttlMs: 1 + random.below(500)},
      {ttlMs: 1 + random.below(5000)},
      {expireTimeMs: Math.ceil(clock.wallMs()) + 1 + random.below(1000)},
      {keepTtl: true},
      {noExpiry: true},
    ]);
  }
}

const listing = {prefix: '', pageSize: 1000, maxResponseBytes: 0, metadataOnly: false};

function name({namespace, key}: OnKey): string {
  return `${namespace} "${key}"`;
}
