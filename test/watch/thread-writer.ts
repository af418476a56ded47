/**
 * A thread of a run with several: operations at random on the shared store, as many
 * at a time as the main thread allows, each change written down as it is numbered.
 */
import {parentPort} from 'node:worker_threads';
import {CacheError} from '../../src/base/index.js';
import {attachStore, noDeadline, type Store, type StoreHandle} from '../../src/store/index.js';
import {Random} from '../helpers/random.js';
import {bytes} from '../helpers/text.js';
import type {Deed} from './history.js';
import {SharedClock} from './shared-clock.js';
import {type Heard, tapChanges} from './tap.js';

export interface WriterTask {
  handle: StoreHandle;
  clock: SharedArrayBuffer;
  /** How many operations each thread may have done by now, and how many each has done. */
  pace: SharedArrayBuffer;
  /** Which of the threads it is. */
  thread: number;
  seed: number;
  operations: number;
  keys: readonly string[];
  namespaces: readonly string[];
  valueBytesMost: number;
}

/** What the threads answer. */
export interface WriterReport {
  deeds: Deed[];
  faults: string[];
}

/** What an operation changes itself, if it does; `deadlineMs` as the store counts. */
interface Own {
  type: 'put' | 'touch' | 'delete' | 'purge';
  value?: Uint8Array;
  deadlineMs?: number;
}

const heard: Heard[] = [];
const noise = new Random(1).bytes(64 * 1024);

class ThreadWriter {
  readonly report: WriterReport = {deeds: [], faults: []};
  readonly #task: WriterTask;
  readonly #random: Random;
  readonly #clock: SharedClock;
  readonly #store: Store;

  constructor(task: WriterTask) {
    this.#task = task;
    this.#random = new Random(task.seed);
    this.#clock = new SharedClock(task.clock);
    this.#store = attachStore(task.handle, this.#clock);
  }

  run(): void {
    const pace = new Int32Array(this.#task.pace);
    for (let done = 0; done < this.#task.operations; done++) {
      for (let allowed = Atomics.load(pace, 0); allowed <= done; allowed = Atomics.load(pace, 0)) {
        Atomics.wait(pace, 0, allowed);
      }
      this.#step();
      Atomics.store(pace, 1 + this.#task.thread, done + 1);
    }
  }

  #step(): void {
    const random = this.#random;
    const {keys, namespaces} = this.#task;
    const namespace = random.below(namespaces.length);
    const name = random.pick(random.oneIn(2) ? keys.slice(0, 12) : keys);
    const key = bytes(name);
    const choice = random.below(100);
    if (choice < 55) this.#note(namespace, name, this.#put(namespace, key));
    else if (choice < 65) this.#note(namespace, name, this.#delete(namespace, key));
    else if (choice < 85) this.#note(namespace, name, this.#touch(namespace, key));
    else if (choice < 94) this.#get(namespace, key);
    else if (choice < 98) this.#store.sweep(1 + random.below(100));
    else this.#purge(namespace, name.slice(0, 1 + random.below(2)));
    this.#note(namespace, name);
  }

  #put(namespace: number, key: Uint8Array): Own | undefined {
    const random = this.#random;
    const value = noise.subarray(random.below(1000)).slice(0, random.pick([0, 10, 50, this.#task.valueBytesMost]));
    const condition = random.oneIn(6) ? random.pick([{ifAbsent: true}, {ifPresent: true}]) : {};
    const options = {contentType: '', deadlineMs: this.#drawDeadline(), keepDeadline: random.oneIn(5), ...condition};
    const {stored, deadlineMs} = this.#store.put(namespace, key, value, options);
    return stored ? {type: 'put', value, deadlineMs} : undefined;
  }

  #delete(namespace: number, key: Uint8Array): Own | undefined {
    const {outcome} = this.#store.delete(namespace, key, {});
    return outcome === 'deleted' ? {type: 'delete'} : undefined;
  }

  #touch(namespace: number, key: Uint8Array): Own | undefined {
    const {outcome, deadlineMs} = this.#store.touch(namespace, key, {deadlineMs: this.#drawDeadline()});
    return outcome === 'touched' ? {type: 'touch', deadlineMs} : undefined;
  }

  #get(namespace: number, key: Uint8Array): void {
    this.#store.get(namespace, key, {peek: this.#random.oneIn(2), metadataOnly: false});
  }

  #purge(namespace: number, prefix: string): void {
    try {
      this.#store.purge(namespace, bytes(prefix));
      this.#note(namespace, prefix, {type: 'purge'});
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
    }
  }

  /** Writes down what was heard, with what an operation on this key has put. */
  #note(namespace: number, name: string, own?: Own): void {
    for (const {namespace: number, ...change} of heard.splice(0)) {
      const isOwn = own?.type === change.type && change.key === name && number === namespace;
      if (!isOwn && change.type !== 'expire' && change.type !== 'evict') {
        this.report.faults.push(`${change.type} of "${change.key}" at ${change.revision}, which nobody has asked for`);
      }
      const expireTimeMs = isOwn ? this.#expireTimeMs(own.deadlineMs) : undefined;
      const value = isOwn ? own.value : undefined;
      this.report.deeds.push({...change, namespace: this.#task.namespaces[number]!, value, expireTimeMs});
    }
  }

  #expireTimeMs(deadlineMs = noDeadline): number | undefined {
    return deadlineMs === noDeadline ? undefined : deadlineMs + this.#clock.wallAheadMs();
  }

  #drawDeadline(): number {
    const random = this.#random;
    return random.oneIn(2) ? noDeadline : this.#clock.nowMs() + 1 + random.below(300);
  }
}

tapChanges(change => heard.push(change));
parentPort!.on('message', (task: WriterTask) => {
  const writer = new ThreadWriter(task);
  writer.run();
  parentPort!.postMessage(writer.report);
});
