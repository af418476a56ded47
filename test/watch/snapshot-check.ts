/** What holds of a snapshot: of each entry that it lists, of what it leaves out, and of what the client then knows. */
import type {WatchEvent, WatchRequest} from '../../src/cache/index.js';
import type {Change, History, Phase} from './history.js';
import type {Place, Snapshot} from './place.js';
import type {Replay} from './replay.js';
import type {Moment} from './transcript.js';
import {covers, faultsOfEntry, namespaceOf, wantsType} from './wanted.js';

export interface SnapshotContext {
  place: Place;
  snapshot: Snapshot;
  request: WatchRequest;
  moment: Moment;
}

/** What is wrong with a listed entry: it was in force at some moment between what was delivered last and now. */
export function faultsOfListed(
  {type, key, revision, entry, previous}: WatchEvent,
  history: History,
  {place, snapshot, request, moment}: SnapshotContext,
): string[] {
  const faults: string[] = [];
  if (type !== 'put' || !entry || previous) faults.push('it is no PUT of an entry alone');
  if (!covers(request, key)) faults.push('its key was not asked for');
  // Who does not hear of puts may see the key again, as it was put meanwhile.
  const mostRevision = wantsType(request, 'put') ? 0 : revision - 1;
  if ((snapshot.listed.get(key) ?? 0) > mostRevision) faults.push('its key was listed already');
  const isTouched = snapshot.touched.get(key) === revision && !snapshot.listed.has(key);
  if (isTouched) faults.push('a touch of it came before it');
  if (!entry) return faults;
  if (entry.revision !== revision) faults.push(`its entry has the revision ${entry.revision}`);
  if (revision > snapshot.from && wantsType(request, 'put')) faults.push('its put comes among the changes');
  if ((entry.expireTimeMs ?? Number.POSITIVE_INFINITY) <= moment.turnWallMs) faults.push('it is past its deadline');
  const phases = history.phasesOf(namespaceOf(request), key).filter(phase => phase.revision === revision);
  if (phases.length === 0) return [...faults, 'no such entry was put'];
  const inForce = phases.filter(({from, until}) => from <= moment.revision && until > place.upTo);
  if (inForce.length === 0) {
    faults.push(
      `it was no longer there: it was gone at ${phases.at(-1)!.until}, and all was delivered up to ${place.upTo}`,
    );
  }
  const faultsOfPhase = (phase: Phase) =>
    faultsOfEntry(entry, phase, {request, key, value: request.keysOnly ? 'omitted' : 'there'});
  const each = (inForce.length > 0 ? inForce : phases).map(faultsOfPhase);
  if (!each.some(found => found.length === 0)) faults.push(...each[0]!);
  return faults;
}

/**
 * Whether a change need not be delivered. That of a deadline alone, if the entry is
 * still to be listed: it then comes with its new one.
 */
export function mayLeaveOut(
  {type, key, entry}: Change,
  snapshot: Snapshot | undefined,
  request: WatchRequest,
): boolean {
  if (!snapshot || type !== 'touch') return false;
  if ((snapshot.listed.get(key) ?? 0) >= entry!.revision) return false;
  return entry!.revision <= snapshot.from || !wantsType(request, 'put');
}

/** The keys that a snapshot which ends at this revision has to list, and does not. */
export function missingAtEnd(
  history: History,
  revision: number,
  {snapshot, request, moment}: SnapshotContext,
): string[] {
  const namespace = namespaceOf(request);
  const standing = [...history.stateAt(namespace, revision)].filter(([key]) => covers(request, key));
  return standing.flatMap(([key, phase]) => {
    if (isDead(phase, moment) || snapshot.listed.has(key)) return [];
    const wasThere = wantsType(request, 'put')
      ? phase.revision <= snapshot.from
      : isThroughout(history.phasesOf(namespace, key), snapshot.from, revision);
    return wasThere ? [key] : [];
  });
}

/** Whether what a client knows is what was in force at a revision. */
export function faultsOfReplay(
  {entries}: Replay,
  history: History,
  {request, revision, moment}: {request: WatchRequest; revision: number; moment: Moment},
): string[] {
  const faults: string[] = [];
  const state = history.stateAt(namespaceOf(request), revision);
  for (const [key, phase] of state) {
    if (!covers(request, key) || isDead(phase, moment) || entries.has(key)) continue;
    faults.push(`the client does not have "${key}", which is there at ${revision}`);
  }
  for (const [key, entry] of entries) {
    const phase = state.get(key);
    if (!phase) faults.push(`the client has "${key}", which is not there at ${revision}`);
    const wrong = phase ? faultsOfEntry(entry, phase, {request, key, value: 'either'}) : [];
    faults.push(...wrong.map(fault => `what the client has of "${key}" at ${revision}: ${fault}`));
  }
  return faults;
}

/** It is still to be removed, and nobody is shown it any more. */
function isDead({expireTimeMs}: Phase, {wallMs}: Moment): boolean {
  return expireTimeMs !== undefined && expireTimeMs <= wallMs;
}

/** Whether some entry was there under a key at each revision from one to another. */
function isThroughout(phases: readonly Phase[], from: number, to: number): boolean {
  let reached = from;
  for (const phase of phases) if (phase.from <= reached) reached = Math.max(reached, phase.until);
  return reached > to;
}
