/**
 * The resume token of a watch: a position that holds for every transport and
 * outlives the stream. Text of digits and letters in base 36:
 *
 *   epoch.revision                            all up to the revision was delivered
 *   epoch.revision.base.keys.position.last.targets    the same within a snapshot: of the
 *                                             state at `base`, what had been listed
 *
 * The epoch is drawn at random for each life of the server, since a new life begins
 * empty. A token is no secret: a forged one only reads from elsewhere.
 */
import {randomBytes} from 'node:crypto';
import {CacheError, limits} from '../base/index.js';

/** How far a snapshot has come. */
export interface SnapshotPosition {
  /** It shows the entries that there were at this revision. */
  base: number;
  /** How many of the single keys have been listed. */
  keys: number;
  /** How far the scan has come; see ScanCursor. */
  position: number;
  revision: number;
}

export interface ResumePosition {
  revision: number;
  snapshot?: SnapshotPosition;
}

/** What a token belongs to. */
export interface TokenScope {
  epoch: string;
  /** Tells the targets of a watch from others. */
  targets: number;
}

export function newEpoch(): string {
  return randomBytes(6).readUIntBE(0, 6).toString(36);
}

export function encodeResumeToken({revision, snapshot}: ResumePosition, {epoch, targets}: TokenScope): string {
  const token = `${epoch}.${revision.toString(36)}`;
  if (!snapshot) return token;
  const numbers = [snapshot.base, snapshot.keys, snapshot.position, snapshot.revision, targets];
  return `${token}.${numbers.map(number => number.toString(36)).join('.')}`;
}

/** The position in a token; `restarted` for one of an earlier life. Throws MALFORMED_RESUME_TOKEN for what none ever gave. */
export function decodeResumeToken(
  token: string,
  scope: TokenScope,
  lastRevision: number,
): ResumePosition | 'restarted' {
  const isWellFormed =
    token.length <= limits.resumeTokenBytesMost && /^[0-9a-z]{1,10}(\.[0-9a-z]{1,11}){1,6}$/.test(token);
  const [epoch, ...texts] = token.split('.');
  const numbers = texts.map(text => Number.parseInt(text, 36));
  if (!isWellFormed || (numbers.length !== 1 && numbers.length !== 6) || !numbers.every(Number.isSafeInteger)) {
    throw malformed('is not one that a watch gave');
  }
  if (epoch !== scope.epoch) return 'restarted';
  const [revision, base, keys, position, last, targets] = numbers as [number, ...number[]];
  if (revision > lastRevision) throw malformed('is of a revision that there has not been yet');
  if (base === undefined) return {revision};
  if (targets !== scope.targets) {
    throw malformed('was given in the middle of a snapshot of other targets; allowed: the same targets and namespace');
  }
  if (base > revision) throw malformed('is not one that a watch gave');
  return {revision, snapshot: {base, keys: keys!, position: position!, revision: last!}};
}

function malformed(what: string): CacheError {
  return CacheError.ofField(
    'MALFORMED_RESUME_TOKEN',
    'resume_token',
    `${what}; allowed: the resume_token of a message as it came, or empty for from now on`,
  );
}
