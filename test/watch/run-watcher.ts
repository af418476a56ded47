/**
 * A watcher in a run, as awkward as they come: it stalls, disconnects, even in the
 * middle of a message, and resumes with any token that it has ever seen. It keeps a
 * transcript of all it saw, and notes where the hub breaks the rules of a sink.
 */
import {CacheError} from '../../src/base/index.js';
import type {Cache, Watcher, WatchMessage, WatchRequest, WatchSink} from '../../src/cache/index.js';
import type {Random} from '../helpers/random.js';
import type {Moment, Session, Transcript} from './transcript.js';

export interface RunWatcherParts {
  name: string;
  random: Random;
  request: WatchRequest;
  /** It stalls once in so many messages. */
  stallsOneIn: number;
  moment(): Moment;
  log(line: string): void;
}

/** A connection that is open. */
interface Connection {
  session: Session;
  watcher?: Watcher;
  isStalled: boolean;
}

export class RunWatcher {
  readonly transcript: Transcript;
  readonly faults: string[] = [];
  readonly #parts: RunWatcherParts;
  #connection: Connection | undefined;
  #stallsOneIn: number;

  constructor(parts: RunWatcherParts) {
    this.#parts = parts;
    this.transcript = {watcher: parts.name, sessions: []};
    this.#stallsOneIn = parts.stallsOneIn;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** The connection that is open. */
  get session(): Session | undefined {
    return this.#connection?.session;
  }

  /** `from` says which message's token to give back; without it, the watch begins anew. */
  connect(cache: Pick<Cache, 'watch'>, life: number, from = this.drawFrom()): void {
    const {name, request, moment, log} = this.#parts;
    const resumeToken = from ? this.#messageAt(from).resumeToken : '';
    const session: Session = {life, request: {...request, resumeToken}, from, begun: moment(), receipts: []};
    const connection: Connection = {session, isStalled: false};
    log(
      `${name} connects (${this.transcript.sessions.length})${from ? ` with ${JSON.stringify(from)} ${resumeToken}` : ''}`,
    );
    this.transcript.sessions.push(session);
    this.#connection = connection;
    try {
      connection.watcher = cache.watch(session.request, this.#sinkOf(connection));
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.#end(connection, error);
    }
  }

  disconnect(): void {
    const {name, log} = this.#parts;
    const connection = this.#connection;
    if (!connection) return;
    log(`${name} disconnects`);
    this.#connection = undefined;
    connection.watcher?.closed();
  }

  /** Takes messages again, if it had stalled. */
  drain(): void {
    const connection = this.#connection;
    if (!connection?.isStalled) return;
    this.#parts.log(`${this.#parts.name} takes messages again`);
    connection.isStalled = false;
    connection.watcher!.drained();
  }

  /** Takes all messages from now on. */
  hurry(): void {
    this.#stallsOneIn = Number.POSITIVE_INFINITY;
    this.drain();
  }

  /** Any message that it has seen, most often the last; sometimes none. */
  drawFrom(): Session['from'] {
    const {random} = this.#parts;
    const {sessions} = this.transcript;
    const seen = sessions.flatMap(({receipts}, session) => (receipts.length > 0 ? [session] : []));
    if (seen.length === 0 || random.oneIn(10)) return undefined;
    const session = random.oneIn(5) ? random.pick(seen) : seen.at(-1)!;
    const count = sessions[session]!.receipts.length;
    return {session, receipt: random.oneIn(3) ? random.below(count) : count - 1};
  }

  #sinkOf(connection: Connection): WatchSink {
    return {
      write: message => this.#take(connection, message),
      end: failure => this.#end(connection, failure),
    };
  }

  #take(connection: Connection, message: WatchMessage): boolean {
    const {name, random, moment, log} = this.#parts;
    const {kind} = message.news;
    log(`  ${name} gets ${describe(message)}${connection.isStalled ? ', stalled' : ''}`);
    if (connection !== this.#connection) this.#fault(`${kind} is written after the end`);
    // What ends a stream is not held back by one who does not read.
    if (connection.isStalled && kind !== 'draining') this.#fault(`${kind} is written although it is stalled`);
    connection.session.receipts.push({message, moment: moment()});
    if (connection.watcher && random.oneIn(200)) this.disconnect();
    if (random.oneIn(this.#stallsOneIn)) connection.isStalled = true;
    return !connection.isStalled;
  }

  #end(connection: Connection, failure: unknown): void {
    const {name, moment, log} = this.#parts;
    const reason = failure instanceof CacheError ? failure.reason : String(failure);
    log(`  ${name} is ended: ${reason}`);
    if (connection !== this.#connection) this.#fault('it is ended after the end');
    connection.session.ended = {reason, moment: moment()};
    this.#connection = undefined;
  }

  #messageAt({session, receipt}: NonNullable<Session['from']>): WatchMessage {
    return this.transcript.sessions[session]!.receipts[receipt]!.message;
  }

  #fault(text: string): void {
    this.faults.push(`${this.#parts.name}, connection ${this.transcript.sessions.length - 1}: ${text}`);
  }
}

function describe({news, resumeToken}: WatchMessage): string {
  const events = news.kind === 'events' ? news.events : [];
  const shown = events
    .slice(0, 6)
    .map(({type, key, revision, listed}) => `${listed ? 'listed ' : ''}${type} "${key}" ${revision}`);
  const more = events.length > shown.length ? [`and ${events.length - shown.length} more`] : [];
  const revision = 'revision' in news ? ` ${news.revision}` : '';
  const reason = news.kind === 'gap' ? ` ${news.reason}` : '';
  return `${news.kind}${revision}${reason} ${[...shown, ...more].join(', ')} (${resumeToken})`;
}
