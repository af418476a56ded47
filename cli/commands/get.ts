import * as Flags from '@oclif/core/flags';
import {GetResponse_Outcome as Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {EntryView} from '../../src/gen/krusty/cache/v1/entry.js';
import {parseRevision, parseTtl} from '../lib/arguments.js';
import {ClientCommand, exits} from '../lib/command.js';
import {exitCodes} from '../lib/exit-codes.js';
import {keyArg, namespaceFlag, outputFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {entryTable} from '../lib/render.js';
import {quote} from '../lib/text.js';

export default class Get extends ClientCommand {
  static override summary = 'Get the value of a key.';
  static override description = exits('3 miss, 6 unchanged with --if-revision-not');
  static override args = {key: keyArg};
  static override flags = {
    ...namespaceFlag,
    ...outputFlag,
    metadata: Flags.boolean({char: 'm', description: 'show revision, expiry, content type and size, not the value'}),
    peek: Flags.boolean({description: 'look without counting as a use'}),
    touch: Flags.string({helpValue: 'DURATION', description: 'on a hit, let it expire after DURATION from now'}),
    'if-revision-not': Flags.string({
      helpValue: 'N',
      description: 'only if the revision is no longer N; else exit 6 without the value',
    }),
  };
  static override examples = [
    '<%= config.bin %> get greeting',
    '<%= config.bin %> get photo -o copy.jpg',
    '<%= config.bin %> get greeting --metadata',
    '<%= config.bin %> get session:42 --touch 30m',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Get);
    const request = {
      key: args.key,
      namespace: flags.namespace ?? '',
      metadataOnly: flags.metadata,
      peek: flags.peek,
      ifRevisionNot: parseRevision('--if-revision-not', flags['if-revision-not']),
      touchTtl: parseTtl('--touch', flags.touch),
      view: flags.metadata ? EntryView.ENTRY_VIEW_FULL : EntryView.ENTRY_VIEW_BASIC,
    };
    const client = await this.connect(flags);
    const response = await client.get(request);
    const json = () => toJson(response, Outcome);

    if (response.outcome === Outcome.OUTCOME_MISS || !response.entry) {
      return this.conclude(flags, {json, words: `no entry ${quote(args.key)}`, exitCode: exitCodes.miss});
    }
    if (response.outcome === Outcome.OUTCOME_NOT_MODIFIED) {
      const words = `${quote(args.key)} is still at revision ${response.entry.revision}`;
      return this.conclude(flags, {json, words, exitCode: exitCodes.condition});
    }
    if (flags.metadata && !flags.json) await this.write(entryTable({...response.entry, key: args.key}));
    else if (!flags.json || flags.output !== undefined) await this.writeValue(response.entry.value, flags.output);
    return this.conclude(flags, {json});
  }
}
