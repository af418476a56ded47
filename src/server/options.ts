/**
 * The options of a server: one table, from which the flags of `krusty serve`, the
 * KRUSTY_* variables, the keys of the config file, the help and every check follow.
 *
 * A value comes as text, whatever its source, and its parser answers undefined for
 * anything that is not allowed; `allowed` says what is, to whoever got it wrong.
 */
import {isIPv6} from 'node:net';
import {formatBytes, formatDuration, limits, parseBytes, parseDuration} from '../base/index.js';
import {type PolicyName, policyNames} from '../store/index.js';
import {usableCores} from './cores.js';
import {defaultMemoryBytes} from './machine-memory.js';

/** The options of one namespace; each is also a key of `[namespaces.NAME]` in the config file. */
export interface NamespaceOptions {
  maxEntries: number;
  maxMemoryBytes: number;
  /** The TTL of entries stored without one; undefined: they do not expire. */
  defaultTtlMs?: number;
  /** The longest TTL that an entry gets; undefined: no such limit. */
  maxTtlMs?: number;
  /** The share of a TTL by which it may be shortened at random, 0 to 1. */
  ttlJitter: number;
  /** What goes when a limit is reached; `lru` if unset. */
  policy?: PolicyName;
}

/** All that a server is told. Resolved once, frozen, handed down. */
export interface ServerOptions {
  address: string;
  /** 0 lets the system choose a free one. */
  port: number;
  transport: Transport;
  /** How many threads serve; with 1 it is the one that starts the server. */
  threads: number;
  /** How old a gRPC connection becomes before its client is asked to connect anew; undefined: as old as it likes. */
  maxConnectionAgeMs?: number;
  /** How long a gRPC connection may be without a call; undefined: for ever. */
  maxConnectionIdleMs?: number;
  /** How long a gRPC client may be silent before it is asked whether it is there. */
  keepaliveMs: number;
  maxEntries: number;
  maxMemoryBytes: number;
  maxKeyBytes: number;
  maxValueBytes: number;
  defaultTtlMs?: number;
  maxTtlMs?: number;
  ttlJitter: number;
  policy?: PolicyName;
  /** Memory for the history of changes, which Watch and Explain read; 0 keeps none. */
  watchHistoryBytes: number;
  /** Whether the history of a put has the entry that it replaced. */
  watchPrevious: boolean;
  /** The origins whose pages may use the cache from a browser; `*` for all, undefined for none. */
  corsOrigins?: readonly string[];
  /** The names besides localhost under which requests to a loopback address may come; `*` for all. */
  allowedHosts?: readonly string[];
  /** Whether plain values over HTTP have to be UTF-8. */
  httpUtf8Only: boolean;
  /** The namespaces besides `default`, which gets what of the limits they leave. */
  namespaces: Readonly<Record<string, NamespaceOptions>>;
}

/** The first is the default. */
export const transports = ['wire', 'grpc-js'] as const;
export type Transport = (typeof transports)[number];

/** One option of the table. */
export interface OptionSpec<T = unknown> {
  /** The flag without its dashes, and the key in the config file. */
  name: string;
  /** Its field in ServerOptions or NamespaceOptions. */
  field: string;
  /** What it is for, in one line, with its unit. */
  summary: string;
  /** What a value may be, to follow "allowed:". */
  allowed: string;
  /** True or false, which a config file also says without quotes. */
  isSwitch?: boolean;
  /** What counts if nothing is said, as text; undefined if then there is none. */
  defaultText?: () => string;
  parse: (text: string) => T | undefined;
}

/** The variable of an option: `max-entries` is KRUSTY_MAX_ENTRIES. */
export function environmentName(option: OptionSpec): string {
  return `KRUSTY_${option.name.toUpperCase().replaceAll('-', '_')}`;
}

const maxEntries: OptionSpec<number> = {
  name: 'max-entries',
  field: 'maxEntries',
  summary: 'most entries held',
  allowed: `a whole number from ${limits.entriesLeast} to ${limits.entriesMost}`,
  defaultText: () => String(limits.entriesDefault),
  parse: text => parseInteger(text, limits.entriesLeast, limits.entriesMost),
};

