import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {parseInt64} from '../lib/arguments.js';
import {ClientCommand, exits} from '../lib/command.js';
import {expiryFlags, expiryOf, keyArg, namespaceFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';

export default class Incr extends ClientCommand {
  static override summary = 'Add to the number under a key, and write the sum to stdout.';
  static override description =
    `An absent key counts as --initial. The expiry flags count only where the entry is made; a present one keeps its own.\n\n${exits('1 the value is not a number, or the sum is past 64 bits')}`;
  static override args = {
    key: keyArg,
    delta: Args.string({description: 'what to add, which may be negative; 1 if not given', ignoreStdin: true}),
  };
  static override flags = {
    ...namespaceFlag,
    ...expiryFlags,
    initial: Flags.string({helpValue: 'N', description: 'what an absent key starts from', default: '0'}),
  };
  static override examples = [
    '<%= config.bin %> incr visits',
    '<%= config.bin %> incr stock -5',
    '<%= config.bin %> incr rate:42 --ttl 1m',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Incr);
    const request = {
      key: args.key,
      namespace: flags.namespace ?? '',
      ...expiryOf(flags),
      delta: parseInt64('the number to add', args.delta),
      initial: parseInt64('--initial', flags.initial),
    };
    const client = await this.connect(flags);
    const response = await client.increment(request);
    if (!flags.json) await this.write(`${response.value}\n`);
    return this.conclude(flags, {json: () => toJson(response)});
  }
}
