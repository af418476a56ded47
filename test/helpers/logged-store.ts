/** A store that keeps a history of its changes, with keys and values as text; and what its log holds. */

import {next, nextOf, state, stateOf} from '../../src/store/change-ring.js';
import {
  type Change,
  type ChangeLog,
  ChangeReader,
  checkStore,
  handleOf,
  type LoggedEntry,
  type NamespaceLimits,
  type StoreOptions,
} from '../../src/store/index.js';
import {limitsOf, TextStore} from './store-harness.js';
import {text} from './text.js';

export interface LoggedOptions extends Partial<Pick<StoreOptions, 'threads' | 'maxKeyBytes' | 'maxValueBytes'>> {
  bytes?: number;
  keepsPrevious?: boolean;
  namespaces?: Partial<NamespaceLimits>[];
}

/** A change as tests compare it. */
export interface SeenChange extends Omit<Change, 'key' | 'entry' | 'previous'> {
  key: string;
  entry?: SeenEntry;
  previous?: SeenEntry;
}

type SeenEntry = Omit<LoggedEntry, 'value'> & {value: string};

export class LoggedStore extends TextStore {
  readonly log: ChangeLog;
  readonly reader: ChangeReader;

  constructor({bytes = 2 ** 20, keepsPrevious = false, namespaces = [], ...options}: LoggedOptions = {}) {
    super({
      namespaces: limitsOf(namespaces),
      maxKeyBytes: 1024,
      maxValueBytes: 2 ** 20,
      history: {bytes, keepsPrevious},
      ...options,
    });
    this.log = this.store.changeLog!;
    this.reader = new ChangeReader(this.log);
  }

  /** Every change from a position on, or that is left. */
  changes(from = this.log.tail): SeenChange[] {
    const changes: SeenChange[] = [];
    let at = from;
    for (let met = this.reader.meet(at); met === 'change'; met = this.reader.meet(at)) {
      changes.push(seenChange(this.reader.change()));
      at = this.reader.next;
    }
    return changes;
  }

  /** What the work given has added, each change as its type and key. */
  added(work: () => unknown): string[] {
    const from = this.log.head;
    work();
    checkStore(this.store);
    return this.changes(from).map(({type, key}) => `${type} ${key}`);
  }
}

export function seenChange({key, entry, previous, ...rest}: Change): SeenChange {
  return {
    ...rest,
    key: text(key)!,
    ...(entry && {entry: {...entry, value: text(entry.value)!}}),
    ...(previous && {previous: {...previous, value: text(previous.value)!}}),
  };
}

/** Lets the log of a new store begin at a position, a multiple of 8, as if it had come so far. */
export function startRingAt({store, log}: LoggedStore, position: number): void {
  const ring = handleOf(store).changeLog!;
  nextOf(ring)[next.word] = (position % log.sizeBytes) / 4;
  nextOf(ring)[next.left] = 0;
  stateOf(ring)[state.head] = position;
  stateOf(ring)[state.tail] = position;
}
