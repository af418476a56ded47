/**
 * If-Match and If-None-Match on writes, as the conditions of the backend, which checks
 * them with the change itself. So of two clients with the same tag one alone succeeds.
 */
import type {RequestHeaders} from '../transcoding/index.js';
import {parseTags} from './entity-tags.js';
import {headerOf} from './headers.js';
import {Refusal} from './refusal.js';

/** `among`: only if the entry's revision is one of these, of which there may be none. */
export type WriteCondition = 'none' | 'ifAbsent' | 'ifPresent' | {among: readonly number[]};

/** Throws a Refusal for what cannot be checked so. */
export function writeConditionOf(headers: RequestHeaders): WriteCondition {
  const ifMatch = headerOf(headers, 'if-match');
  const ifNoneMatch = headerOf(headers, 'if-none-match');
  if (ifMatch === undefined && ifNoneMatch === undefined) return 'none';
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new Refusal('INVALID_CONDITION', 'If-Match and If-None-Match are both set; allowed: one of them');
  }
  if (ifMatch !== undefined) {
    const tags = parseTags(ifMatch, 'If-Match', false);
    return tags === 'any' ? 'ifPresent' : {among: tags};
  }
  if (ifNoneMatch === '*') return 'ifAbsent';
  throw new Refusal('INVALID_CONDITION', 'allowed where a value is stored: *', {field: 'If-None-Match'});
}

/** What no entry's revision is: a revision stays below 2^53. */
const noRevision = Number.MAX_SAFE_INTEGER;

/**
 * Tries a write with one revision of the list after the other, beginning with the
 * newest: each attempt answers the revision that stands. One that was overtaken never
 * comes back, so there are no more attempts than revisions, and one. Answers the last.
 */
export async function writeAmong<A extends {revision: number}>(
  revisions: readonly number[],
  attempt: (ifRevision: number) => Promise<A>,
  isDone: (answer: A) => boolean,
): Promise<A> {
  let tried = revisions.length === 0 ? noRevision : Math.max(...revisions);
  for (;;) {
    const answer = await attempt(tried);
    if (isDone(answer) || answer.revision === tried || !revisions.includes(answer.revision)) return answer;
    tried = answer.revision;
  }
}
