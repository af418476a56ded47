import {createInterface} from 'node:readline';
import * as Flags from '@oclif/core/flags';
import {ClientCommand, exits} from '../lib/command.js';
import {CliError, usageError} from '../lib/errors.js';
import {exitCodes} from '../lib/exit-codes.js';
import {namespaceFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {quote} from '../lib/text.js';

export default class Purge extends ClientCommand {
  static override summary = 'Remove every key that begins with a prefix, or all of a namespace.';
  static override description = `Asks first on a terminal; elsewhere it needs --yes.\n\n${exits('1 you said no')}`;
  static override flags = {
    ...namespaceFlag,
    prefix: Flags.string({helpValue: 'PREFIX', description: 'remove the keys that begin with PREFIX'}),
    all: Flags.boolean({description: 'remove all keys of the namespace'}),
    yes: Flags.boolean({char: 'y', description: 'do not ask'}),
  };
  static override examples = [
    '<%= config.bin %> purge --prefix user:42:',
    '<%= config.bin %> purge --all --namespace sessions --yes',
  ];

  async run(): Promise<void> {
    const {flags} = await this.parse(Purge);
    const {prefix = '', all = false, namespace = ''} = flags; // a flag not given is undefined, whatever its type says
    if (all === (prefix !== '')) throw usageError('what to remove? Allowed: either --prefix PREFIX or --all');

    const what = `${all ? 'every key' : `every key that begins with ${quote(prefix)}`} in the namespace ${namespace || 'default'}`;
    if (!flags.yes) await confirm(what);
    const client = await this.connect(flags);
    const response = await client.purge({prefix, namespace, all});
    return this.conclude(flags, {json: () => toJson(response), words: `removed ${what}`});
  }
}

/** Asks on the terminal; returns only after a yes. */
async function confirm(what: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usageError(`this removes ${what}. Without a terminal to ask on, say --yes`);
  }
  const terminal = createInterface({input: process.stdin, output: process.stderr});
  const answer = await new Promise<string>((resolve, reject) => {
    terminal.on('SIGINT', () => {
      process.stderr.write('\n');
      reject(new CliError('nothing removed', {exitCode: exitCodes.interrupted}));
    });
    terminal.on('close', () => resolve('')); // Ctrl-D
    terminal.question(`Remove ${what}? [y/N] `, resolve);
  }).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing removed');
}
