/**
 * Watching, as `rpc` asks for it and is answered: what to follow, the messages that
 * come, and the stream that takes them. Times and revisions are as in backend.ts.
 */
import type {ChangeType, EvictionLimit} from '../store/index.js';
import type {Entry} from './backend.js';

/** Exactly one of the two is set. An empty prefix means every key. */
export interface WatchTarget {
  key?: string;
  prefix?: string;
}

export interface WatchRequest {
  targets: readonly WatchTarget[];
  namespace: string;
  /** Empty: from now on. */
  resumeToken: string;
  initialState: boolean;
  /** Empty: all. */
  eventTypes: readonly ChangeType[];
  keysOnly: boolean;
  includePrevious: boolean;
  bookmarkIntervalMs?: number;
  onGap: 'resync' | 'fail';
  /** 0 means the default. */
  maxResponseBytes: number;
}

export type GapReason = 'slowReader' | 'trimmed' | 'restarted';

/** One change, or one entry of a snapshot. Shared by all watchers that want it in the same shape. */
export interface WatchEvent {
  type: ChangeType;
  revision: number;
  /** Of a purge, the prefix. */
  key: string;
  /** After a put or a touch. */
  entry?: Entry;
  previous?: Entry;
  /** It was already there. */
  listed: boolean;
  evictionLimit?: EvictionLimit;
  /** Kept by whoever encodes it first. */
  encoded?: Uint8Array;
}

/** What a message says. */
export type WatchNews =
  | {kind: 'created'; revision: number}
  | {kind: 'events'; events: readonly WatchEvent[]}
  | {kind: 'snapshotEnd'; revision: number}
  | {kind: 'bookmark'; revision: number}
  | {kind: 'gap'; reason: GapReason}
  | {kind: 'draining'};

/** One message; the same object goes to every watcher that gets the same. */
export interface WatchMessage {
  resumeToken: string;
  news: WatchNews;
  /** Kept by whoever encodes it first. */
  encoded?: Uint8Array;
}

/** The stream that takes the messages of one watch. */
export interface WatchSink {
  /** False: nothing more before `drained` is called. */
  write(message: WatchMessage): boolean;
  /** Ends the stream, with an error if one is given. */
  end(failure?: unknown): void;
}

/** A watch that was begun. */
export interface Watcher {
  /** The sink takes messages again. */
  drained(): void;
  /** The stream is over. */
  closed(): void;
}

/** The history of changes, and those who follow it. */
export interface WatchStats {
  historyBytes: number;
  /** Since when the history knows every change, in milliseconds since 1970. */
  historyStartMs: number;
  trims: number;
  watchers: number;
  eventsDelivered: number;
  slowestLagRevisions: number;
  slowestLagBytes: number;
  resyncs: number;
  cancels: number;
}

export interface ExplainAnswer {
  /** The last change that the history holds, if it holds one. */
  change?: {
    type: ChangeType;
    revision: number;
    changeTimeMs: number;
    evictionLimit?: EvictionLimit;
    /** Of a purge. */
    purgePrefix?: string;
  };
  /** Since when the history knows every change, in milliseconds since 1970. */
  historyStartMs: number;
  present: boolean;
}