const maxMemory: OptionSpec<number> = {
  name: 'max-memory',
  field: 'maxMemoryBytes',
  summary: 'most memory for entries, as a size such as 512mb',
  allowed: `a size from ${formatBytes(limits.memoryBytesLeast)} to ${formatBytes(limits.memoryBytesMost)}, such as 512mb or 4gb`,
  defaultText: () => `${defaultMemoryBytes() / 2 ** 20}mb`,
  parse: text => parseSize(text, limits.memoryBytesLeast, limits.memoryBytesMost),
};

const ttlAllowed = `a duration from 1ms to ${formatDuration(limits.ttlMsMost)}, such as 5m, 1h30m or 90s`;

const defaultTtl: OptionSpec<number> = {
  name: 'default-ttl',
  field: 'defaultTtlMs',
  summary: 'time to live of entries stored without one, such as 5m (unset: they do not expire)',
  allowed: ttlAllowed,
  parse: parseTtl,
};

const maxTtl: OptionSpec<number> = {
  name: 'max-ttl',
  field: 'maxTtlMs',
  summary: 'longest time to live that an entry gets, such as 24h (unset: no limit)',
  allowed: ttlAllowed,
  parse: parseTtl,
};

const ttlJitter: OptionSpec<number> = {
  name: 'ttl-jitter',
  field: 'ttlJitter',
  summary: 'share of a TTL by which it is shortened at random, so that entries stored together do not expire together',
  allowed: 'a number from 0 to 1',
  defaultText: () => '0',
  parse: text => (/^(0|1|0?\.\d+|[01]\.\d+)$/.test(text) && Number(text) <= 1 ? Number(text) : undefined),
};

const policy: OptionSpec<PolicyName> = {
  name: 'policy',
  field: 'policy',
  summary:
    'what goes when a limit is reached: the entry not used for longest (lru), or one used least often (tiny-lfu)',
  allowed: policyNames.join(' or '),
  defaultText: () => policyNames[0],
  parse: text => policyNames.find(name => name === text),
};

/** What each namespace can be told; `max-entries` and `max-memory` are required there. */
export const namespaceOptionTable: readonly OptionSpec[] = [
  maxEntries,
  maxMemory,
  defaultTtl,
  maxTtl,
  ttlJitter,
  policy,
];

const spanAllowed = `a duration from ${formatDuration(limits.connectionMsLeast)} to ${formatDuration(limits.connectionMsMost)}, such as 90s, 5m or 1h`;

const trueOrFalse = {
  allowed: 'true or false',
  isSwitch: true,
  defaultText: () => 'false',
  parse: (text: string) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
};

