/** From the command line of a watch to what it asks the server for. */
import {limits} from '../../src/base/index.js';
import {EventType} from '../../src/gen/krusty/cache/v1/entry.js';
import {WatchRequest, type WatchTarget} from '../../src/gen/krusty/cache/v1/watch.js';
import {durationOfMs} from './arguments.js';
import {usageError} from './errors.js';
import {quote} from './text.js';
import {eventName} from './watch-json.js';

/** The flags that the server is told of. One that is not given may be undefined, whatever oclif's types say. */
export interface WatchFlags {
  namespace?: string | undefined;
  prefix?: readonly string[] | undefined;
  all: boolean;
  initial: boolean;
  from?: string | undefined;
  events?: string | undefined;
  'keys-only': boolean;
  previous: boolean;
}

export function watchRequest(keys: readonly string[], flags: WatchFlags): WatchRequest {
  return WatchRequest.create({
    targets: targetsOf(keys, [...(flags.prefix ?? []), ...(flags.all ? [''] : [])]),
    namespace: flags.namespace,
    resumeToken: flags.from,
    initialState: flags.initial,
    eventTypes: parseEventTypes(flags.events),
    keysOnly: flags['keys-only'],
    includePrevious: flags.previous,
    bookmarkInterval: durationOfMs(limits.bookmarkMsDefault),
  });
}

function targetsOf(keys: readonly string[], prefixes: readonly string[]): WatchTarget[] {
  const targets = [...keys.map(key => ({key})), ...prefixes.map(prefix => ({key: '', prefix}))];
  if (targets.length === 0) throw usageError('what to watch? Allowed: KEYs, --prefix PREFIX, or --all');
  return targets;
}

/** What is watched, in a few words. */
export function targetWords(targets: readonly WatchTarget[]): string {
  if (targets.some(({prefix}) => prefix === '')) return 'every key';
  const [first, ...others] = targets;
  if (!first || others.length > 0) return `${targets.length} keys and prefixes`;
  return first.prefix === undefined ? quote(first.key) : `every key that begins with ${quote(first.prefix)}`;
}

const eventTypes = new Map(
  Object.values(EventType)
    .filter(type => type > EventType.EVENT_TYPE_UNSPECIFIED)
    .map(type => [eventName(type).toLowerCase(), type]),
);

function parseEventTypes(text: string | undefined): EventType[] {
  if (text === undefined) return [];
  return text.split(',').map(name => {
    const type = eventTypes.get(name.trim().toLowerCase());
    if (type === undefined) {
      throw usageError(
        `--events ${quote(text)} is not allowed; allowed: ${[...eventTypes.keys()].join(', ')}; several with commas`,
      );
    }
    return type;
  });
}
