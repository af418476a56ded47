/** Each option from each source: flag before variable, variable before file, file before default. */
import test from 'ava';
import {usableCores} from '../../src/server/cores.js';
import {
  type ConfigSources,
  environmentName,
  type NamespaceOptions,
  namespaceOptionTable,
  optionTable,
  resolveOptions,
  type ServerOptions,
} from '../../src/server/index.js';
import {tempFile} from '../helpers/temp-files.js';

/** For each option: its default, and three other values, as text and as what they mean. */
const options: Record<string, {default: unknown; values: [string, unknown][]}> = {
  address: {
    default: '127.0.0.1',
    values: [
      ['0.0.0.0', '0.0.0.0'],
      ['::', '::'],
      ['cache.internal', 'cache.internal'],
    ],
  },
  port: {
    default: 7070,
    values: [
      ['0', 0],
      ['1', 1],
      ['65535', 65_535],
    ],
  },
  transport: {
    default: 'wire',
    values: [
      ['wire', 'wire'],
      ['grpc-js', 'grpc-js'],
      [' wire ', 'wire'],
    ],
  },
  threads: {
    default: 1,
    values: [
      ['4', 4],
      ['auto', usableCores()],
      ['64', 64],
    ],
  },
  'max-connection-age': {
    default: undefined,
    values: [
      ['1s', 1000],
      ['30m', 1_800_000],
      ['22d', 22 * 86_400_000],
    ],
  },
  'max-connection-idle': {
    default: undefined,
    values: [
      ['1', 1000],
      ['1h30m', 5_400_000],
      ['10m', 600_000],
    ],
  },
  keepalive: {
    default: 300_000,
    values: [
      ['1000ms', 1000],
      ['20s', 20_000],
      ['2h', 7_200_000],
    ],
  },
  'max-entries': {
    default: 10_000_000,
    values: [
      ['1', 1],
      ['1000', 1000],
      ['1000000000', 1_000_000_000],
    ],
  },
  'max-memory': {
    default: undefined, // depends on the machine
    values: [
      ['1mb', 2 ** 20],
      ['1.5gb', 1.5 * 2 ** 30],
      ['1048577', 2 ** 20 + 1],
    ],
  },
  'max-key-bytes': {
    default: 1024,
    values: [
      ['16', 16],
      ['2kb', 2048],
      ['65535', 65_535],
    ],
  },
  'max-value-bytes': {
    default: 2 ** 20,
    values: [
      ['1kb', 1024],
      ['5mb', 5 * 2 ** 20],
      ['64mb', 64 * 2 ** 20],
    ],
  },
  'default-ttl': {
    default: undefined,
    values: [
      ['1ms', 1],
      ['90', 90_000],
      ['1h30m', 5_400_000],
    ],
  },
  'max-ttl': {
    default: undefined,
    values: [
      ['36525d', 36_525 * 86_400_000],
      ['1d', 86_400_000],
      ['90s', 90_000],
    ],
  },
  'ttl-jitter': {
    default: 0,
    values: [
      ['1', 1],
      ['0.1', 0.1],
      ['.25', 0.25],
    ],
  },
  policy: {
    default: 'lru',
    values: [
      ['tiny-lfu', 'tiny-lfu'],
      ['lru', 'lru'],
      [' tiny-lfu ', 'tiny-lfu'],
    ],
  },
  'watch-history': {
    default: 32 * 2 ** 20,
    values: [
      ['0', 0],
      ['1mb', 2 ** 20],
      ['2gb', 2 ** 31],
    ],
  },
  'watch-previous': {
    default: false,
    values: [
      ['true', true],
      ['false', false],
      ['true', true],
    ],
  },
  'cors-origins': {
    default: undefined,
    values: [
      ['https://a.example', ['https://a.example']],
      ['https://a.example, http://localhost:3000', ['https://a.example', 'http://localhost:3000']],
      ['*', ['*']],
    ],
  },
  'allowed-hosts': {
    default: undefined,
    values: [
      ['cache.internal', ['cache.internal']],
      ['a.example,b.example', ['a.example', 'b.example']],
      ['*', ['*']],
    ],
  },
  'http-utf8-only': {
    default: false,
    values: [
      ['true', true],
      ['false', false],
      ['true', true],
    ],
  },
};

test('every option is tried here', t => {
  t.deepEqual(
    optionTable.map(option => option.name),
    Object.keys(options),
  );
});

