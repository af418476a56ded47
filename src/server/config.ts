/**
 * From flags, variables and a config file to ServerOptions: for each option the
 * flag counts first, then the variable, then the file, then the default.
 *
 * Whatever is wrong stops the start with a ConfigError that names where the value
 * came from, the value, and what is allowed.
 */
import {readFileSync, statSync} from 'node:fs';
import {parse as parseToml} from 'smol-toml';
import {formatBytes, limits} from '../base/index.js';
import {
  environmentName,
  type NamespaceOptions,
  namespaceOptionTable,
  type OptionSpec,
  optionTable,
  type ServerOptions,
} from './options.js';

/** A start that is refused. Its message is for the person who typed the command. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export interface ConfigSources {
  /** Flags by option name, as text. */
  flags?: Readonly<Record<string, string | undefined>>;
  /** `--namespace` flags: `name:max-entries=1000,max-memory=64mb`. They replace those of variable and file. */
  namespaceFlags?: readonly string[];
  environment?: Readonly<Record<string, string | undefined>>;
  /** The path of the config file; KRUSTY_CONFIG where unset. */
  configFile?: string;
}

/** The variable that holds namespaces, in the form of the flag, separated by `;`. */
export const namespacesVariable = 'KRUSTY_NAMESPACES';
export const configFileVariable = 'KRUSTY_CONFIG';

/** A text and where it came from, for messages. */
interface Given {
  text: string;
  source: string;
}

/** The options that these sources give. Throws a ConfigError. */
export function resolveOptions(sources: ConfigSources): ServerOptions {
  const environment = sources.environment ?? {};
  const path = sources.configFile ?? (environment[configFileVariable] || undefined);
  const file = path === undefined ? {} : readConfigFile(path);
  const fileSource = (key: string) => `${key} in ${path}`;

  const values: Record<string, unknown> = {};
  for (const option of optionTable) {
    const given =
      fromText(sources.flags?.[option.name], `--${option.name}`) ??
      fromText(environment[environmentName(option)] || undefined, environmentName(option)) ??
      fromFile(file[option.name], fileSource(option.name), option);
    values[option.field] = parseGiven(option, given);
  }
  const namespaces = resolveNamespaces(sources, environment, file.namespaces, fileSource('namespaces'));
  return checkOptions({...values, namespaces} as unknown as ServerOptions);
}

/**
 * Completes what a program gives to createServer with the defaults. Throws a
 * ConfigError where a value is not allowed.
 */
export function completeOptions(given: Partial<ServerOptions>): ServerOptions {
  refuseUnknownKeys(given, [...optionTable.map(option => option.field), 'namespaces'], 'createServer');
  const values: Record<string, unknown> = {};
  for (const option of optionTable) {
    const value = given[option.field as keyof ServerOptions];
    values[option.field] = completeValue(option, value, option.field);
  }
  const namespaces: Record<string, NamespaceOptions> = {};
  for (const [name, options] of Object.entries(given.namespaces ?? {})) {
    checkNamespaceName(name, 'namespaces');
    const place = `namespaces.${name}`;
    const known = namespaceOptionTable.map(option => option.field);
    refuseUnknownKeys(options, known, place);
    const completed: Record<string, unknown> = {};
    for (const option of namespaceOptionTable) {
      const value = options[option.field as keyof NamespaceOptions];
      if (value === undefined) refuseMissing(option, option.field, place);
      completed[option.field] = completeValue(option, value, `${place}.${option.field}`);
    }
    namespaces[name] = completed as unknown as NamespaceOptions;
  }
  return checkOptions({...values, namespaces} as unknown as ServerOptions);
}

/** Numbers go through the same parsers as text: milliseconds and bytes are what bare numbers there would not always mean. */
function completeValue(option: OptionSpec, value: unknown, source: string): unknown {
  if (value === undefined) return parseGiven(option, undefined);
  const text = option.field.endsWith('Ms') ? `${value}ms` : String(value);
  const parsed = parseGiven(option, {text, source});
  // What a program gives has its type already: 8080, not "8080".
  if (typeof value !== typeof parsed) refuse(source, text, option.allowed);
  return value;
}

function parseGiven(option: OptionSpec, given: Given | undefined): unknown {
  const text = given?.text ?? option.defaultText?.();
  if (text === undefined) return undefined;
  const value = option.parse(text.trim());
  if (value === undefined) refuse(given?.source ?? option.name, text, option.allowed);
  return value;
}

function fromText(text: string | undefined, source: string): Given | undefined {
  return text === undefined ? undefined : {text, source};
}

function fromFile(value: unknown, source: string, option: OptionSpec): Given | undefined {
  if (value === undefined) return undefined;
  const types = option.isSwitch ? ['string', 'boolean'] : ['string', 'number'];
  if (!types.includes(typeof value)) refuse(source, JSON.stringify(value), option.allowed);
  return {text: String(value), source};
}

function resolveNamespaces(
  sources: ConfigSources,
  environment: Readonly<Record<string, string | undefined>>,
  inFile: unknown,
  fileSource: string,
): Record<string, NamespaceOptions> {
  if (sources.namespaceFlags?.length) {
    return parseNamespaceTexts(sources.namespaceFlags, '--namespace');
  }
  const variable = environment[namespacesVariable];
  if (variable) return parseNamespaceTexts(variable.split(';').filter(Boolean), namespacesVariable);
  return parseNamespaceTables(inFile, fileSource);
}

