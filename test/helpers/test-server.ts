/**
 * Servers for tests, on a free port, ended with their test.
 *
 * startServer is what users start. startParts puts the same rooms together by hand,
 * with what no user may choose: the clock, the backend, where faults are logged.
 *
 * With KRUSTY_TEST_THREADS=N both are servers of so many threads (see other-threads.ts).
 */
import type {ExecutionContext} from 'ava';
import type {Clock} from '../../src/base/index.js';
import {Cache, reserveCache} from '../../src/cache/index.js';
import {createServer, type RunningServer, type ServerOptions, type Transport} from '../../src/server/index.js';
import {ManualClock} from './manual-clock.js';
import {OtherThreads} from './other-threads.js';
import {assembleParts, type CachePartsOptions, cacheOptionsOf, type PartsOptions, type ServiceParts} from './parts.js';
import {spreadClient} from './spread-client.js';
import {createTestClient, type TestClient} from './test-client.js';

export {createTransport, image, type PartsOptions} from './parts.js';

export const testThreads = Number(process.env.KRUSTY_TEST_THREADS ?? 1);

let lastStart: Promise<unknown> = Promise.resolve();

/**
 * Starts of several threads, one behind the other: all tests of a file begin at once,
 * and clients that get no processor for ten seconds are cut off.
 */
async function inTurn<T>(start: () => Promise<T>): Promise<T> {
  if (testThreads === 1) return start();
  const started = lastStart.then(start);
  lastStart = started.catch(() => {});
  return started;
}

export interface TestServer {
  client: TestClient;
  server: RunningServer;
}

let kindOfFile: 'startServer' | 'startParts' | undefined;

/**
 * A file has several threads from one of the two. The threads of startServer accept
 * connections and open files whenever they like, and so take the number of a descriptor
 * that those of startParts leave to each other.
 */
function haveThreadsFrom(kind: 'startServer' | 'startParts'): void {
  kindOfFile ??= kind;
  if (kindOfFile !== kind) throw new Error(`this file has several threads from ${kindOfFile}, not ${kind}`);
}

/** A server as users start it. */
export async function startServer(t: ExecutionContext, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const {threads = testThreads} = options;
  if (threads > 1) haveThreadsFrom('startServer');
  const server = await inTurn(() => createServer({port: 0, threads, ...options}));
  const client = createTestClient(server.address);
  t.teardown(async () => {
    client.close();
    await server.close();
  });
  return {client, server};
}

export interface Parts extends ServiceParts {
  client: TestClient;
  cache: Cache;
  clock: ManualClock;
  /** Where it listens, as `host:port`. */
  address: string;
  /** What was logged as a fault of the server. */
  faults: unknown[];
}

/** A server whose clock stands still until the test moves it. */
export async function startParts(
  t: ExecutionContext,
  transportName: Transport,
  options: PartsOptions = {},
): Promise<Parts> {
  const reason = options.oneThread ?? (options.backend || options.stats ? 'what it serves is made by the test' : '');
  if (testThreads > 1 && reason === '') {
    haveThreadsFrom('startParts');
    return inTurn(() => startThreadedParts(t, transportName, options));
  }
  logOneThread(t, reason);
  const clock = new ManualClock();
  const cache = createTestCache(clock, options);
  const faults: unknown[] = [];
  const parts = assembleParts(transportName, cache, fault => void faults.push(fault), options);
  const address = `127.0.0.1:${await parts.port.listen('127.0.0.1', 0)}`;
  const client = createTestClient(address);
  t.teardown(async () => {
    client.close();
    await parts.port.close(0);
  });
  return {...parts, client, cache, clock, address, faults};
}

/** Says why a test is of one thread where it could have several, for tools/test-threads.mjs to count. */
export function logOneThread(t: ExecutionContext, reason: string): void {
  if (testThreads > 1) t.log(`one thread: ${reason}`);
}

export function createTestCache(clock: Clock, options: CachePartsOptions = {}): Cache {
  return new Cache(cacheOptionsOf(clock, options));
}

/** The same on several threads: that of the test is one of them, and what it returns stands for all. */
async function startThreadedParts(
  t: ExecutionContext,
  transportName: Transport,
  options: PartsOptions,
): Promise<Parts> {
  const clock = new ManualClock();
  const cacheOptions = cacheOptionsOf(clock, options);
  const handle = reserveCache({...cacheOptions, threads: testThreads});
  const faults: unknown[] = [];
  const logFault = (fault: unknown) => void faults.push(fault);
  const task = {transportName, handle, options, clock, logFault};
  const others = new OtherThreads(task);
  const cache = others.cacheOfAll(new Cache(cacheOptions, {handle, thread: 0}), cacheOptions);
  const here = assembleParts(transportName, cache, logFault, {...options, stats: () => others.allStats()});
  const {port, next} = await here.port.listenFirst({host: '127.0.0.1', port: 0, way: 'descriptor'});
  await others.start(task, next);
  const parts = others.partsOfAll(here);
  const client = spreadClient(`127.0.0.1:${port}`, 2 * testThreads);
  t.teardown(async () => {
    client.close();
    await parts.port.close(0);
    others.end();
  });
  return {...parts, client, cache, clock: others.clockOfAll(clock), address: client.address, faults};
}
