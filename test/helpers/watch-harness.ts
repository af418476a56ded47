/** A cache and its watchers in one thread, turned by hand: nothing is sent but in a turn that a test makes. */
import {Cache, type CacheOptions, type WatchMessage, type WatchNews, type WatchRequest} from '../../src/cache/index.js';
import {ManualClock} from './manual-clock.js';
import {ManualTurns} from './manual-turns.js';

/** Watches all of `default`. */
export const plainWatch: WatchRequest = {
  targets: [{prefix: ''}],
  namespace: '',
  resumeToken: '',
  initialState: false,
  eventTypes: [],
  keysOnly: false,
  includePrevious: false,
  onGap: 'resync',
  maxResponseBytes: 0,
};

export class WatchHarness {
  readonly clock = new ManualClock();
  readonly cache: Cache;
  readonly #turns = new ManualTurns(this.clock);

  constructor(options: Partial<CacheOptions> = {}) {
    this.cache = new Cache({
      clock: this.clock,
      namespaces: [{name: 'default', maxEntries: 1000, maxMemoryBytes: 2 ** 24, ttlJitter: 0}],
      maxKeyBytes: 64,
      maxValueBytes: 2 ** 16,
      historyBytes: 2 ** 16,
      schedule: this.#turns.schedule,
      ...options,
    });
  }

  watch(request: Partial<WatchRequest> = {}, onMessage?: SeenWatch['onMessage']): SeenWatch {
    return new SeenWatch(this.cache, request, onMessage);
  }

  /** One turn of the hub, if it wants one. */
  turn(): void {
    this.#turns.take()?.();
  }

  /** Turns until the hub wants no more for now. */
  rest(): void {
    this.#turns.rest();
  }
}

/** A watch and what it has brought. */
export class SeenWatch {
  readonly messages: WatchMessage[] = [];
  /** What it was ended with, each time. */
  readonly ends: unknown[] = [];
  /** Called with each message; false to take no more for now. */
  onMessage: (news: WatchNews) => boolean;
  readonly #watcher;

  constructor(cache: Cache, request: Partial<WatchRequest> = {}, onMessage: (news: WatchNews) => boolean = () => true) {
    this.onMessage = onMessage;
    this.#watcher = cache.watch(
      {...plainWatch, ...request},
      {
        write: message => {
          this.messages.push(message);
          return this.onMessage(message.news);
        },
        end: failure => this.ends.push(failure),
      },
    );
  }

  /** What came, in short: kinds, and of events what happened to which key. */
  get seen(): string[] {
    return this.messages.flatMap(({news}) =>
      news.kind === 'events'
        ? news.events.map(({type, key, listed}) => `${listed ? 'listed' : type} ${key}`)
        : [news.kind === 'gap' ? `gap ${news.reason}` : news.kind],
    );
  }

  get lastToken(): string {
    return this.messages.at(-1)!.resumeToken;
  }

  drained(): void {
    this.onMessage = () => true;
    this.#watcher.drained();
  }

  closed(): void {
    this.#watcher.closed();
  }
}
