/** A program that follows keys and prints, as a line of JSON, the map that it has after each message. */
import assert from 'node:assert/strict';
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {isDeepStrictEqual} from 'node:util';
import {start, stopGroup} from './child.js';
import {until} from './until.js';

export type Entries = Record<string, string>;

export class Follower {
  readonly name: string;
  readonly #child: ChildProcess;
  #stderr = '';
  #entries: Entries | undefined;
  #hasEnded = false;
  /** How many messages it has dealt with. */
  messages = 0;

  constructor(name: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.#child = start(words[0]!, words.slice(1), {env});
    this.#child.stderr!.setEncoding('utf8').on('data', text => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
    createInterface({input: this.#child.stdout!}).on('line', line => {
      this.#entries = JSON.parse(line);
      this.messages++;
    });
    for (const end of ['error', 'close']) {
      this.#child.on(end, () => {
        this.#hasEnded = true;
      });
    }
  }

  /** Waits until it has the entries that there are: these may still change while it comes to know of them. */
  async comesToHave(entriesThatAre: () => Promise<Entries>): Promise<void> {
    let wanted: Entries = {};
    try {
      await until(`${this.name} has the entries that there are`, async () => {
        assert(!this.#hasEnded, `${this.name} has ended: ${this.#stderr}`);
        wanted = await entriesThatAre();
        return isDeepStrictEqual(this.#entries, wanted);
      });
    } catch (error) {
      throw new Error(`${error}; ${differences(this.#entries ?? {}, wanted)}`);
    }
  }

  /** Stops it in the middle of whatever it does. */
  stall(): void {
    stopGroup(this.#child, 'SIGSTOP');
  }

  goOn(): void {
    stopGroup(this.#child, 'SIGCONT');
  }

  async end(): Promise<void> {
    if (this.#hasEnded) return;
    const closed = once(this.#child, 'close');
    stopGroup(this.#child, 'SIGKILL');
    await closed;
  }
}

function differences(have: Entries, wanted: Entries): string {
  const keys = [...new Set([...Object.keys(have), ...Object.keys(wanted)])];
  const lines = keys
    .filter(key => have[key] !== wanted[key])
    .map(key => `${key} is ${have[key]?.slice(0, 40)} instead of ${wanted[key]?.slice(0, 40)}`);
  return lines.slice(0, 10).join('; ');
}