/** What a server can be told, namespaces apart. */
export const optionTable: readonly OptionSpec[] = [
  {
    name: 'address',
    field: 'address',
    summary: 'IP address or host name to listen on',
    allowed: 'an IP address or host name, such as 127.0.0.1, 0.0.0.0 or ::',
    defaultText: () => '127.0.0.1',
    parse: text => (isIPv6(text) || /^[A-Za-z0-9._-]{1,253}$/.test(text) ? text : undefined),
  },
  {
    name: 'port',
    field: 'port',
    summary: 'port to listen on; 0 takes a free one',
    allowed: `a whole number from 0 to ${limits.portMost}`,
    defaultText: () => String(limits.portDefault),
    parse: text => parseInteger(text, 0, limits.portMost),
  },
  {
    name: 'transport',
    field: 'transport',
    summary: 'which gRPC engine serves',
    allowed: transports.join(' or '),
    defaultText: () => transports[0],
    parse: text => transports.find(name => name === text),
  },
  {
    name: 'threads',
    field: 'threads',
    summary: 'how many threads serve, or auto for as many as there are cores',
    allowed: `a whole number from 1 to ${limits.threadsMost}, or auto`,
    defaultText: () => '1',
    parse: text =>
      text === 'auto' ? Math.min(usableCores(), limits.threadsMost) : parseInteger(text, 1, limits.threadsMost),
  },
  {
    name: 'max-connection-age',
    field: 'maxConnectionAgeMs',
    summary: 'age at which the client of a gRPC connection is asked to connect anew, such as 30m (unset: never)',
    allowed: spanAllowed,
    parse: parseSpan,
  },
  {
    name: 'max-connection-idle',
    field: 'maxConnectionIdleMs',
    summary: 'how long a gRPC connection may be without a call, such as 10m (unset: for ever)',
    allowed: spanAllowed,
    parse: parseSpan,
  },
  {
    name: 'keepalive',
    field: 'keepaliveMs',
    summary: 'how long a gRPC client may be silent before it is asked whether it is there',
    allowed: spanAllowed,
    defaultText: () => formatDuration(limits.keepaliveMsDefault),
    parse: parseSpan,
  },
  maxEntries,
  maxMemory,
  {
    name: 'max-key-bytes',
    field: 'maxKeyBytes',
    summary: 'longest key, in bytes of UTF-8',
    allowed: `a size from ${limits.keyBytesLeast} to ${limits.keyBytesMost} bytes`,
    defaultText: () => String(limits.keyBytesDefault),
    parse: text => parseSize(text, limits.keyBytesLeast, limits.keyBytesMost),
  },
  {
    name: 'max-value-bytes',
    field: 'maxValueBytes',
    summary: 'largest value, as a size such as 1mb',
    allowed: `a size from ${formatBytes(limits.valueBytesLeast)} to ${formatBytes(limits.valueBytesMost)}`,
    defaultText: () => formatBytes(limits.valueBytesDefault),
    parse: text => parseSize(text, limits.valueBytesLeast, limits.valueBytesMost),
  },
  defaultTtl,
  maxTtl,
  ttlJitter,
  policy,
  {
    name: 'watch-history',
    field: 'watchHistoryBytes',
    summary: 'memory for the history of changes, as a size such as 32mb; 0 turns watch and why off',
    allowed: `0, or a size from ${formatBytes(limits.historyBytesLeast)} to ${formatBytes(limits.historyBytesMost)}`,
    defaultText: () => formatBytes(limits.historyBytesDefault),
    parse: text => (text === '0' ? 0 : parseSize(text, limits.historyBytesLeast, limits.historyBytesMost)),
  },
  {
    name: 'watch-previous',
    field: 'watchPrevious',
    summary: 'whether the history of a put has the value that it replaced, for watchers that ask for it',
    ...trueOrFalse,
  },
  {
    name: 'cors-origins',
    field: 'corsOrigins',
    summary: 'origins whose pages may use the cache over HTTP, separated by commas, or * for all (unset: none)',
    allowed: 'origins such as https://app.example.com or http://localhost:3000, separated by commas, or *',
    parse: text => parseList(text, /^https?:\/\/[^/\s,*]+$/),
  },
  {
    name: 'allowed-hosts',
    field: 'allowedHosts',
    summary:
      'names besides localhost under which HTTP on a loopback address is reached, such as those of a proxy, or *',
    allowed: 'host names without ports, separated by commas, or *',
    parse: text => parseList(text, /^[A-Za-z0-9._-]{1,253}$/),
  },
  {
    name: 'http-utf8-only',
    field: 'httpUtf8Only',
    summary: 'whether plain values over HTTP have to be UTF-8',
    ...trueOrFalse,
  },
];

/** `*` alone, or items of a form, separated by commas. */
function parseList(text: string, form: RegExp): string[] | undefined {
  const items = text.split(',').map(item => item.trim());
  return text === '*' || items.every(item => form.test(item)) ? items : undefined;
}

function parseInteger(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

function parseSize(text: string, least: number, most: number): number | undefined {
  const bytes = parseBytes(text);
  return bytes !== undefined && bytes >= least && bytes <= most ? bytes : undefined;
}

function parseSpan(text: string): number | undefined {
  const spanMs = parseDuration(text);
  return spanMs !== undefined && spanMs >= limits.connectionMsLeast && spanMs <= limits.connectionMsMost
    ? spanMs
    : undefined;
}

function parseTtl(text: string): number | undefined {
  const ttlMs = parseDuration(text);
  return ttlMs !== undefined && ttlMs >= 1 && ttlMs <= limits.ttlMsMost ? ttlMs : undefined;
}
