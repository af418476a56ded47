/** The load: the Go program in load/, which watches a server and writes to it. One process for each server. */
import {goProgram} from '../lib/go-program.js';
import {startLineChild} from '../lib/line-child.js';

/**
 * How it speaks to a server. `events` watches over HTTP, `health` watches its health; with
 * `etcd-shared` the watchers of a connection share a stream.
 */
export type LoadKind = 'krusty' | 'events' | 'health' | 'etcd' | 'etcd-shared' | 'redis' | 'nats';

export interface Watchers {
  watchers: number;
  connections: number;
  key: string;
  /** Each watches a key of its own, which begins with `key`. */
  ownKeys?: boolean;
}

/** Ends after so many puts or seconds, whichever is given. */
export interface Writes {
  key: string;
  valueBytes: number;
  puts?: number;
  seconds?: number;
  /** Unset: as fast as it goes. */
  perSecond?: number;
  /** How many puts are on their way at once; 1 if unset, which waits for each answer. */
  underWay?: number;
  /** How many keys are written, in turn; each then begins with `key`. */
  keys?: number;
  /** Whether the latency of the events is wanted; only with one put at a time. */
  timed?: boolean;
}

/** What came of them, once every watcher of the key had every event. */
export interface Written {
  puts: number;
  /** Until the last put was answered. */
  writeSeconds: number;
  /** Until the last event was there. */
  seconds: number;
  events: number;
  messages: number;
  longestMessageBytes: number;
  /** If timed: from the begin of the put, the 99th percentile of the watcher for whom that is most. */
  slowestP99Us?: number;
}

/** What came to the stalled watcher, once it read again. */
export interface Resumed {
  events: number;
  gaps: number;
  snapshotEnds: number;
}

/** How keys went that expired under a prefix watch. */
export interface Expired {
  byEvent: number;
  bySnapshot: number;
  events: number;
  gaps: number;
  messages: number;
  longestMessageBytes: number;
  /** Until the last key was gone. */
  seconds: number;
}

/** Each question fails if an event is lost, comes twice or out of order, or a stream ends. */
export interface Load {
  /** Answers when the server has confirmed every watcher. */
  open(watchers: Watchers): Promise<void>;
  /** Writes, and waits until every watcher of the key has every event. */
  write(writes: Writes): Promise<Written>;
  /** Ends all watchers. */
  close(): Promise<void>;
  /** Opens one more watcher, of two keys, and stops reading from its socket. */
  stall(key: string, alsoKey: string): Promise<void>;
  /** Reads from it again, until it knows the last value; then ends it. */
  resume(): Promise<Resumed>;
  /** Watches all keys that begin with `key`, which end in the numbers below `count`. */
  expect(keys: {key: string; count: number; maxMessageBytes: number}): Promise<void>;
  /** Waits until all of those are gone. */
  expired(): Promise<Expired>;
  stop(): Promise<void>;
}

export async function startLoad(kind: LoadKind, address: string, before: string[]): Promise<Load> {
  const program = await goProgram('watch', 'load');
  const child = startLineChild([...before, program, kind, address], {name: `watch-load ${kind}`});
  const ask = <T>(what: string, more: object = {}) => child.ask<T>({do: what, ...more});
  return {
    open: watchers => ask('open', watchers),
    write: writes => ask('write', writes),
    close: () => ask('close'),
    stall: (key, alsoKey) => ask('stall', {key, alsoKey}),
    resume: () => ask('resume'),
    expect: keys => ask('expect', keys),
    expired: () => ask('expired'),
    stop: () => child.stop(),
  };
}
