import {DeleteResponse_Outcome as Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {parseRevision} from '../lib/arguments.js';
import {ClientCommand, exits} from '../lib/command.js';
import {exitCodes} from '../lib/exit-codes.js';
import {ifRevisionFlag, keyArg, namespaceFlag, returnPreviousFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {quote} from '../lib/text.js';

export default class Delete extends ClientCommand {
  static override summary = 'Remove a key.';
  static override description = exits('3 there was no entry, 6 --if-revision did not hold');
  static override aliases = ['del'];
  static override args = {key: keyArg};
  static override flags = {...namespaceFlag, ...ifRevisionFlag, ...returnPreviousFlag};
  static override examples = [
    '<%= config.bin %> delete greeting',
    '<%= config.bin %> delete greeting --return-previous',
    '<%= config.bin %> delete -- --odd-key',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Delete);
    const request = {
      key: args.key,
      namespace: flags.namespace ?? '',
      ifRevision: parseRevision('--if-revision', flags['if-revision']),
      returnPrevious: flags['return-previous'],
    };
    const client = await this.connect(flags);
    const response = await client.delete(request);
    const json = () => toJson(response, Outcome);

    if (request.returnPrevious && response.previous && !flags.json) await this.writeValue(response.previous.value);
    if (response.outcome === Outcome.OUTCOME_DELETED) {
      return this.conclude(flags, {json, words: `deleted ${quote(args.key)}`});
    }
    if (response.outcome === Outcome.OUTCOME_NOT_DELETED) {
      const words = `not deleted: it is not the revision you named: ${quote(args.key)} is at revision ${response.revision}`;
      return this.conclude(flags, {json, words, exitCode: exitCodes.condition});
    }
    return this.conclude(flags, {json, words: `no entry ${quote(args.key)}`, exitCode: exitCodes.miss});
  }
}
