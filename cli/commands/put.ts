import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {PutResponse_Outcome as Outcome, type PutResponse} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {parseRevision} from '../lib/arguments.js';
import {ClientCommand, exits} from '../lib/command.js';
import {usageError} from '../lib/errors.js';
import {exitCodes} from '../lib/exit-codes.js';
import {expiryFlags, expiryOf, ifRevisionFlag, keyArg, namespaceFlag, returnPreviousFlag} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {expiresText} from '../lib/render.js';
import {quote} from '../lib/text.js';
import {readValue, textValue} from '../lib/values.js';

export default class Put extends ClientCommand {
  static override summary = 'Store a value under a key.';
  static override description = exits('6 a condition did not hold');
  static override aliases = ['set'];
  static override args = {
    key: keyArg,
    value: Args.string({description: 'the value: a text, - for stdin, or @FILE', ignoreStdin: true}),
  };
  static override flags = {
    ...namespaceFlag,
    ...expiryFlags,
    'keep-ttl': Flags.boolean({description: 'keep the expiry of the entry that is replaced'}),
    'if-absent': Flags.boolean({description: 'only if there is no entry; else exit 6'}),
    'if-present': Flags.boolean({description: 'only if there is an entry; else exit 6'}),
    ...ifRevisionFlag,
    'content-type': Flags.string({helpValue: 'TYPE', description: 'the media type of the value, such as image/jpeg'}),
    ...returnPreviousFlag,
    value: Flags.string({helpValue: 'TEXT', description: 'the value as it is typed, even if it is - or begins with @'}),
  };
  static override examples = [
    '<%= config.bin %> put greeting hello --ttl 5m',
    '<%= config.bin %> put photo @cat.jpg --content-type image/jpeg',
    'date | <%= config.bin %> put now -',
    '<%= config.bin %> put lock me --if-absent --ttl 30s',
    "<%= config.bin %> put handle --value '@home'",
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Put);
    const options = {
      ...expiryOf(flags),
      keepTtl: flags['keep-ttl'],
      ifAbsent: flags['if-absent'],
      ifPresent: flags['if-present'],
      ifRevision: parseRevision('--if-revision', flags['if-revision']),
      returnPrevious: flags['return-previous'],
      contentType: flags['content-type'] ?? '',
    };
    const value = await givenValue(args.value, flags.value);
    const client = await this.connect(flags);
    const response = await client.put({key: args.key, namespace: flags.namespace ?? '', value, ...options});

    if (options.returnPrevious && response.previous && !flags.json) await this.writeValue(response.previous.value);
    const isStored = response.outcome === Outcome.OUTCOME_STORED;
    return this.conclude(flags, {
      json: () => toJson(response, Outcome),
      words: isStored ? storedText(args.key, response) : notStoredText(args.key, response, options.ifAbsent),
      exitCode: isStored ? exitCodes.ok : exitCodes.condition,
    });
  }
}

async function givenValue(argument: string | undefined, text: string | undefined): Promise<Uint8Array> {
  if (argument !== undefined && text !== undefined) {
    throw usageError('there are two values, one as an argument and one with --value; allowed: one of them');
  }
  if (text !== undefined) return textValue(text);
  if (argument !== undefined) return readValue(argument);
  throw usageError('there is no value. Give it as a text, as - to read stdin, or as @FILE: krusty put KEY VALUE');
}

function storedText(key: string, response: PutResponse): string {
  return `stored ${quote(key)} at revision ${response.revision}; it ${expiresText(response.expireTime)}`;
}

function notStoredText(key: string, response: PutResponse, ifAbsent: boolean): string {
  if (response.revision === 0n) return `not stored: there is no entry ${quote(key)}`;
  const already = ifAbsent ? 'there is an entry already' : 'it is not the revision you named';
  return `not stored: ${already}: ${quote(key)} is at revision ${response.revision}`;
}
