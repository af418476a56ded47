/** The stream of a Watch over each transport: how it fails, how it waits for a client that does not read, how it ends. */
import type {ExecutionContext} from 'ava';
import {CacheError, limits} from '../../src/base/index.js';
import type {Watcher} from '../../src/cache/index.js';
import type {WatchRequest} from '../../src/gen/krusty/cache/v1/watch.js';
import {contractTest} from '../helpers/contract-test.js';
import {bookmark, type PlayedWatch, PlayedWatches} from '../helpers/played-watches.js';
import {startRelay} from '../helpers/relay.js';
import {RpcError} from '../helpers/rpc-error.js';
import type {Received} from '../helpers/streams.js';
import {createTestClient, type TestClient} from '../helpers/test-client.js';
import {withOperations} from '../helpers/with-operations.js';

const targets = [{key: 'k'}];

function failureOf(t: ExecutionContext, messages: Received<unknown>): Promise<RpcError> {
  return t.throwsAsync(messages.next(), {instanceOf: RpcError});
}

const badEnums: Record<string, {asked: Partial<WatchRequest>; field: string}> = {
  'an unknown event type': {asked: {eventTypes: [1, 2, 7 as never]}, field: 'event_types[2]'},
  'a negative event type': {asked: {eventTypes: [-1]}, field: 'event_types[0]'},
  'the event type that is none': {asked: {eventTypes: [1, 0]}, field: 'event_types[1]'},
  'an unknown on_gap': {asked: {onGap: 3 as never}, field: 'on_gap'},
  'a bookmark interval that is no Duration': {
    asked: {bookmarkInterval: {seconds: 1n, nanos: -1}},
    field: 'bookmark_interval',
  },
};

for (const [name, {asked, field}] of Object.entries(badEnums)) {
  contractTest(`Watch with ${name} is INVALID_ARGUMENT INVALID_OPTION`, async (t, start) => {
    const {client, faults} = await start(new PlayedWatches().options);
    const error = await failureOf(t, client.watch({targets, ...asked}));
    t.like(error, {code: 'INVALID_ARGUMENT', reason: 'INVALID_OPTION', domain: 'krusty.cache.v1'});
    t.deepEqual(
      error.violations.map(violation => violation.field),
      [field],
    );
    t.regex(error.message, /allowed: /);
    t.deepEqual(faults, []);
  });
}

contractTest('what the backend refuses is the status of the call, with its reason', async (t, start) => {
  const refusal = CacheError.ofField('MALFORMED_RESUME_TOKEN', 'resume_token', 'is not one of ours');
  const {client, faults} = await start(
    withOperations({
      watch: () => {
        throw refusal;
      },
    }),
  );
  const error = await failureOf(t, client.watch({targets}));
  t.like(error, {code: 'INVALID_ARGUMENT', reason: 'MALFORMED_RESUME_TOKEN', message: refusal.message});
  t.is(error.violations[0]?.field, 'resume_token');
  t.deepEqual(faults, []);
});

contractTest('a watch that fails later gives its messages first, then its status', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const messages = client.watch({targets});
  const {sink} = await watches.next();
  sink.write({resumeToken: '1.5', news: {kind: 'draining'}});
  sink.end(new CacheError('DRAINING', 'the server is going away'));
  t.is((await messages.next())?.resumeToken, '1.5');
  t.like(await failureOf(t, messages), {code: 'UNAVAILABLE', reason: 'DRAINING'});
});

contractTest('a watch that ends without a failure is a clean end', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const messages = client.watch({targets});
  const watch = await watches.next();
  watch.sink.write(bookmark(1));
  watch.sink.end();
  t.truthy(await messages.next());
  t.is(await messages.next(), undefined);
  t.is(watch.closes, 1);
});

contractTest('the watch of a client whose process is gone is over', async (t, start) => {
  const watches = new PlayedWatches();
  const {address} = await start(watches.options);
  const relay = await startRelay(t, address);
  const client = createTestClient(relay.address);
  t.teardown(client.close);
  const messages = client.watch({targets});
  const watch = await watches.next();
  watch.sink.write(bookmark(1));
  t.truthy(await messages.next());
  relay.vanish();
  await watch.over;
  t.is(watch.closes, 1);
});

contractTest('a watch that ends as it begins is told so once', async (t, start) => {
  let closes = 0;
  const watcher: Watcher = {drained: () => undefined, closed: () => void closes++};
  const {client} = await start(
    withOperations({
      watch: (_request, sink) => {
        sink.write(bookmark(1));
        sink.end(new CacheError('POSITION_GONE', 'it is gone'));
        return watcher;
      },
    }),
  );
  const messages = client.watch({targets});
  t.truthy(await messages.next());
  t.like(await failureOf(t, messages), {code: 'OUT_OF_RANGE', reason: 'POSITION_GONE'});
  t.is(closes, 1);
});

contractTest('a fault as a watch begins is "internal error"', async (t, start) => {
  const fault = new Error('a secret');
  const {client, faults} = await start(
    withOperations({
      watch: () => {
        throw fault;
      },
    }),
  );
  t.like(await failureOf(t, client.watch({targets})), {code: 'INTERNAL', message: 'internal error'});
  t.deepEqual(faults, [fault]);
});

contractTest('a fault in a message ends its stream and is not thrown at the backend', async (t, start) => {
  const watches = new PlayedWatches();
  const {client, faults} = await start(watches.options);
  const messages = client.watch({targets});
  const watch = await watches.next();
  t.false(watch.sink.write(bookmark(0.5)));
  t.is(watch.closes, 1);
  t.like(await failureOf(t, messages), {code: 'INTERNAL', message: 'internal error'});
  t.is(faults.length, 1);
});

