/** The options of a server as its cache has them; and what is said where the system does not have so much memory. */
import {type Clock, formatBytes} from '../base/index.js';
import type {CacheOptions, NamespaceConfig} from '../cache/index.js';
import {ConfigError, defaultNamespaceLimits} from './config.js';
import type {ServerOptions} from './options.js';

export function cacheOptions(options: ServerOptions, clock: Clock): CacheOptions {
  return {
    clock,
    namespaces: namespaceConfigs(options),
    maxKeyBytes: options.maxKeyBytes,
    maxValueBytes: options.maxValueBytes,
    historyBytes: options.watchHistoryBytes,
    historyKeepsPrevious: options.watchPrevious,
  };
}

/** Reserves the memory of a cache, or says as a ConfigError that there is not so much. */
export function reserving<T>(options: ServerOptions, reserve: () => T): T {
  try {
    return reserve();
  } catch (error) {
    // What the engine throws where the system does not reserve so much.
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `max-memory "${formatBytes(options.maxMemoryBytes)}" is more than this system reserves (${error.message}); allowed: what the machine can hold`,
    );
  }
}

function namespaceConfigs(options: ServerOptions): NamespaceConfig[] {
  const {defaultTtlMs, maxTtlMs, ttlJitter, policy} = options;
  return [
    {name: 'default', ...defaultNamespaceLimits(options), defaultTtlMs, maxTtlMs, ttlJitter, policy},
    ...Object.entries(options.namespaces).map(([name, namespace]) => ({name, ...namespace})),
  ];
}
