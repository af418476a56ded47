/** Watchers in step with each other, and what is on its way to them; see watch-hub.ts. */
import type {WatchPlan} from './watch-plan.js';
import type {WatchEvent, WatchMessage} from './watch-types.js';
import type {WatcherState} from './watcher.js';

/** Watchers in step that are shown the same. */
export interface Group {
  plan: WatchPlan;
  watchers: Set<WatcherState>;
  /** Not yet sent. */
  batch: WatchEvent[];
  batchBytes: number;
}

/** A message on its way to the watchers that a group had. */
export interface Delivery {
  group: Group;
  watchers: WatcherState[];
  next: number;
  message: WatchMessage;
  /** The position behind it, and the revision up to which it tells. */
  position: number;
  revision: number;
}
