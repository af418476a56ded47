import * as Flags from '@oclif/core/flags';
import {TouchResponse_Outcome as Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {ClientCommand, exits} from '../lib/command.js';
import {exitCodes} from '../lib/exit-codes.js';
import {expiryFlags, expiryOf, keyArg, namespaceFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {expiresText} from '../lib/render.js';
import {quote} from '../lib/text.js';

export default class Touch extends ClientCommand {
  static override summary = 'Change when an entry expires, and nothing else.';
  static override description =
    `Without a flag, the namespace's default counts.\n\n${exits('3 there is no entry, 6 --only-extend or --only-shorten did not hold')}`;
  static override args = {key: keyArg};
  static override flags = {
    ...namespaceFlag,
    ...expiryFlags,
    'only-extend': Flags.boolean({description: 'only if it then lives longer than before; else exit 6'}),
    'only-shorten': Flags.boolean({description: 'only if it then lives shorter than before; else exit 6'}),
  };
  static override examples = [
    '<%= config.bin %> touch session:42 --ttl 30m',
    '<%= config.bin %> touch session:42 --ttl 1h --only-extend',
    '<%= config.bin %> touch greeting --no-expiry',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Touch);
    const request = {
      key: args.key,
      namespace: flags.namespace ?? '',
      ...expiryOf(flags),
      onlyExtend: flags['only-extend'],
      onlyShorten: flags['only-shorten'],
    };
    const client = await this.connect(flags);
    const response = await client.touch(request);
    const json = () => toJson(response, Outcome);
    const now = `${quote(args.key)} ${expiresText(response.expireTime)}`;

    if (response.outcome === Outcome.OUTCOME_TOUCHED) return this.conclude(flags, {json, words: now});
    if (response.outcome === Outcome.OUTCOME_NOT_TOUCHED) {
      return this.conclude(flags, {json, words: `not touched: ${now}`, exitCode: exitCodes.condition});
    }
    return this.conclude(flags, {json, words: `no entry ${quote(args.key)}`, exitCode: exitCodes.miss});
  }
}
