/** How far a stream of messages has come: all that the checker keeps between two of them. */
import {Replay} from './replay.js';

export interface Place {
  /** Which life of the server it has reached: of an earlier one than its connection's, until the gap is told. */
  life: number;
  /** All changes up to this revision were delivered, or need not be. */
  upTo: number;
  /** The snapshot that is under way. */
  snapshot?: Snapshot;
  /** What the client knows, where it knows everything. */
  replay?: Replay;
}

export interface Snapshot {
  /** Entries up to this revision are listed; the tail begins behind it. */
  from: number;
  /** By key, the revisions listed so far. */
  listed: Map<string, number>;
  /** By key, the revisions of entries of which a touch has come before they were listed. */
  touched: Map<string, number>;
}

export function copyOf({life, upTo, snapshot, replay}: Place): Place {
  return {
    life,
    upTo,
    snapshot: snapshot && {
      from: snapshot.from,
      listed: new Map(snapshot.listed),
      touched: new Map(snapshot.touched),
    },
    replay: replay && new Replay(replay),
  };
}
