/** What a watch asks for: which changes, and what each event of them has to say. */
import type {Entry, WatchEvent, WatchRequest} from '../../src/cache/index.js';
import type {Change, Content} from './history.js';
import type {Life} from './transcript.js';

const recordShareMost = 1 / 16;
const recordHeaderBytes = 52;
/** What an entry takes in a message besides its value, key and content type, at most. */
const eventHeaderBytesMost = 300;
const responseBytesDefault = 4_000_000;

/** Whether a change is one that the watcher wants to hear of. */
export function wants(request: WatchRequest, {type, namespace, key}: Change): boolean {
  if (namespace !== namespaceOf(request) || !wantsType(request, type)) return false;
  return type === 'purge' ? overlaps(request, key) : covers(request, key);
}

export function wantsType({eventTypes}: WatchRequest, type: Change['type']): boolean {
  return eventTypes.length === 0 || eventTypes.includes(type);
}

export function namespaceOf({namespace}: WatchRequest): string {
  return namespace || 'default';
}

/** Whether a key is among the targets. */
export function covers({targets}: WatchRequest, key: string): boolean {
  return targets.some(target => (target.prefix === undefined ? key === target.key : key.startsWith(target.prefix)));
}

/** The size that no message may reach with more than one event. */
export function messageBytesMost({maxResponseBytes}: WatchRequest): number {
  return maxResponseBytes || responseBytesDefault;
}

/** Whether a purge may concern a target. */
function overlaps({targets}: WatchRequest, purged: string): boolean {
  return targets.some(({key, prefix}) =>
    prefix === undefined ? key!.startsWith(purged) : prefix.startsWith(purged) || purged.startsWith(prefix),
  );
}

/** What is wrong with the event of a change. */
export function faultsOfEvent(event: WatchEvent, change: Change, request: WatchRequest, life: Life): string[] {
  const faults: string[] = [];
  const same = (what: string, has: unknown, should: unknown) => {
    if (has !== should) faults.push(`its ${what} is ${has} instead of ${should}`);
  };
  same('type', event.type, change.type);
  same('key', event.key, change.key);
  same('eviction limit', event.evictionLimit, change.evictionLimit);
  const fits = fitsIntoHistory(change, life);
  const {entry, previous} = partsOf(change, request, life);
  const together = bytesOf(entry, change.key) + bytesOf(previous, change.key);
  for (const [name, has, should] of [
    ['entry', event.entry, entry],
    ['previous entry', event.previous, previous],
  ] as const) {
    if (!has || !should) {
      if (has || should) faults.push(`its ${name} is ${has ? 'there' : 'missing'}`);
      continue;
    }
    const omits = request.keysOnly || (name === 'entry' && change.type === 'touch');
    // Of two values that do not fit into a message together, it is the previous one that is left out.
    const crowds = name === 'previous entry' && together > messageBytesMost(request) - 2 * eventHeaderBytesMost;
    const value = omits ? 'omitted' : fits && !crowds ? 'there' : 'either';
    faults.push(...faultsOfEntry(has, should, {request, key: change.key, value}).map(fault => `its ${name}: ${fault}`));
  }
  return faults;
}

/** What is wrong with an entry, compared with what stood in the store. */
export function faultsOfEntry(
  entry: Entry,
  content: Content,
  {request, key, value}: {request: WatchRequest; key: string; value: 'there' | 'omitted' | 'either'},
): string[] {
  const faults: string[] = [];
  const same = (what: string, has: unknown, should: unknown) => {
    if (has !== should) faults.push(`the ${what} is ${has} instead of ${should}`);
  };
  same('key', entry.key, key);
  same('namespace', entry.namespace, namespaceOf(request));
  same('revision', entry.revision, content.revision);
  same('content type', entry.contentType, content.contentType);
  same('expire time', entry.expireTimeMs, content.expireTimeMs);
  const tooLarge = bytesOf(content, key) > messageBytesMost(request) - eventHeaderBytesMost;
  if (value === 'omitted') same('flag value_omitted', entry.valueOmitted, true);
  if (value === 'there' && !tooLarge) same('flag value_omitted', entry.valueOmitted, false);
  if (entry.valueOmitted) same('size of the value left out', entry.value.length, 0);
  else if (!Buffer.from(content.value).equals(entry.value)) faults.push('the value is wrong');
  return faults;
}

/** Of an entry in a message, but for its fields of fixed size. */
function bytesOf(content: Content | undefined, key: string): number {
  return content ? content.value.length + key.length + content.contentType.length : 0;
}

/** The entries that an event shows. */
export function partsOf({type, entry, previous}: Change, {keysOnly, includePrevious}: WatchRequest, life: Life) {
  if (type === 'put') {
    return {entry, previous: includePrevious && life.historyKeepsPrevious ? previous : undefined};
  }
  if (type === 'touch' || type === 'purge') return {entry, previous: undefined};
  const isOwnCause = type === 'expire' || type === 'evict';
  return {entry: undefined, previous: includePrevious || (isOwnCause && !keysOnly) ? previous : undefined};
}

/** Whether the ring has room for the values: a record over a share of it keeps none. */
function fitsIntoHistory({type, key, entry, previous}: Change, life: Life): boolean {
  const contents = type === 'put' ? [entry, life.historyKeepsPrevious ? previous : undefined] : [entry ?? previous];
  const bytes = contents.reduce(
    (sum, content) => sum + (content ? content.value.length + content.contentType.length : 0),
    recordHeaderBytes + Buffer.byteLength(key),
  );
  return bytes <= life.historyBytes * recordShareMost;
}
