/**
 * Replays changes in the order of their revisions: each must be possible after those
 * before it, so that whoever follows the log knows what there is. Answers what was
 * not, and what there is in the end.
 */
import type {Met, MetEntry} from '../store/change-log-worker.js';

export function replay(changes: readonly Met[]): {faults: string[]; entries: Map<string, MetEntry>} {
  const entries = new Map<string, MetEntry>();
  const faults: string[] = [];
  for (const change of changes) {
    const fault = apply(change, entries);
    if (fault) faults.push(`${fault}: ${JSON.stringify(change)}`);
  }
  return {faults, entries};
}

/** Answers what is wrong. */
function apply({type, key, entry, previous}: Met, entries: Map<string, MetEntry>): string | undefined {
  const before = entries.get(key);
  switch (type) {
    case 'put':
      entries.set(key, entry!);
      return previous?.revision === before?.revision ? undefined : `replaces another than ${before?.revision}`;
    case 'touch':
      if (before?.revision !== entry!.revision) return `touches another than ${before?.revision}`;
      entries.set(key, {...before, deadlineMs: entry!.deadlineMs});
      return undefined;
    case 'purge':
      for (const each of entries.keys()) if (each.startsWith(key)) entries.delete(each);
      return undefined;
    default:
      entries.delete(key);
      return same(previous!, before) ? undefined : `removes another than ${JSON.stringify(before)}`;
  }
}

function same(one: MetEntry, other: MetEntry | undefined): boolean {
  return one.revision === other?.revision && one.sum === other.sum && one.deadlineMs === other.deadlineMs;
}
