/** What a run leaves to be judged: what was done to the cache, and what each watcher asked for and received. */
import type {WatchMessage, WatchRequest} from '../../src/cache/index.js';
import type {History} from './history.js';

/** From a start of the server to its end. */
export interface Life {
  history: History;
  /** Of the ring. */
  historyBytes: number;
  historyKeepsPrevious: boolean;
  /** Other threads go on writing while something is sent: a moment then is one soon after it was made. */
  isShared?: boolean;
}

/** How things stood in the server when something came. */
export interface Moment {
  /** Of the last change. */
  revision: number;
  /** Of the last change that the ring had given up. */
  trimmedRevision: number;
  wallMs: number;
  /** When the turn began in which it was made. */
  turnWallMs: number;
}

export interface Receipt {
  message: WatchMessage;
  moment: Moment;
}

/** One connection of a watcher. */
export interface Session {
  /** Which life of the server. */
  life: number;
  request: WatchRequest;
  /** The message whose token the request gives back, in an earlier connection. */
  from?: {session: number; receipt: number};
  begun: Moment;
  receipts: Receipt[];
  /** The server ended it, or refused it. */
  ended?: {reason?: string; moment: Moment};
  /** The server was told to stop while it was open. */
  stopped?: boolean;
  /** It was still open at the end of the run, when all that was left to send had been sent. */
  ranDry?: Moment;
}

export interface Transcript {
  watcher: string;
  sessions: Session[];
}

/** All that the checker is told. */
export interface RunRecord {
  lives: Life[];
  transcripts: Transcript[];
}
