/** Watch over the wire, as a backend that the test plays asks for it: what a request says, what each message carries. */
import type {Entry, WatchEvent, WatchMessage, WatchNews, WatchRequest} from '../../src/cache/index.js';
import {type Entry as EntryMessage, EventType, EvictionLimit} from '../../src/gen/krusty/cache/v1/entry.js';
import {
  WatchEvent as EventMessage,
  WatchGap_Reason,
  WatchRequest_OnGap,
  type WatchResponse,
} from '../../src/gen/krusty/cache/v1/watch.js';
import {contractTest} from '../helpers/contract-test.js';
import {PlayedWatches} from '../helpers/played-watches.js';
import {duration, timestamp} from '../helpers/proto-times.js';
import {bytes} from '../helpers/text.js';

const targets = [{key: 'k'}];

contractTest('a request reaches the backend whole', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  client.watch({
    targets: [{key: 'a key'}, {prefix: 'a prefix'}, {prefix: ''}, {}, {key: 'both', prefix: 'of them'}],
    namespace: 'other',
    resumeToken: '12.34',
    initialState: true,
    eventTypes: [6, 5, 4, 3, 2, 1, 1],
    keysOnly: true,
    includePrevious: true,
    bookmarkInterval: duration(1234.5),
    onGap: WatchRequest_OnGap.ON_GAP_FAIL,
    maxResponseBytes: 70_000,
  });
  const {request} = await watches.next();
  t.deepEqual(request, {
    targets: [
      {key: 'a key', prefix: undefined},
      {key: undefined, prefix: 'a prefix'},
      {key: undefined, prefix: ''},
      {key: undefined, prefix: undefined},
      {key: 'both', prefix: 'of them'},
    ],
    namespace: 'other',
    resumeToken: '12.34',
    initialState: true,
    eventTypes: ['purge', 'evict', 'expire', 'delete', 'touch', 'put', 'put'],
    keysOnly: true,
    includePrevious: true,
    bookmarkIntervalMs: 1234.5,
    onGap: 'fail',
    maxResponseBytes: 70_000,
  } satisfies WatchRequest);
});

contractTest('what a request leaves out is unset', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  client.watch();
  t.deepEqual((await watches.next()).request, {
    targets: [],
    namespace: '',
    resumeToken: '',
    initialState: false,
    eventTypes: [],
    keysOnly: false,
    includePrevious: false,
    bookmarkIntervalMs: undefined,
    onGap: 'resync',
    maxResponseBytes: 0,
  } satisfies WatchRequest);
  client.watch({onGap: WatchRequest_OnGap.ON_GAP_RESYNC});
  t.is((await watches.next()).request.onGap, 'resync');
});

const shortNews: {news: WatchNews; message: object}[] = [
  {news: {kind: 'created', revision: 2 ** 53 - 1}, message: {$case: 'created', value: {revision: 2n ** 53n - 1n}}},
  {news: {kind: 'snapshotEnd', revision: 7}, message: {$case: 'snapshotEnd', value: {revision: 7n}}},
  {news: {kind: 'bookmark', revision: 300}, message: {$case: 'bookmark', value: {revision: 300n}}},
  {
    news: {kind: 'gap', reason: 'slowReader'},
    message: {$case: 'gap', value: {reason: WatchGap_Reason.REASON_SLOW_READER}},
  },
  {news: {kind: 'gap', reason: 'trimmed'}, message: {$case: 'gap', value: {reason: WatchGap_Reason.REASON_TRIMMED}}},
  {
    news: {kind: 'gap', reason: 'restarted'},
    message: {$case: 'gap', value: {reason: WatchGap_Reason.REASON_RESTARTED}},
  },
  {news: {kind: 'draining'}, message: {$case: 'draining', value: {}}},
];

contractTest('each kind of message has what it says, and its token', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const messages = client.watch({targets});
  const {sink} = await watches.next();
  for (const [index, {news, message}] of shortNews.entries()) {
    t.true(sink.write({resumeToken: `1.${index}`, news}));
    t.deepEqual(await messages.next(), {resumeToken: `1.${index}`, message} as never);
  }
});

const value = bytes('value');
const expireTimeMs = 1_736_000_000_123;

function entryOf(entry: Partial<Entry> = {}): Entry {
  return {
    key: 'k',
    namespace: 'default',
    value,
    valueOmitted: false,
    revision: 1_736_000_000_000_001,
    contentType: 'text/plain',
    expireTimeMs,
    sizeBytes: 200,
    ...entry,
  };
}

const entryMessage = {
  key: 'k',
  value,
  revision: 1_736_000_000_000_001n,
  contentType: 'text/plain',
  expireTime: timestamp(expireTimeMs),
};
const revision = 1_736_000_000_000_002;
const removal = {key: 'k', revision: BigInt(revision)};

