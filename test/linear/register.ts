/** What one key may do, as far as who asks can tell: a register that numbers its changes. */

/** An operation on the key, with what it was answered. */
export type Done =
  | {do: 'get'; value?: string; revision: number}
  | {do: 'put'; value: string; condition: Condition; stored: boolean; existed: boolean; revision: number}
  | {do: 'delete'; condition: Condition; outcome: 'deleted' | 'notFound' | 'notDeleted'; revision: number}
  | {do: 'increment'; delta: number; initial: number; value: string; revision: number};

export interface Condition {
  ifAbsent?: boolean;
  ifPresent?: boolean;
  ifRevision?: number;
}

export interface Register {
  /** Undefined where there is no entry; its revision is then 0. */
  value?: string;
  revision: number;
  /** The revision of the last change, a removal too. */
  last: number;
}

export const empty: Register = {revision: 0, last: 0};

/** The register behind an operation; undefined where the answer is not one that this register gives. */
export function apply(register: Register, done: Done): Register | undefined {
  const {value, revision, last} = register;
  const exists = value !== undefined;
  const written = (by: {value: string; revision: number}) =>
    by.revision > last ? {value: by.value, revision: by.revision, last: by.revision} : undefined;
  switch (done.do) {
    case 'get':
      return done.value === value && done.revision === revision ? register : undefined;
    case 'put': {
      if (done.existed !== exists || done.stored !== holds(register, done.condition)) return undefined;
      if (done.stored) return written(done);
      return done.revision === revision ? register : undefined;
    }
    case 'delete': {
      const outcome = !exists ? 'notFound' : holds(register, done.condition) ? 'deleted' : 'notDeleted';
      if (done.outcome !== outcome) return undefined;
      if (outcome !== 'deleted') return done.revision === revision ? register : undefined;
      return done.revision > last ? {revision: 0, last: done.revision} : undefined;
    }
    case 'increment': {
      const sum = (exists ? Number(value) : done.initial) + done.delta;
      return done.value === String(sum) ? written(done) : undefined;
    }
  }
}

function holds({value, revision}: Register, {ifAbsent, ifPresent, ifRevision}: Condition): boolean {
  if (ifAbsent) return value === undefined;
  if (ifPresent) return value !== undefined;
  return ifRevision === undefined || (value !== undefined && revision === ifRevision);
}
