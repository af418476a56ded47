/**
 * `/-/watch`: a watch as server-sent events, for browsers, curl and whatever reads lines.
 *
 * A client that comes back with the last id (`Last-Event-ID`, as an EventSource sends by
 * itself, or `?from=`) goes on behind it. For a browser an error status ends an
 * EventSource for good, and its page cannot change the id that it sends; so a position
 * that is gone, or an id that this server never gave, is no error: the stream begins with
 * `gap` and all that there is. Errors are for what only a programmer can mend.
 */
import {CacheError, limits} from '../base/index.js';
import type {Backend, FaultLog, Watcher, WatchMessage, WatchRequest, WatchSink} from '../rpc/index.js';
import type {ResponseSink} from '../transcoding/index.js';
import {EventFormat, gapText, type ValueForm} from './event-format.js';
import {parseEventQuery} from './event-query.js';
import {headerOf} from './headers.js';
import type {Handler, HttpSink} from './types.js';

export interface EventsOptions {
  backend: Backend;
  /** Answers for what went wrong before the stream began. */
  fail: (sink: ResponseSink, failure: unknown) => void;
  logFault: FaultLog;
  /** From 0 up to 1. */
  random?: () => number;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // So that no proxy on the way collects what should arrive as it happens.
  'x-accel-buffering': 'no',
};

export function events(options: EventsOptions): Handler {
  const formats: Record<ValueForm, EventFormat> = {
    json: new EventFormat('json'),
    base64: new EventFormat('base64'),
    none: new EventFormat('none'),
    text: new EventFormat('text'),
  };
  return (request, sink) => {
    const mark = request.target.indexOf('?');
    const query = mark < 0 ? '' : request.target.slice(mark + 1);
    const {watch, values} = parseEventQuery(query, headerOf(request.headers, 'last-event-id'));
    if (request.method === 'HEAD') {
      // So it is refused for whatever GET is.
      begin(watch, nowhere, options.backend).closed();
      sink.start(200, headers);
      sink.end();
      return;
    }
    const watcher = begin(watch, new EventStream(sink, formats[values], options), options.backend);
    sink.onDrain(() => watcher.drained());
    sink.onClose(() => watcher.closed());
  };
}

interface EventSink extends WatchSink {
  /** The id that the client gave is none; it is to hear so. */
  beginsWithGap: boolean;
}

const nowhere: EventSink = {beginsWithGap: false, write: () => true, end: () => {}};

function begin(request: WatchRequest, stream: EventSink, backend: Backend): Watcher {
  try {
    return backend.watch(request, stream);
  } catch (error) {
    if (!(error instanceof CacheError) || error.reason !== 'MALFORMED_RESUME_TOKEN') throw error;
    stream.beginsWithGap = true;
    return backend.watch({...request, resumeToken: '', initialState: true}, stream);
  }
}

/** The messages of one watch on their way to its client. */
class EventStream implements EventSink {
  beginsWithGap = false;
  readonly #sink: HttpSink;
  readonly #format: EventFormat;
  readonly #options: EventsOptions;
  #hasStarted = false;

  constructor(sink: HttpSink, format: EventFormat, options: EventsOptions) {
    this.#sink = sink;
    this.#format = format;
    this.#options = options;
  }

  /** A fault in a message ends its stream; the turn in which the backend serves others goes on. */
  write(message: WatchMessage): boolean {
    try {
      if (!this.#hasStarted) this.#start(message);
      return this.#sink.writeShared(this.#format.bytesOf(message));
    } catch (fault) {
      this.end(fault);
      return false;
    }
  }

  /** A stream that breaks off is one to come back to. */
  end(failure?: unknown): void {
    if (!this.#hasStarted && failure !== undefined) {
      this.#options.fail(this.#sink, failure);
    } else if (failure === undefined || (failure instanceof CacheError && failure.reason === 'DRAINING')) {
      this.#sink.end();
    } else {
      this.#options.logFault(failure);
      this.#sink.abort();
    }
  }

  #start({resumeToken}: WatchMessage): void {
    this.#hasStarted = true;
    this.#sink.start(200, headers);
    const {random = Math.random} = this.#options;
    const {eventsRetryMsLeast: least, eventsRetryMsMost: most} = limits;
    this.#sink.write(`retry: ${Math.round(least + random() * (most - least))}\n`);
    if (this.beginsWithGap) this.#sink.write(gapText('unknownId', resumeToken));
  }
}
