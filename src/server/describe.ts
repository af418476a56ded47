/** What a start prints: the limits in force, so that nobody has to guess them. */
import {formatBytes, formatDuration} from '../base/index.js';
import {defaultNamespaceLimits} from './config.js';
import type {NamespaceOptions, ServerOptions} from './options.js';

/** One line for each namespace, and one for the limits they share. */
export function describeLimits(options: ServerOptions): string[] {
  const lines = [
    `keys up to ${formatBytes(options.maxKeyBytes)}, values up to ${formatBytes(options.maxValueBytes)}`,
    ...(options.threads > 1 ? [`${options.threads} threads serve`] : []),
    describeNamespace('default', {...options, ...defaultNamespaceLimits(options)}),
  ];
  for (const [name, namespace] of Object.entries(options.namespaces)) lines.push(describeNamespace(name, namespace));
  return lines;
}

function describeNamespace(name: string, options: NamespaceOptions): string {
  const ttl = options.defaultTtlMs === undefined ? 'none' : formatDuration(options.defaultTtlMs);
  const longest = options.maxTtlMs === undefined ? '' : `, at most ${formatDuration(options.maxTtlMs)}`;
  const policy = options.policy === undefined || options.policy === 'lru' ? '' : `, policy ${options.policy}`;
  const limits = `${options.maxEntries.toLocaleString('en')} entries, ${formatBytes(options.maxMemoryBytes)}`;
  return `namespace ${name}: ${limits}, default TTL ${ttl}${longest}${policy}`;
}
