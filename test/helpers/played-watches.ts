/** A backend whose watches a test plays by hand: it sees what they are asked, sends what it likes, and hears what becomes of it. */
import type {Watcher, WatchMessage, WatchRequest, WatchSink} from '../../src/cache/index.js';
import {withOperations} from './with-operations.js';

export class PlayedWatches {
  readonly #begun: PlayedWatch[] = [];
  readonly #waiting: ((watch: PlayedWatch) => void)[] = [];

  /** For startParts. */
  readonly options = withOperations({watch: (request, sink) => this.#begin(request, sink)});

  /** The next watch that begins. */
  next(): Promise<PlayedWatch> {
    const begun = this.#begun.shift();
    return begun ? Promise.resolve(begun) : new Promise(resolve => this.#waiting.push(resolve));
  }

  #begin(request: WatchRequest, sink: WatchSink): Watcher {
    const watch = new PlayedWatch(request, sink);
    const resolve = this.#waiting.shift();
    if (resolve) resolve(watch);
    else this.#begun.push(watch);
    return watch;
  }
}

export class PlayedWatch implements Watcher {
  readonly request: WatchRequest;
  readonly sink: WatchSink;
  /** How often the stream told that it takes messages again. */
  drains = 0;
  /** Called each time that it does. */
  onDrained: (() => void) | undefined;
  /** How often the stream told that it is over. */
  closes = 0;
  /** Settled when the stream is over. */
  readonly over: Promise<void>;
  #close: (() => void) | undefined;

  constructor(request: WatchRequest, sink: WatchSink) {
    this.request = request;
    this.sink = sink;
    this.over = new Promise(resolve => {
      this.#close = resolve;
    });
  }

  drained(): void {
    this.drains++;
    this.onDrained?.();
  }

  closed(): void {
    this.closes++;
    this.#close?.();
  }
}

export function bookmark(revision: number, resumeToken = `1.${revision}`): WatchMessage {
  return {resumeToken, news: {kind: 'bookmark', revision}};
}
