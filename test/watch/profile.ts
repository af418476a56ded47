/** What kind of run it is: how large ring, limits, keys and values are, and what watchers ask for. */
import type {NamespaceConfig, WatchRequest, WatchTarget} from '../../src/cache/index.js';
import type {ChangeType} from '../../src/store/index.js';
import type {Random} from '../helpers/random.js';

export interface Profile {
  name: 'small' | 'wide' | 'large';
  historyBytes: number;
  historyKeepsPrevious: boolean;
  namespaces: readonly NamespaceConfig[];
  keys: readonly string[];
  /** How many of the keys are put before the run. */
  prefilled: number;
  /** Beside small ones, values of up to so many bytes. */
  valueBytesMost: number;
  watchers: number;
  /** So many that a turn cannot send to all of them; they ask for a few things only. */
  isCrowded: boolean;
  steps: number;
}

const kib = 1024;
const stems = ['', 'a', 'ab', 'abc', 'b', 'b/', 'é'];
const types: readonly ChangeType[] = ['put', 'touch', 'delete', 'expire', 'evict', 'purge'];

/**
 * Small runs are many and turn the ring over soon. In wide ones a snapshot takes several steps
 * since there are many entries, in large ones since a message cannot hold them.
 */
export function drawProfile(random: Random): Profile {
  const name = random.pick(['small', 'small', 'small', 'small', 'wide', 'large'] as const);
  const sizes = {
    small: {rings: [4, 4, 8, 16, 64], keys: 3 + random.below(25), valueBytesMost: 1200},
    wide: {rings: [8, 32, 128, 256], keys: 300 + random.below(500), valueBytesMost: 300},
    large: {rings: [64, 128, 512, 1024], keys: 20 + random.below(40), valueBytesMost: 36 * kib},
  }[name];
  const isCrowded = random.oneIn(name === 'large' ? 3 : 10);
  const tight = random.pick(['entries', 'memory', 'none']);
  const entries = () => (tight === 'entries' ? Math.ceil(sizes.keys * (0.2 + random.fraction())) : 10_000);
  const bytes = () =>
    tight === 'memory' ? sizes.keys * 100 + sizes.valueBytesMost * (1.5 + random.below(4)) : 2 ** 24;
  const policy = () => (random.oneIn(5) ? ('tiny-lfu' as const) : ('lru' as const));
  return {
    name,
    historyBytes: random.pick(sizes.rings) * kib,
    historyKeepsPrevious: random.oneIn(2),
    namespaces: ['default', 'other'].map(namespace => ({
      name: namespace,
      maxEntries: entries(),
      maxMemoryBytes: bytes(),
      ttlJitter: 0,
      policy: policy(),
      defaultTtlMs: random.oneIn(4) ? 50 + random.below(2000) : undefined,
    })),
    keys: Array.from({length: sizes.keys}, (_, index) => `${random.pick(stems)}${index.toString(36)}`),
    prefilled: random.oneIn(4) ? 0 : sizes.keys,
    valueBytesMost: sizes.valueBytesMost,
    watchers: isCrowded ? 30 + random.below(60) : 1 + random.below(8),
    isCrowded,
    steps: isCrowded ? 100 + random.below(100) : 40 + random.below(260),
  };
}

export function drawRequest(random: Random, {keys}: Profile): WatchRequest {
  return {
    targets: Array.from({length: random.pick([1, 1, 1, 2, 3, 6])}, () => drawTarget(random, keys)),
    namespace: random.pick(['', '', 'default', 'other']),
    resumeToken: '',
    initialState: random.oneIn(2),
    eventTypes: random.oneIn(3) ? types.filter(() => random.oneIn(2)) : [],
    keysOnly: random.oneIn(4),
    includePrevious: random.oneIn(3),
    bookmarkIntervalMs: random.oneIn(3) ? 100 + random.below(400) : undefined,
    onGap: random.oneIn(6) ? 'fail' : 'resync',
    maxResponseBytes: random.pick([0, 64 * kib, 100_000]),
  };
}

export function drawPrefix(random: Random, keys: readonly string[]): string {
  if (random.oneIn(3)) return '';
  return random.oneIn(2) ? random.pick(stems) : random.pick(keys).slice(0, 1 + random.below(3));
}

function drawTarget(random: Random, keys: readonly string[]): WatchTarget {
  if (random.oneIn(3)) return {prefix: ''};
  return random.oneIn(2) ? {key: random.pick(keys)} : {prefix: drawPrefix(random, keys)};
}
