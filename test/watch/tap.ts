/**
 * Hears of each change at the moment at which it is numbered, before it is written
 * into the ring: which type, whose key, which revision. What a change holds is not
 * asked here, nor how the ring keeps it and gives it back.
 */
import {ChangeLog} from '../../src/store/change-log.js';
import {type ChangeType, changeTypes, type EvictionLimit, limitNumber} from '../../src/store/change-record.js';

export interface Heard {
  type: ChangeType;
  revision: number;
  /** Its number. */
  namespace: number;
  key: string;
  evictionLimit?: EvictionLimit;
}

type Hear = (change: Heard, log: ChangeLog) => void;

let hear: Hear | undefined;

/** Calls this, and nothing else any more, with each change that this thread makes from now on, in any store. */
export function tapChanges(by: Hear): void {
  hear = by;
}

const {append, appendPut, appendPurge} = ChangeLog.prototype;

ChangeLog.prototype.appendPut = function (...given) {
  const revision = appendPut.apply(this, given);
  const [records, ref] = given;
  const key = Buffer.from(records.key(ref)).toString();
  hear?.({type: 'put', revision, namespace: records.namespace(ref), key}, this);
  return revision;
};

ChangeLog.prototype.append = function (...given) {
  const revision = append.apply(this, given);
  const [type, records, ref, limit] = given;
  const change = {
    type: changeTypes[type] as ChangeType,
    revision,
    namespace: records.namespace(ref),
    key: Buffer.from(records.key(ref)).toString(),
    evictionLimit: limit === limitNumber.entries ? 'entries' : limit === limitNumber.memory ? 'memory' : undefined,
  } as const;
  hear?.(change, this);
  return revision;
};

ChangeLog.prototype.appendPurge = function (namespace, prefix) {
  const revision = appendPurge.call(this, namespace, prefix);
  hear?.({type: 'purge', revision, namespace, key: Buffer.from(prefix).toString()}, this);
  return revision;
};
