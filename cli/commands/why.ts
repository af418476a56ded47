import {EventType} from '../../src/gen/krusty/cache/v1/entry.js';
import {ClientCommand, exits} from '../lib/command.js';
import {exitCodes} from '../lib/exit-codes.js';
import {explainJson, explainText} from '../lib/explain.js';
import {keyArg, namespaceFlag} from '../lib/flags.js';

export default class Why extends ClientCommand {
  static override summary = 'Tell what last happened to a key: stored, expired, evicted, purged, and when.';
  static override description =
    `As far back as the server's history of changes reaches (krusty serve --watch-history).\n\n${exits('3 there is no entry, and the history knows nothing of one')}`;
  static override args = {key: keyArg};
  static override flags = {...namespaceFlag};
  static override examples = [
    '<%= config.bin %> why greeting',
    '<%= config.bin %> why session:42 --json | jq -r .type',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Why);
    const client = await this.connect(flags);
    const answer = await client.explain({key: args.key, namespace: flags.namespace ?? ''});
    const isKnown = answer.present || answer.type !== EventType.EVENT_TYPE_UNSPECIFIED;
    if (!flags.json) await this.write(explainText(args.key, answer));
    return this.conclude(flags, {
      json: () => explainJson(answer),
      exitCode: isKnown ? exitCodes.ok : exitCodes.miss,
    });
  }
}