for (const option of optionTable) {
  const {default: defaultValue, values} = options[option.name]!;
  const [[flag, flagValue], [variable, variableValue], [inFile, fileValue]] = values as [
    [string, unknown],
    [string, unknown],
    [string, unknown],
  ];
  const get = (from: ConfigSources): unknown => resolveOptions(from)[option.field as keyof ServerOptions];
  const name = environmentName(option);

  test(`--${option.name} counts before ${name}, that before the file, that before the default`, t => {
    const configFile = tempFile(t, `${option.name} = ${JSON.stringify(inFile)}\n`);
    const flags = {[option.name]: flag};
    const environment = {[name]: variable};
    t.deepEqual(get({flags, environment, configFile}), flagValue);
    t.deepEqual(get({environment, configFile}), variableValue);
    t.deepEqual(get({configFile}), fileValue);
    if (option.name !== 'max-memory') t.deepEqual(get({}), defaultValue);
    t.deepEqual(get({flags}), flagValue);
    t.deepEqual(get({environment}), variableValue);
    t.deepEqual(get({environment: {[name]: ''}, configFile}), fileValue, 'an empty variable is none');
  });

  test(`--${option.name} is documented with what it takes`, t => {
    t.true(option.summary.length > 10);
    t.true(option.allowed.length > 5);
    const text = option.defaultText?.();
    if (text !== undefined) t.not(option.parse(text), undefined, 'its default is allowed');
  });
}

test('variables have the names of their options', t => {
  t.is(environmentName(optionTable.find(option => option.name === 'max-entries')!), 'KRUSTY_MAX_ENTRIES');
});

test('numbers in the file may be numbers', t => {
  const configFile = tempFile(t, 'port = 8080\nmax-entries = 5\nttl-jitter = 0.5\nmax-value-bytes = 2048\n');
  t.like(resolveOptions({configFile}), {port: 8080, maxEntries: 5, ttlJitter: 0.5, maxValueBytes: 2048});
});

test('the default memory limit is a quarter of the machine at most, in whole mebibytes', t => {
  const {maxMemoryBytes} = resolveOptions({});
  t.is(maxMemoryBytes % 2 ** 20, 0);
  t.true(maxMemoryBytes >= 2 ** 20);
});

test('the file may be named by a variable; a flag names another', t => {
  const one = tempFile(t, 'port = 1001\n');
  const two = tempFile(t, 'port = 1002\n');
  t.is(resolveOptions({environment: {KRUSTY_CONFIG: one}}).port, 1001);
  t.is(resolveOptions({environment: {KRUSTY_CONFIG: one}, configFile: two}).port, 1002);
  t.is(resolveOptions({environment: {KRUSTY_CONFIG: ''}}).port, 7070);
});

test('resolved options cannot be changed', t => {
  t.true(Object.isFrozen(resolveOptions({})));
});

const namespaceFile = `
[namespaces.sessions]
max-entries = 1000
max-memory = "16mb"
default-ttl = "30m"
max-ttl = "24h"
ttl-jitter = 0.1
policy = "tiny-lfu"

[namespaces.plain]
max-entries = 10
max-memory = "1mb"
`;

const sessions: NamespaceOptions = {
  maxEntries: 1000,
  maxMemoryBytes: 16 * 2 ** 20,
  defaultTtlMs: 1_800_000,
  maxTtlMs: 86_400_000,
  ttlJitter: 0.1,
  policy: 'tiny-lfu',
};
const plain: NamespaceOptions = {
  maxEntries: 10,
  maxMemoryBytes: 2 ** 20,
  defaultTtlMs: undefined,
  maxTtlMs: undefined,
  ttlJitter: 0,
  policy: 'lru',
};
const sessionsText =
  'sessions:max-entries=1000,max-memory=16mb,default-ttl=30m,max-ttl=24h,ttl-jitter=0.1,policy=tiny-lfu';
const plainText = 'plain:max-entries=10,max-memory=1mb';

test('namespaces come from the file', t => {
  t.deepEqual(resolveOptions({configFile: tempFile(t, namespaceFile)}).namespaces, {sessions, plain});
});

test('namespaces come from the variable', t => {
  const environment = {KRUSTY_NAMESPACES: `${sessionsText};${plainText};`};
  t.deepEqual(resolveOptions({environment}).namespaces, {sessions, plain});
});

test('namespaces come from flags', t => {
  t.deepEqual(resolveOptions({namespaceFlags: [sessionsText, plainText]}).namespaces, {sessions, plain});
});

test('namespaces of flags replace those of the variable, and these those of the file', t => {
  const configFile = tempFile(t, namespaceFile);
  const environment = {KRUSTY_NAMESPACES: 'b:max-entries=1,max-memory=1mb'};
  const names = (from: ConfigSources) => Object.keys(resolveOptions(from).namespaces);
  t.deepEqual(names({namespaceFlags: ['a:max-entries=1,max-memory=1mb'], environment, configFile}), ['a']);
  t.deepEqual(names({environment, configFile}), ['b']);
  t.deepEqual(names({configFile, environment: {KRUSTY_NAMESPACES: ''}, namespaceFlags: []}), ['sessions', 'plain']);
  t.deepEqual(names({}), []);
});

test('every option of a namespace is tried here', t => {
  t.deepEqual(
    namespaceOptionTable.map(option => option.name),
    ['max-entries', 'max-memory', 'default-ttl', 'max-ttl', 'ttl-jitter', 'policy'],
  );
});
