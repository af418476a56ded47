/** What a watch brings, as lines that a test can compare: `put k=v`, `evict k for entries, was v`, `snapshotEnd`. */
import {type Entry, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import type {WatchEvent, WatchResponse} from '../../src/gen/krusty/cache/v1/watch.js';
import type {Received} from './streams.js';
import {text} from './text.js';

const types = ['none', 'put', 'touch', 'delete', 'expire', 'evict', 'purge'];
const limits: Record<number, string> = {
  [EvictionLimit.EVICTION_LIMIT_ENTRIES]: ' for entries',
  [EvictionLimit.EVICTION_LIMIT_MEMORY]: ' for memory',
};
const gaps = ['none', 'slow reader', 'trimmed', 'restarted'];

/** The lines of a watch, one by one, and the token of the message that the last came with. */
export class WatchLines {
  readonly #messages: Received<WatchResponse>;
  readonly #lines: string[] = [];
  #token = '';

  constructor(messages: Received<WatchResponse>) {
    this.#messages = messages;
  }

  get token(): string {
    return this.#token;
  }

  /** The next so many lines. */
  async take(count: number): Promise<string[]> {
    while (this.#lines.length < count) await this.#read();
    return this.#lines.splice(0, count);
  }

  /** The lines up to this one, and it. */
  async until(line: string): Promise<string[]> {
    while (!this.#lines.includes(line)) await this.#read();
    return this.#lines.splice(0, this.#lines.indexOf(line) + 1);
  }

  async #read(): Promise<void> {
    const response = await this.#messages.next();
    if (!response) throw new Error(`the watch has ended; still there: ${this.#lines.join('; ')}`);
    this.#token = response.resumeToken;
    this.#lines.push(...linesOf(response));
  }
}

export function linesOf({message}: WatchResponse): string[] {
  if (message?.$case === 'events') return message.value.events.map(lineOf);
  if (message?.$case === 'gap') return [`gap: ${gaps[message.value.reason]}`];
  return [message?.$case ?? 'nothing'];
}

function lineOf({type, entry, previous, listed, evictionLimit}: WatchEvent): string {
  const what = `${listed ? 'listed ' : ''}${types[type]} ${entry?.key}`;
  const limit = limits[evictionLimit] ?? '';
  return `${what}${shownValue(entry)}${limit}${previous ? `, was ${shownValue(previous).slice(1)}` : ''}`;
}

function shownValue(entry: Entry | undefined): string {
  if (!entry || entry.valueOmitted) return '';
  return entry.value.length > 0 ? `=${text(entry.value)}` : '';
}