const events: Record<string, {event: Partial<WatchEvent>; message: Parameters<typeof EventMessage.fromPartial>[0]}> = {
  'a put': {
    event: {type: 'put', entry: entryOf()},
    message: {type: EventType.EVENT_TYPE_PUT, entry: entryMessage},
  },
  'a put with what it replaced': {
    event: {type: 'put', entry: entryOf(), previous: entryOf({revision: 9, expireTimeMs: undefined, contentType: ''})},
    message: {
      type: EventType.EVENT_TYPE_PUT,
      entry: entryMessage,
      previous: {key: 'k', value, revision: 9n},
    },
  },
  'a put without its value': {
    event: {type: 'put', entry: entryOf({valueOmitted: true})},
    message: {
      type: EventType.EVENT_TYPE_PUT,
      entry: {...entryMessage, value: new Uint8Array(0), valueOmitted: true},
    },
  },
  'an entry of a snapshot': {
    event: {type: 'put', entry: entryOf(), listed: true},
    message: {type: EventType.EVENT_TYPE_PUT, entry: entryMessage, listed: true},
  },
  'a touch': {
    event: {type: 'touch', entry: entryOf({valueOmitted: true})},
    message: {
      type: EventType.EVENT_TYPE_TOUCH,
      entry: {...entryMessage, value: new Uint8Array(0), valueOmitted: true},
    },
  },
  'a deletion': {
    event: {type: 'delete'},
    message: {type: EventType.EVENT_TYPE_DELETE, entry: removal},
  },
  'an expiry': {
    event: {type: 'expire', previous: entryOf()},
    message: {type: EventType.EVENT_TYPE_EXPIRE, entry: removal, previous: entryMessage},
  },
  'an eviction for entries': {
    event: {type: 'evict', previous: entryOf(), evictionLimit: 'entries'},
    message: {
      type: EventType.EVENT_TYPE_EVICT,
      entry: removal,
      previous: entryMessage,
      evictionLimit: EvictionLimit.EVICTION_LIMIT_ENTRIES,
    },
  },
  'an eviction for memory': {
    event: {type: 'evict', evictionLimit: 'memory'},
    message: {
      type: EventType.EVENT_TYPE_EVICT,
      entry: removal,
      evictionLimit: EvictionLimit.EVICTION_LIMIT_MEMORY,
    },
  },
  'a purge of a prefix': {
    event: {type: 'purge', key: 'prefix/'},
    message: {type: EventType.EVENT_TYPE_PURGE, entry: {key: 'prefix/', revision: BigInt(revision)}},
  },
  'a purge of a namespace': {
    event: {type: 'purge', key: ''},
    message: {type: EventType.EVENT_TYPE_PURGE, entry: {revision: BigInt(revision)}},
  },
};

/** The events of a message with values that are no Buffers, as those expected are not. */
function eventsOf(response: WatchResponse | undefined): EventMessage[] {
  if (response?.message?.$case !== 'events') return [];
  const plain = (entry: EntryMessage | undefined) => entry && {...entry, value: Uint8Array.from(entry.value)};
  return response.message.value.events.map(event => ({
    ...event,
    entry: plain(event.entry),
    previous: plain(event.previous),
  }));
}

function eventOf(event: Partial<WatchEvent>): WatchEvent {
  return {type: 'put', revision, key: 'k', listed: false, ...event};
}

function expected(message: Parameters<typeof EventMessage.fromPartial>[0]): EventMessage {
  return EventMessage.fromPartial({revision: BigInt(revision), ...message});
}

contractTest('each kind of event has what happened, and nothing else', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const messages = client.watch({targets});
  const {sink} = await watches.next();
  for (const [name, {event, message}] of Object.entries(events)) {
    sink.write({resumeToken: name, news: {kind: 'events', events: [eventOf(event)]}});
    const response = await messages.next();
    t.is(response?.resumeToken, name);
    t.deepEqual(eventsOf(response), [expected(message)], name);
  }
});

contractTest('many events come in one message, in their order', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const messages = client.watch({targets});
  const {sink} = await watches.next();
  const all = Object.values(events);
  sink.write({resumeToken: '1.1', news: {kind: 'events', events: all.map(({event}) => eventOf(event))}});
  t.deepEqual(
    eventsOf(await messages.next()),
    all.map(({message}) => expected(message)),
  );
});

contractTest(
  'a message is encoded once for all who get it, an event for all messages that hold it',
  async (t, start) => {
    const watches = new PlayedWatches();
    const {client} = await start(watches.options);
    const clients = [client.watch({targets}), client.watch({targets})];
    const sinks = [(await watches.next()).sink, (await watches.next()).sink];
    const shared = eventOf({entry: entryOf()});
    const message: WatchMessage = {resumeToken: '1.1', news: {kind: 'events', events: [shared]}};
    sinks[0]!.write(message);
    const {encoded} = message;
    const {encoded: encodedEvent} = shared;
    t.truthy(encoded);
    t.truthy(encodedEvent);
    // Were anything encoded again, it would show this.
    shared.revision = 1;
    sinks[1]!.write(message);
    t.is(message.encoded, encoded);
    for (const sink of sinks) sink.write({resumeToken: '1.2', news: {kind: 'events', events: [shared, shared]}});
    t.is(shared.encoded, encodedEvent);
    const event = expected({type: EventType.EVENT_TYPE_PUT, entry: entryMessage});
    for (const messages of clients) {
      t.deepEqual(eventsOf(await messages.next()), [event]);
      t.deepEqual(eventsOf(await messages.next()), [event, event]);
    }
  },
);
