/**
 * A server whose entries change in every way, by changes drawn at random to few keys.
 * It can be stopped, or killed, and started again on the same port.
 */
import assert from 'node:assert/strict';
import {setTimeout as delay} from 'node:timers/promises';
import {duration} from '../../helpers/proto-times.js';
import type {Random} from '../../helpers/random.js';
import {RpcError} from '../../helpers/rpc-error.js';
import {createTestClient, type TestClient} from '../../helpers/test-client.js';
import type {Entries} from './follower.js';
import {type ServerProcess, startServer} from './server.js';

const keys = ['config/', 'other/'].flatMap(prefix => Array.from({length: 30}, (_, number) => `${prefix}${number}`));
const purgedPrefixes = ['config/1', 'config/2', 'conf', 'other/', 'config/'];
/** Fewer than there are keys, so that some are evicted. */
const maxEntries = 25;
export const historyBytes = 4 * 1024 * 1024;
/** Larger ones the history keeps without their value. */
const valueBytesMost = 200_000;
const pauseMs = 25;
const options = ['--max-entries', String(maxEntries), '--watch-history', String(historyBytes)];

export class ChangingServer {
  readonly #random: Random;
  readonly #args: string[];
  #process: ServerProcess;
  #client: TestClient;
  #resyncs = 0;

  static async start(random: Random, transport: string): Promise<ChangingServer> {
    const args = [...options, '--transport', transport];
    return new ChangingServer(random, args, await startServer({args}));
  }

  private constructor(random: Random, args: string[], process: ServerProcess) {
    this.#random = random;
    this.#args = args;
    this.#process = process;
    this.#client = createTestClient(process.address);
  }

  get port(): number {
    return this.#process.port;
  }

  /** Changes entries one after the other until the work is done. */
  async whileChanging(work: () => Promise<unknown>): Promise<void> {
    let isDone = false;
    const working = work().finally(() => {
      isDone = true;
    });
    while (!isDone) await this.#tryChange();
    await working;
  }

  async change(times: number): Promise<void> {
    for (let time = 0; time < times; time++) await this.#change();
  }

  async put(key: string, value: string): Promise<void> {
    await this.#client.put({key, value: Buffer.from(value)});
  }

  async delete(key: string): Promise<void> {
    await this.#client.delete({key});
  }

  /** Puts one key so often that the history, and whatever else holds changes on their way, knows nothing else. */
  async flood(key: string, bytes: number): Promise<void> {
    const value = Buffer.alloc(valueBytesMost, 'x');
    for (let put = 0; put < bytes / valueBytesMost; put++) await this.#client.put({key, value});
    await this.#client.delete({key});
  }

  async list(prefix: string): Promise<Entries> {
    const entries: Entries = {};
    let pageToken = '';
    do {
      const page = await this.#client.list({prefix, pageToken});
      for (const {key, value} of page.entries) entries[key] = Buffer.from(value).toString();
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return entries;
  }

  async watchers(): Promise<number> {
    return Number((await this.#client.getStats()).watchers);
  }

  /** How many gaps it has healed since this was asked last, or since it started. */
  async newResyncs(): Promise<number> {
    const resyncs = Number((await this.#client.getStats()).watch!.resyncs);
    const before = this.#resyncs;
    this.#resyncs = resyncs;
    return resyncs - before;
  }

  /** What has happened to entries since the server started. */
  async counts() {
    const {total} = await this.#client.getStats();
    return total!;
  }

  /** Ends it as an operator does; it must do so by itself, without an error. */
  async stop(): Promise<void> {
    assert.equal(await this.#process.stop(), 0, 'the exit code of a server that was told to stop');
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.stop();
  }

  async startAgain(): Promise<void> {
    this.#process = await startServer({port: this.port, args: this.#args});
    this.#client.close();
    this.#client = createTestClient(this.#process.address);
    this.#resyncs = 0;
  }

  /** A change, if the server is there. */
  async #tryChange(): Promise<void> {
    try {
      await this.#change();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      await delay(pauseMs);
    }
  }

  async #change(): Promise<unknown> {
    const client = this.#client;
    const random = this.#random;
    const key = random.pick(keys);
    const value = Buffer.from(`${key} ${random.below(1_000_000)}`);
    switch (random.below(20)) {
      case 0:
      case 1:
        return client.delete({key});
      case 2:
      case 3:
        return client.touch({key, ttl: duration(1 + random.below(300))});
      case 4:
      case 5:
        return client.touch({key, noExpiry: true});
      case 6:
        return client.increment({key: 'config/count'});
      case 7:
        return random.oneIn(5) ? client.purge({prefix: random.pick(purgedPrefixes)}) : undefined;
      case 8:
      case 9:
      case 10:
        return client.put({key, value, ttl: duration(1 + random.below(300))});
      default:
        return client.put({key, value});
    }
  }
}
