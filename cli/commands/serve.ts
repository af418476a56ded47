/**
 * Runs a server in the foreground, until Ctrl-C or SIGTERM.
 *
 * Flags come from the server's own table of options, and go to it as text: its
 * checks, not oclif's, make the messages, and know flag, variable, file and default
 * apart.
 */
import * as Flags from '@oclif/core/flags';
import {
  ConfigError,
  configFileVariable,
  createServer,
  describeLimits,
  environmentName,
  namespacesVariable,
  optionTable,
  type RunningServer,
  resolveOptions,
  type ServerOptions,
} from '../../src/server/index.js';
import {resolveAddress, serverEnvironment} from '../lib/address.js';
import {exits, KrustyCommand} from '../lib/command.js';
import {CliError, usageError} from '../lib/errors.js';
import {exitCodes} from '../lib/exit-codes.js';

const optionFlags = Object.fromEntries(
  optionTable.map(option => {
    const defaultText = option.defaultText?.();
    const origin = `[${defaultText === undefined ? '' : `default: ${defaultText}, `}env: ${environmentName(option)}]`;
    return [option.name, Flags.string({helpValue: 'VALUE', description: `${option.summary} ${origin}`})];
  }),
);

export default class Serve extends KrustyCommand {
  static override summary = 'Run a cache in the foreground, over gRPC and HTTP.';
  static override description =
    `A flag counts before its variable, that before the config file (TOML, with the flags' names as keys), that before the default.\n\n${exits('1 the port is in use; 0 also when Ctrl-C or SIGTERM stops it')}`;
  static override flags = {
    ...optionFlags,
    config: Flags.string({helpValue: 'FILE', description: `the config file [env: ${configFileVariable}]`}),
    namespace: Flags.string({
      helpValue: 'SPEC',
      description: `a namespace with limits of its own, as NAME:max-entries=N,max-memory=SIZE and if wanted default-ttl, max-ttl, ttl-jitter and policy; may be repeated [env: ${namespacesVariable}, separated by ;]`,
      multiple: true,
      multipleNonGreedy: true,
    }),
  };
  static override examples = [
    '<%= config.bin %> serve',
    '<%= config.bin %> serve --address 0.0.0.0 --port 8080 --max-memory 2gb --default-ttl 1h',
    '<%= config.bin %> serve --namespace sessions:max-entries=100000,max-memory=64mb,default-ttl=30m',
    '<%= config.bin %> serve --config /etc/krusty.toml',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Serve);
    const options = resolve(flags);
    const server = await start(options);
    const stopped = stopOnSignal(server, words => this.say(words));
    if (flags.json) await this.write(`${JSON.stringify({address: server.address, options}, null, 2)}\n`);
    else if (!flags.quiet) await this.write(greeting(server.address, options));
    await stopped;
    // Whatever a connection has left open must not keep a stopped server alive.
    process.exit(exitCodes.ok);
  }
}

function resolve({config, namespace, ...flags}: Record<string, unknown>): ServerOptions {
  try {
    return resolveOptions({
      flags: flags as Record<string, string | undefined>,
      namespaceFlags: namespace as string[] | undefined,
      environment: serverEnvironment(process.env),
      configFile: config as string | undefined,
    });
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message);
    throw error;
  }
}

/** Why a server cannot listen, by what the system's error holds, and what to do. */
const listenFailures = {
  EADDRINUSE: 'is in use. Stop what listens there, or take another port with --port (0 takes a free one)',
  EACCES: 'is not allowed to you. Ports from 1024 on need no privilege: --port',
  EADDRNOTAVAIL: 'is not of this machine. Allowed for --address: 127.0.0.1, 0.0.0.0 or one of its own',
  ENOTFOUND: 'is unknown. Allowed for --address: 127.0.0.1, 0.0.0.0 or a name that resolves',
};

async function start(options: ServerOptions): Promise<RunningServer> {
  try {
    return await createServer(options);
  } catch (error) {
    const {message, code = ''} = error as Error & {code?: string};
    const failure = Object.entries(listenFailures).find(([mark]) => `${code} ${message}`.includes(mark));
    if (!failure) throw error;
    throw new CliError(`cannot listen: port ${options.port} of ${options.address} ${failure[1]}`);
  }
}

/** Settles when a signal has stopped the server. A second signal ends the process at once. */
function stopOnSignal(server: RunningServer, say: (words: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let isStopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (isStopping) process.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.error);
      isStopping = true;
      if (process.stderr.isTTY) process.stderr.write('\n'); // behind the ^C
      say(`${signal}: finishing the calls under way; once more stops at once`);
      server.close().then(resolve, reject);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

function greeting(address: string, options: ServerOptions): string {
  // Under npm and npx the command is not on the PATH.
  const command = process.env.npm_execpath ? 'npx krusty' : 'krusty';
  const reachable = resolveAddress(address, {});
  const elsewhere = reachable === resolveAddress(undefined, {}) ? '' : ` --address ${reachable}`;
  return [
    `krusty serves gRPC and HTTP on ${address}. Ctrl-C stops it.`,
    '',
    ...describeLimits(options).map(line => `  ${line}`),
    '',
    'Try it in a second terminal:',
    `  ${command} put greeting hello --ttl 5m${elsewhere}`,
    `  ${command} get greeting${elsewhere}`,
    `  curl ${reachable}/greeting`,
    `  grpcurl -plaintext -d '{"key":"greeting"}' ${reachable} krusty.cache.v1.CacheService/Get`,
    '',
    '',
  ].join('\n');
}
