/** What one thread of a run with several does to the cache: operations at random, each change written down as it is numbered. */
import {CacheError} from '../../src/base/index.js';
import type {Cache, Lifetime} from '../../src/cache/index.js';
import {Random} from '../helpers/random.js';
import {deleteOf, getOf, incrementOf, putOf, touchOf} from '../helpers/requests.js';
import type {Deed} from './history.js';
import type {Profile} from './profile.js';
import {type Heard, tapChanges} from './tap.js';

export interface ThreadWriterParts {
  cache: Cache;
  random: Random;
  profile: Profile;
}

/** What an operation changes itself, if it does. */
type Own = Pick<Deed, 'value' | 'expireTimeMs'> & {type: 'put' | 'touch' | 'delete' | 'purge'};

interface OnKey {
  namespace: string;
  key: string;
}

const hotKeys = 12;
const noise = new Random(1).bytes(64 * 1024);

export class ThreadWriter {
  readonly deeds: Deed[] = [];
  readonly faults: string[] = [];
  readonly #parts: ThreadWriterParts;
  #heard: Heard[] = [];

  constructor(parts: ThreadWriterParts) {
    this.#parts = parts;
    tapChanges(change => this.#heard.push(change));
  }

  step(): void {
    const {random, cache, profile} = this.#parts;
    const namespace = random.pick(['default', 'other']);
    const key = random.pick(random.oneIn(2) ? profile.keys.slice(0, hotKeys) : profile.keys);
    const choice = random.below(100);
    const on = {namespace, key};
    if (choice < 50) this.put(on);
    else if (choice < 60) this.#delete(on);
    else if (choice < 75) this.#touch(on);
    else if (choice < 80) this.#increment({namespace, key: `${key}#`});
    else if (choice < 94) this.#get(on);
    else if (choice < 98) cache.sweep(1 + random.below(100));
    else this.#purge({namespace, key: key.slice(0, 1 + random.below(2))});
    this.noteOthers();
  }

  put(on: OnKey): void {
    const {random, cache} = this.#parts;
    const value = this.#drawValue();
    const condition = random.oneIn(6) ? random.pick([{ifAbsent: true}, {ifPresent: true}]) : {};
    const request = {...putOf(on.key), ...on, ...this.#drawLifetime(), ...condition, value};
    const {outcome, expireTimeMs} = now(cache.put(request));
    if (outcome === 'stored') this.#note(on, {type: 'put', value, expireTimeMs});
  }

  putMark(on: OnKey, value: Uint8Array): void {
    now(this.#parts.cache.put({...putOf(on.key), ...on, value}));
    this.#note(on, {type: 'put', value});
  }

  /** Writes down what this thread has changed that nobody has asked for. */
  noteOthers(): void {
    for (const change of this.#heard.splice(0)) this.#add(change);
  }

  #delete(on: OnKey): void {
    const {outcome} = this.#parts.cache.delete({...deleteOf(on.key), ...on});
    if (outcome === 'deleted') this.#note(on, {type: 'delete'});
  }

  #touch(on: OnKey): void {
    const lifetime = {...this.#drawLifetime(), keepTtl: undefined};
    const {outcome, expireTimeMs} = this.#parts.cache.touch({...touchOf(on.key), ...on, ...lifetime});
    if (outcome === 'touched') this.#note(on, {type: 'touch', expireTimeMs});
  }

  #increment(on: OnKey): void {
    const {value, expireTimeMs} = this.#parts.cache.increment({...incrementOf(on.key, {delta: 1n}), ...on});
    this.#note(on, {type: 'put', value: Buffer.from(String(value)), expireTimeMs});
  }

  #get(on: OnKey): void {
    const {random, cache} = this.#parts;
    const touchTtlMs = random.oneIn(4) ? 1 + random.below(300) : undefined;
    const {outcome, entry} = cache.get({...getOf(on.key), ...on, touchTtlMs});
    if (outcome === 'hit' && touchTtlMs) this.#note(on, {type: 'touch', expireTimeMs: entry!.expireTimeMs});
  }

  #purge(on: OnKey): void {
    try {
      this.#parts.cache.purge({namespace: on.namespace, prefix: on.key, all: false});
      this.#note(on, {type: 'purge'});
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
    }
  }

  /** Writes down what was heard, the operation's own change with what it has put. */
  #note({namespace, key}: OnKey, own: Own): void {
    let isHeard = false;
    for (const change of this.#heard.splice(0)) {
      const isOwn = change.type === own.type && change.key === key && this.#nameOf(change) === namespace;
      this.#add(change, isOwn ? own : undefined);
      isHeard ||= isOwn;
    }
    if (!isHeard) this.faults.push(`${own.type} of "${key}" is answered, but nothing was changed`);
  }

  #add(change: Heard, own?: Own): void {
    const {type, key, revision} = change;
    if (!own && type !== 'expire' && type !== 'evict') {
      this.faults.push(`${type} of "${key}" at ${revision}, which nobody has asked for`);
    }
    this.deeds.push({...change, ...own, namespace: this.#nameOf(change)});
  }

  #nameOf({namespace}: Heard): string {
    return this.#parts.profile.namespaces[namespace]!.name;
  }

  #drawValue(): Uint8Array {
    const {random, profile} = this.#parts;
    return noise.subarray(random.below(1000)).slice(0, random.pick([0, 10, 50, profile.valueBytesMost]));
  }

  #drawLifetime(): Lifetime {
    const {random} = this.#parts;
    if (random.oneIn(5)) return {keepTtl: true};
    return random.oneIn(2) ? {} : {ttlMs: 1 + random.below(300)};
  }
}

/** Small puts are answered at once. */
function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error('a put had to wait');
  return answer;
}