/** `name:max-entries=1000,max-memory=64mb,default-ttl=1h`, once for each namespace. */
function parseNamespaceTexts(texts: readonly string[], source: string): Record<string, NamespaceOptions> {
  // Without a prototype: a namespace may be called `constructor`.
  const tables: Record<string, Record<string, string>> = Object.create(null);
  for (const text of texts) {
    const colon = text.indexOf(':');
    const name = (colon < 0 ? text : text.slice(0, colon)).trim();
    checkNamespaceName(name, source);
    if (name in tables) throw new ConfigError(`${source} "${text}": the namespace ${name} is given twice`);
    const table: Record<string, string> = Object.create(null);
    for (const pair of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
      const equals = pair.indexOf('=');
      if (equals < 1) {
        refuse(
          source,
          text,
          'NAME:max-entries=COUNT,max-memory=SIZE and, if wanted, default-ttl, max-ttl, ttl-jitter and policy',
        );
      }
      const key = pair.slice(0, equals).trim();
      if (key in table) throw new ConfigError(`${source} "${text}": ${key} is given twice`);
      table[key] = pair.slice(equals + 1);
    }
    tables[name] = table;
  }
  return parseNamespaceTables(tables, source);
}

function parseNamespaceTables(tables: unknown, source: string): Record<string, NamespaceOptions> {
  if (tables === undefined) return {};
  if (!isTable(tables))
    refuse(source, JSON.stringify(tables), 'a table for each namespace, such as [namespaces.sessions]');
  const namespaces: Record<string, NamespaceOptions> = {};
  for (const [name, table] of Object.entries(tables)) {
    checkNamespaceName(name, source);
    const place = `${source}, namespace ${name}`;
    if (!isTable(table)) refuse(place, JSON.stringify(table), 'a table of options');
    refuseUnknownKeys(
      table,
      namespaceOptionTable.map(option => option.name),
      place,
    );
    const values: Record<string, unknown> = {};
    for (const option of namespaceOptionTable) {
      const given = fromFile(table[option.name], `${option.name} (${place})`, option);
      if (!given) refuseMissing(option, option.name, place);
      values[option.field] = parseGiven(option, given);
    }
    namespaces[name] = values as unknown as NamespaceOptions;
  }
  return namespaces;
}

/** A namespace says how much of the whole it takes. */
function refuseMissing(option: OptionSpec, name: string, place: string): void {
  if (!['max-entries', 'max-memory'].includes(option.name)) return;
  throw new ConfigError(`${place} has no ${name}; allowed: ${option.allowed}`);
}

function checkNamespaceName(name: string, source: string): void {
  if (name === 'default') {
    throw new ConfigError(
      `${source}: the namespace default always exists; set its limits with the options of the server`,
    );
  }
  if (!limits.namespaceName.test(name)) {
    refuse(source, name, 'a name of 1 to 63 of a-z, 0-9, - and _, that begins with a letter or digit');
  }
}

/** What no option can say alone: the namespaces' limits must leave something for `default`. */
function checkOptions(options: ServerOptions): ServerOptions {
  const namespaces = Object.values(options.namespaces);
  if (namespaces.length > limits.namespacesMost) {
    throw new ConfigError(
      `there are ${namespaces.length} namespaces; allowed: at most ${limits.namespacesMost} besides default`,
    );
  }
  const rest = defaultNamespaceLimits(options);
  if (rest.maxEntries < limits.entriesLeast) {
    throw new ConfigError(
      `max-entries "${options.maxEntries}" is too few: the namespaces take ${options.maxEntries - rest.maxEntries}, and default needs at least ${limits.entriesLeast}`,
    );
  }
  if (rest.maxMemoryBytes < limits.memoryBytesLeast) {
    throw new ConfigError(
      `max-memory "${formatBytes(options.maxMemoryBytes)}" is too little: the namespaces take ${formatBytes(options.maxMemoryBytes - rest.maxMemoryBytes)}, and default needs at least ${formatBytes(limits.memoryBytesLeast)}`,
    );
  }
  for (const [name, {defaultTtlMs, maxTtlMs}] of [
    ['default', options] as const,
    ...Object.entries(options.namespaces),
  ]) {
    if (defaultTtlMs !== undefined && maxTtlMs !== undefined && defaultTtlMs > maxTtlMs) {
      throw new ConfigError(
        `default-ttl of the namespace ${name} is longer than its max-ttl; allowed: at most max-ttl`,
      );
    }
  }
  return Object.freeze(options);
}

/** What the other namespaces leave to `default`. */
export function defaultNamespaceLimits(options: ServerOptions): {maxEntries: number; maxMemoryBytes: number} {
  let {maxEntries, maxMemoryBytes} = options;
  for (const namespace of Object.values(options.namespaces)) {
    maxEntries -= namespace.maxEntries;
    maxMemoryBytes -= namespace.maxMemoryBytes;
  }
  return {maxEntries, maxMemoryBytes};
}

function readConfigFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    const size = statSync(path).size;
    if (size > limits.configFileBytesMost) {
      throw new ConfigError(
        `the config file ${path} has ${formatBytes(size)}; allowed: at most ${formatBytes(limits.configFileBytesMost)}`,
      );
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`the config file ${path} cannot be read: ${(error as Error).message}`);
  }
  let file: Record<string, unknown>;
  try {
    file = parseToml(text);
  } catch (error) {
    throw new ConfigError(`the config file ${path} is not valid TOML: ${(error as Error).message.trimEnd()}`);
  }
  refuseUnknownKeys(file, [...optionTable.map(option => option.name), 'namespaces'], `the config file ${path}`);
  return file;
}

function refuseUnknownKeys(table: object, known: readonly string[], place: string): void {
  for (const key of Object.keys(table)) {
    if (!known.includes(key)) {
      throw new ConfigError(`${place}: there is no option "${key}"; allowed: ${known.join(', ')}`);
    }
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function refuse(source: string, text: string, allowed: string): never {
  throw new ConfigError(`${source} "${text}" is not allowed; allowed: ${allowed}`);
}
