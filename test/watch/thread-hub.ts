/** The hub of a thread over a store that others write too, made as the cache makes its own. */
import type {Clock} from '../../src/base/index.js';
import type {NamespaceConfig, Watcher, WatchRequest, WatchSink} from '../../src/cache/index.js';
import {Namespaces} from '../../src/cache/namespaces.js';
import type {Schedule} from '../../src/cache/schedule.js';
import {WatchHub} from '../../src/cache/watch-hub.js';
import {EventMaker, planOf} from '../../src/cache/watch-plan.js';
import {noDeadline, type Store} from '../../src/store/index.js';

export interface ThreadHub {
  watch(request: WatchRequest, sink: WatchSink): Watcher;
  wake(): void;
}

export function hubOver(
  store: Store,
  clock: Clock,
  schedule: Schedule,
  configs: readonly NamespaceConfig[],
): ThreadHub {
  const namespaces = new Namespaces(configs);
  const expireTimeMs = (deadlineMs: number) =>
    deadlineMs === noDeadline ? undefined : Math.round(deadlineMs + clock.wallAheadMs());
  const hub = new WatchHub({
    store,
    clock,
    schedule,
    epoch: 'run',
    startTimeMs: clock.wallMicros() / 1000,
    events: new EventMaker(expireTimeMs),
    entryOf: (key, {value, revision, contentType, deadlineMs, sizeBytes}, {namespace, keysOnly}) => ({
      key: Buffer.from(key).toString('utf8'),
      namespace: namespace.name,
      value: value.slice(),
      valueOmitted: keysOnly,
      revision,
      contentType,
      expireTimeMs: expireTimeMs(deadlineMs),
      sizeBytes,
    }),
  });
  return {
    watch: (request, sink) => hub.add(planOf(request, namespaces.find(request.namespace), 64), request, sink),
    wake: () => hub.wake(),
  };
}
