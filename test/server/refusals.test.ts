/** A start that is refused names where the wrong value came from, the value, and what is allowed. */
import {chmodSync, truncateSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {ConfigError, type ConfigSources, environmentName, optionTable, resolveOptions} from '../../src/server/index.js';
import {tempFile, tempFolder} from '../helpers/temp-files.js';

const wrong: Record<string, string[]> = {
  address: ['', 'a b', 'http://x', '[::1]', 'x'.repeat(254), 'ä'],
  port: ['', '-1', '65536', '70.5', 'http', '0x10', '1e3', '٧'],
  transport: ['', 'wire2', 'GRPC-JS', 'grpc'],
  threads: ['', '0', '65', '-1', '1.5', 'Auto', 'all', '2x'],
  'max-connection-age': ['', '0', '999ms', '23d', '-1s', 'never', '5 m'],
  'max-connection-idle': ['', '0', '0.5s', '23d', 'x'],
  keepalive: ['', '0', '999ms', '23d', 'off'],
  'max-entries': ['', '0', '-1', '1.5', '1000000001', '1k', '1e6', 'many'],
  'max-memory': ['', '0', '1048575', '1023kb', '-1gb', '2000tb', 'half', '50%', '1.3b'],
  'max-key-bytes': ['', '0', '15', '65536', '64kb', 'x'],
  'max-value-bytes': ['', '1023', '65mb', '1023b', 'x'],
  'default-ttl': ['', '0', '0s', '0.5ms', '-5m', '5 minutes', '36526d', 'never'],
  'max-ttl': ['', '0', '36526d', 'x', '30m1h'],
  'ttl-jitter': ['', '-0.1', '1.01', '2', '10%', 'x', '1e-1', 'NaN'],
  policy: ['', 'LRU', 'lfu', 'random', 's3-fifo'],
  'watch-history': ['', '-1', '1023kb', '2049mb', 'off', 'x'],
  'watch-previous': ['', 'yes', 'TRUE', '1', 'on'],
  'cors-origins': ['', 'a.example', 'https://a.example/', 'https://', 'ftp://a', '*,https://a', 'https://a,', 'null'],
  'allowed-hosts': ['', 'a b', 'a:80', '[::1]', 'http://a', '*.example', 'a,', 'ä'],
  'http-utf8-only': ['', 'yes', 'TRUE', '1', 'on'],
};

function refusal(from: ConfigSources): ConfigError | undefined {
  try {
    resolveOptions(from);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

for (const option of optionTable) {
  for (const text of wrong[option.name]!) {
    test(`--${option.name} ${JSON.stringify(text)} is refused, whatever its source`, t => {
      const name = environmentName(option);
      const configFile = tempFile(t, `${option.name} = ${JSON.stringify(text)}\n`);
      const rest = `"${text}" is not allowed; allowed: ${option.allowed}`;
      t.is(refusal({flags: {[option.name]: text}})?.message, `--${option.name} ${rest}`);
      t.is(refusal({configFile})?.message, `${option.name} in ${configFile} ${rest}`);
      // An empty variable is none.
      if (text) t.is(refusal({environment: {[name]: text}})?.message, `${name} ${rest}`);
    });
  }

  const scalar = option.isSwitch ? {number: '1'} : {boolean: 'true'};
  for (const [kind, toml] of Object.entries({...scalar, list: '[1]', table: '{a = 1}', date: '2025-01-01'})) {
    test(`${option.name} in the file must not be a ${kind}`, t => {
      const configFile = tempFile(t, `${option.name} = ${toml}\n`);
      const message = refusal({configFile})?.message ?? '';
      t.true(message.startsWith(`${option.name} in ${configFile} `), message);
      t.true(message.includes(`is not allowed; allowed: ${option.allowed}`), message);
    });
  }
}

test('each option has its wrong values here', t => {
  t.deepEqual(
    optionTable.map(option => option.name),
    Object.keys(wrong),
  );
});

const good = 'max-entries=10,max-memory=1mb';

/** Namespaces that are refused, as flags, and what the message says. */
const wrongNamespaces: Record<string, {flags: string[]; says: RegExp}> = {
  'the name default': {
    flags: [`default:${good}`],
    says: /--namespace: the namespace default always exists; set its limits/,
  },
  'an empty name': {flags: [`:${good}`], says: /--namespace "" is not allowed; allowed: a name of 1 to 63/},
  'a name in capitals': {flags: [`Sessions:${good}`], says: /"Sessions" is not allowed; allowed: a name/},
  'a name with a slash': {flags: [`a/b:${good}`], says: /"a\/b" is not allowed/},
  'a name that begins with a dash': {flags: [`-a:${good}`], says: /"-a" is not allowed/},
  'a name of 64 characters': {flags: [`${'n'.repeat(64)}:${good}`], says: /is not allowed; allowed: a name of 1 to 63/},
  'a name given twice': {flags: [`a:${good}`, `a:${good}`], says: /the namespace a is given twice/},
  'no limits': {flags: ['a'], says: /namespace a has no max-entries; allowed: a whole number/},
  'no memory limit': {flags: ['a:max-entries=1'], says: /namespace a has no max-memory; allowed: a size from/},
  'an option without a value': {
    flags: ['a:max-entries'],
    says: /"a:max-entries" is not allowed; allowed: NAME:max-entries=COUNT/,
  },
  'an option that there is not': {
    flags: [`a:${good},max-size=1`],
    says: /namespace a: there is no option "max-size"; allowed: max-entries, max-memory/,
  },
  'an option of the server': {flags: [`a:${good},port=1`], says: /there is no option "port"/},
  'a wrong value': {
    flags: ['a:max-entries=none,max-memory=1mb'],
    says: /max-entries \(--namespace, namespace a\) "none" is not allowed; allowed: a whole number/,
  },
  'a default TTL above the maximum': {
    flags: [`a:${good},default-ttl=2h,max-ttl=1h`],
    says: /default-ttl of the namespace a is longer than its max-ttl/,
  },
};

for (const [name, {flags, says}] of Object.entries(wrongNamespaces)) {
  test(`a namespace with ${name} is refused`, t => {
    t.regex(refusal({namespaceFlags: flags})?.message ?? '', says);
    const inVariable = refusal({environment: {KRUSTY_NAMESPACES: flags.join(';')}})?.message ?? '';
    t.regex(inVariable, new RegExp(says.source.replaceAll('--namespace', 'KRUSTY_NAMESPACES')));
  });
}

test('a namespace option given twice is refused', t => {
  const namespaceFlags = ['a:max-entries=1,max-entries=2,max-memory=1mb'];
  t.regex(refusal({namespaceFlags})?.message ?? '', /--namespace "a:.*": max-entries is given twice/);
});

test('names that JavaScript objects have of their own are names like any other', t => {
  const namespaceFlags = [`constructor:${good}`, `valueof:${good}`];
  t.deepEqual(Object.keys(resolveOptions({namespaceFlags}).namespaces), ['constructor', 'valueof']);
  const toml = '[namespaces.constructor]\nmax-entries = 1\nmax-memory = "1mb"\n';
  t.deepEqual(Object.keys(resolveOptions({configFile: tempFile(t, toml)}).namespaces), ['constructor']);
  t.regex(refusal({namespaceFlags: [`a:${good},__proto__=1`]})?.message ?? '', /no option "__proto__"/);
  t.regex(refusal({namespaceFlags: [`a:${good},constructor=1`]})?.message ?? '', /no option "constructor"/);
  t.regex(refusal({configFile: tempFile(t, 'constructor = 1\n')})?.message ?? '', /no option "constructor"/);
  t.regex(refusal({configFile: tempFile(t, '__proto__ = 1\n')})?.message ?? '', /no option "__proto__"/);
});

const wrongFiles: Record<string, {toml: string; says: RegExp}> = {
  'namespaces that are no table': {
    toml: 'namespaces = 5\n',
    says: /namespaces in .* "5" is not allowed; allowed: a table/,
  },
  'a namespace that is no table': {
    toml: '[namespaces]\na = 5\n',
    says: /namespaces in .*, namespace a "5" is not allowed; allowed: a table of options/,
  },
  'an unknown key': {
    toml: 'max-entrys = 5\n',
    says: /the config file .*: there is no option "max-entrys"; allowed: address, port/,
  },
  'an unknown key of a namespace': {
    toml: '[namespaces.a]\nmax-entries = 1\nmax-memory = "1mb"\nttl = "5m"\n',
    says: /namespace a: there is no option "ttl"; allowed: max-entries/,
  },
  'an unknown table': {toml: '[server]\nport = 1\n', says: /there is no option "server"/},
  'the namespace default': {toml: '[namespaces.default]\nmax-entries = 1\n', says: /default always exists/},
  'what is not TOML': {toml: 'port: 7070\n', says: /is not valid TOML: /},
  'the same key twice': {toml: 'port = 1\nport = 2\n', says: /is not valid TOML: /},
};

for (const [name, {toml, says}] of Object.entries(wrongFiles)) {
  test(`a file with ${name} is refused`, t => {
    const configFile = tempFile(t, toml);
    const {message} = refusal({configFile})!;
    t.regex(message, says);
    t.true(message.includes(configFile), message);
  });
}

test('a file that is not there is refused', t => {
  const configFile = join(tempFolder(t), 'none.toml');
  t.regex(refusal({configFile})?.message ?? '', /the config file .*none\.toml cannot be read: ENOENT/);
  t.regex(refusal({environment: {KRUSTY_CONFIG: configFile}})?.message ?? '', /none\.toml cannot be read/);
});

test('a file that may not be read is refused', t => {
  const configFile = tempFile(t, 'port = 1\n');
  chmodSync(configFile, 0);
  // Root may read it all the same.
  if (process.getuid?.() === 0) t.is(refusal({configFile}), undefined);
  else t.regex(refusal({configFile})?.message ?? '', /cannot be read: EACCES/);
});

test('a folder in place of the file is refused', t => {
  t.regex(refusal({configFile: tempFolder(t)})?.message ?? '', /cannot be read: EISDIR/);
});

test('a file above 1 MiB is refused unread', t => {
  const configFile = tempFile(t, '');
  truncateSync(configFile, 2 ** 20 + 1);
  t.regex(refusal({configFile})?.message ?? '', /has 1mb; allowed: at most 1mb|has .*; allowed: at most 1mb/);
});

test('namespaces that leave nothing for default are refused', t => {
  const flags = {'max-entries': '100', 'max-memory': '10mb'};
  const namespaceFlags = ['a:max-entries=60,max-memory=5mb', 'b:max-entries=39,max-memory=4mb'];
  t.is(refusal({flags, namespaceFlags}), undefined);
  t.regex(
    refusal({flags: {...flags, 'max-entries': '99'}, namespaceFlags})?.message ?? '',
    /max-entries "99" is too few: the namespaces take 99, and default needs at least 1/,
  );
  t.regex(
    refusal({flags: {...flags, 'max-memory': '9.5mb'}, namespaceFlags})?.message ?? '',
    /max-memory "9\.5mb" is too little: the namespaces take 9mb, and default needs at least 1mb/,
  );
});

test('more than 63 namespaces besides default are refused', t => {
  const namespaceFlags = Array.from({length: 64}, (_, index) => `n${index}:max-entries=1,max-memory=1mb`);
  const flags = {'max-memory': '1gb'};
  t.is(refusal({flags, namespaceFlags: namespaceFlags.slice(1)}), undefined);
  t.regex(refusal({flags, namespaceFlags})?.message ?? '', /there are 64 namespaces; allowed: at most 63/);
});

test('a default TTL above the maximum is refused', t => {
  t.regex(
    refusal({flags: {'default-ttl': '2h', 'max-ttl': '1h'}})?.message ?? '',
    /default-ttl of the namespace default is longer than its max-ttl; allowed: at most max-ttl/,
  );
});
