/** Reads server-sent events as WHATWG HTML (section 9.2.6) says. */
import type {ExecutionContext} from 'ava';
import type {PartsOptions} from '../../helpers/test-server.js';
import {type HttpParts, httpTest, type StartHttp} from './http-parts.js';
import type {HttpVersion, OpenAnswer} from './ways.js';

export interface SeenEvent {
  /** `message` if the stream did not say. */
  event: string;
  data: string;
  /** The last id when it came, as an EventSource has it. */
  id: string;
}

export class EventReader {
  readonly answer: OpenAnswer;
  /** The last id that came, with an event or alone. */
  lastId = '';
  readonly comments: string[] = [];
  retryMs: number | undefined;
  /** True once the stream has ended as it should; false where it was broken off. */
  readonly ended: Promise<boolean>;
  readonly #events: SeenEvent[] = [];
  #wake: () => void = () => {};
  #isOver = false;
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id = '';

  constructor(answer: OpenAnswer) {
    this.answer = answer;
    const {body} = answer;
    body.setEncoding('utf8');
    body.on('data', text => this.#take(text));
    this.ended = new Promise(resolve => {
      body.on('error', () => {});
      body.on('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve(answer.isWhole());
      });
    });
  }

  /** The next event; undefined when the stream is over. */
  async next(): Promise<SeenEvent | undefined> {
    await this.until(() => this.#events.length > 0);
    return this.#events.shift();
  }

  /** The next events, in short: name and data. */
  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      const next = await this.next();
      taken.push(next ? `${next.event} ${next.data}` : 'the end');
    }
    return taken;
  }

  /** Waits until something that came makes it true, or the stream is over. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue() && !this.#isOver) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** The client goes away. */
  leave(): void {
    this.answer.body.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
    this.#wake();
  }

  #line(line: string): void {
    if (line === '') this.#dispatch();
    else if (line.startsWith(':')) this.comments.push(line.slice(1).trim());
    else this.#field(line);
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id') this.#id = value;
    else if (name === 'retry') this.retryMs = Number(value);
  }

  #dispatch(): void {
    this.lastId = this.#id;
    if (this.#data.length > 0) {
      this.#events.push({event: this.#event || 'message', data: this.#data.join('\n'), id: this.lastId});
    }
    this.#event = '';
    this.#data = [];
  }
}

export interface WatchedParts extends HttpParts {
  /** Opens `/-/watch?QUERY`, which has to be answered with events. It is closed with its test. */
  openEvents(query: string, lastEventId?: string): Promise<EventReader>;
}

export type StartWatched = (options?: PartsOptions) => Promise<WatchedParts>;

/** A test of events, as httpTest; its server keeps a history. */
export function eventsTest(
  title: string,
  run: (t: ExecutionContext, start: StartWatched) => Promise<void>,
  only?: HttpVersion,
): void {
  const startWatched = async (t: ExecutionContext, start: StartHttp, options?: PartsOptions) => {
    const parts = await start({historyBytes: 2 ** 20, ...options});
    const openEvents = async (query: string, lastEventId?: string) => {
      const answer = await parts.open('GET', `/-/watch?${query}`, {headers: {'last-event-id': lastEventId}});
      t.is(answer.status, 200);
      t.is(answer.headers['content-type'], 'text/event-stream');
      return new EventReader(answer);
    };
    return {...parts, openEvents};
  };
  httpTest(title, (t, start) => run(t, options => startWatched(t, start, options)), only);
}
