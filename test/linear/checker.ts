/**
 * Judges what several threads did at the same time: whether each operation can have
 * taken effect at one moment between its call and its return (linearizability,
 * Herlihy and Wing 1990), each key for itself.
 *
 * The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993): of
 * the operations that come next in their threads, each that was called before any of
 * them had returned may be the first to take effect. What has been reached once, the
 * same operations done and the same register left, is not tried again, as Lowe has it
 * ("Testing for linearizability", 2017). A thread does one thing after another, so what
 * is done is a number for each thread.
 */
import {apply, type Done, empty, type Register} from './register.js';

/** By a clock that all threads share. */
export interface Operation {
  key: string;
  called: number;
  returned: number;
  done: Done;
}

/** The operations of each thread, in its order; answers what is wrong, in words. */
export function checkHistory(threads: readonly (readonly Operation[])[]): string[] {
  const keys = new Set(threads.flat().map(({key}) => key));
  const faults = [...keys].flatMap(key => checkKey(threads.map(each => each.filter(done => done.key === key))) ?? []);
  return [...faults, ...checkNumbering(threads.flat())];
}

interface Reached {
  /** How many operations of each thread have taken effect. */
  counts: readonly number[];
  register: Register;
}

/** Undefined if the operations on one key can be explained. */
function checkKey(threads: readonly (readonly Operation[])[]): string | undefined {
  const start: Reached = {counts: threads.map(() => 0), register: empty};
  const seen = new Set([nameOf(start)]);
  const stack = [start];
  let furthest = start;
  for (let at = stack.pop(); at; at = stack.pop()) {
    if (sum(at.counts) > sum(furthest.counts)) furthest = at;
    if (at.counts.every((count, thread) => count === threads[thread]!.length)) return undefined;
    for (const next of stepsFrom(at, threads)) {
      const name = nameOf(next);
      if (!seen.has(name)) stack.push(next);
      seen.add(name);
    }
  }
  return explain(furthest, threads);
}

function stepsFrom({counts, register}: Reached, threads: readonly (readonly Operation[])[]): Reached[] {
  const nexts = threads.map((each, thread) => each[counts[thread]!]);
  const firstReturn = Math.min(...nexts.map(next => next?.returned ?? Number.POSITIVE_INFINITY));
  return nexts.flatMap((next, thread) => {
    if (!next || next.called > firstReturn) return [];
    const after = apply(register, next.done);
    return after ? [{counts: counts.with(thread, counts[thread]! + 1), register: after}] : [];
  });
}

/** Changes are numbered over all keys: one that had returned before another was called has the lower number. */
function checkNumbering(operations: readonly Operation[]): string[] {
  const changes = operations.filter(({done}) => isChange(done));
  changes.sort((one, other) => other.done.revision - one.done.revision);
  let before: Operation | undefined;
  /** Of those with higher numbers, the first that returned. */
  let first: Operation | undefined;
  for (const change of changes) {
    if (before?.done.revision === change.done.revision) return [`${show(before)} has the number of ${show(change)}`];
    if (first && first.returned < change.called) return [`${show(first)} had returned before ${show(change)}`];
    if (!first || change.returned < first.returned) first = change;
    before = change;
  }
  return [];
}

function isChange(done: Done): boolean {
  if (done.do === 'put') return done.stored;
  return done.do === 'increment' || (done.do === 'delete' && done.outcome === 'deleted');
}

/** How far it could be explained, and what should have come next. */
function explain({counts, register}: Reached, threads: readonly (readonly Operation[])[]): string {
  const nexts = threads.flatMap((each, thread) => {
    const next = each[counts[thread]!];
    return next ? [`  thread ${thread}: ${show(next)}`] : [];
  });
  const key = threads.flat()[0]!.key;
  const done = sum(counts);
  return [
    `"${key}" cannot be explained behind ${done} operations, when it is ${JSON.stringify(register)}:`,
    ...nexts,
  ].join('\n');
}

function show({key, called, returned, done}: Operation): string {
  return `"${key}" ${JSON.stringify(done)} from ${called} to ${returned}`;
}

function nameOf({counts, register: {value, revision, last}}: Reached): string {
  return `${counts.join()} ${value} ${revision} ${last}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