const messageBytes = 10_000;

/** Writes messages while the stream takes them, now and whenever it does again, `most` in all. */
class Filler {
  readonly #watch: PlayedWatch;
  readonly #most: number;
  written = 0;

  constructor(watch: PlayedWatch, most: number) {
    this.#watch = watch;
    this.#most = most;
    watch.onDrained = () => this.#fill();
    this.#fill();
  }

  #fill(): void {
    while (this.written < this.#most) {
      const message = bookmark(++this.written, 'x'.repeat(messageBytes - 10));
      if (!this.#watch.sink.write(message)) return;
    }
  }
}

/** Waits until the server has stopped writing: other calls come and go, and it has written no more. */
async function stalled(filler: Filler, client: TestClient): Promise<void> {
  for (let before = -1; before !== filler.written; ) {
    before = filler.written;
    for (let call = 0; call < 3; call++) await client.checkHealth();
  }
}

async function readBookmarks(messages: Received<unknown>, count: number): Promise<unknown[]> {
  const all: unknown[] = [];
  while (all.length < count) all.push(await messages.next());
  return all;
}

function bookmarks(count: number): unknown[] {
  return Array.from({length: count}, (_, index) => ({
    resumeToken: 'x'.repeat(messageBytes - 10),
    message: {$case: 'bookmark', value: {revision: BigInt(index + 1)}},
  }));
}

contractTest('a client that does not read stops the writer; all comes when it reads', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const call = client.unreadWatch({targets});
  const watch = await watches.next();
  const filler = new Filler(watch, 2000);
  t.true(filler.written > 1, 'it takes more than one');
  t.true((filler.written - 1) * messageBytes < limits.streamQueueBytesMost, 'and one may pass the bound');
  await stalled(filler, client);
  // Besides the bound, what HTTP/2 lets through unread and the client keeps.
  t.true(filler.written * messageBytes < limits.streamQueueBytesMost + 700_000, `${filler.written} written`);
  const messages = call.read();
  t.deepEqual(await readBookmarks(messages, 2000), bookmarks(2000));
  t.true(watch.drains > 10);
  watch.sink.end();
  t.is(await messages.next(), undefined);
});

contractTest('one client that does not read holds up no other, on the same connection', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  client.unreadWatch({targets});
  const filler = new Filler(await watches.next(), 2000);
  await stalled(filler, client);
  const messages = client.watch({targets});
  const other = new Filler(await watches.next(), 500);
  t.deepEqual(await readBookmarks(messages, 500), bookmarks(500));
  t.is(other.written, 500);
});

contractTest('a watch fails though its client does not read, which learns of it when it does', async (t, start) => {
  const watches = new PlayedWatches();
  const {client} = await start(watches.options);
  const call = client.unreadWatch({targets});
  const watch = await watches.next();
  const filler = new Filler(watch, 2000);
  await stalled(filler, client);
  const {drains} = watch;
  watch.sink.end(new CacheError('POSITION_GONE', 'the history has passed it'));
  t.is(watch.closes, 1);
  t.false(watch.sink.write(bookmark(1)));
  const messages = call.read();
  t.deepEqual(await readBookmarks(messages, filler.written), bookmarks(filler.written));
  t.like(await failureOf(t, messages), {code: 'OUT_OF_RANGE', reason: 'POSITION_GONE'});
  t.is(watch.closes, 1);
  t.is(watch.drains, drains, 'nothing is asked for after the end');
});

contractTest('a fault when the stream takes messages again ends it', async (t, start) => {
  const watches = new PlayedWatches();
  const {client, faults} = await start(watches.options);
  const call = client.unreadWatch({targets});
  const watch = await watches.next();
  const filler = new Filler(watch, 2000);
  await stalled(filler, client);
  const fault = new Error('a secret');
  watch.onDrained = () => {
    throw fault;
  };
  const messages = call.read();
  t.deepEqual(await readBookmarks(messages, filler.written), bookmarks(filler.written));
  t.like(await failureOf(t, messages), {code: 'INTERNAL', message: 'internal error'});
  t.deepEqual(faults, [fault]);
});

for (const reads of [true, false]) {
  contractTest(`a cancelled watch is over, ${reads ? 'as its client reads' : 'unread'}`, async (t, start) => {
    const watches = new PlayedWatches();
    const {client, faults} = await start(watches.options);
    const call = client.unreadWatch({targets});
    const watch = await watches.next();
    if (reads) {
      const messages = call.read();
      watch.sink.write(bookmark(1));
      await messages.next();
    } else {
      await stalled(new Filler(watch, 2000), client);
    }
    const {drains} = watch;
    call.cancel();
    await watch.over;
    t.false(watch.sink.write(bookmark(2)));
    watch.sink.end(new Error('too late to be told'));
    await client.checkHealth();
    t.is(watch.closes, 1);
    t.is(watch.drains, drains);
    t.deepEqual(faults, []);
  });
}

contractTest('a watch is over when its connection is', async (t, start) => {
  const watches = new PlayedWatches();
  const {client, transport} = await start(watches.options);
  const messages = client.watch({targets});
  const watch = await watches.next();
  watch.sink.write(bookmark(1));
  await messages.next();
  await transport.close(0);
  await watch.over;
  t.is(watch.closes, 1);
  await failureOf(t, messages);
});
