import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {decodeUtf8} from '../../src/base/index.js';
import {Code} from '../../src/gen/google/rpc/code.js';
import type {Status} from '../../src/gen/google/rpc/status.js';
import {GetResponse_Outcome as Outcome} from '../../src/gen/krusty/cache/v1/cache_service.js';
import {getMany, type KeyResult} from '../lib/batch.js';
import {ClientCommand, exits} from '../lib/command.js';
import {usageError} from '../lib/errors.js';
import {type ExitCode, exitCodes} from '../lib/exit-codes.js';
import {namespaceFlag, zero} from '../lib/flags.js';
import {toJson} from '../lib/json.js';
import {reasonInStatus} from '../lib/rpc-error.js';
import {bytesOnOneLine, oneLine, quote} from '../lib/text.js';
import {readInput} from '../lib/values.js';

const keysBytesMost = 1024 ** 3;

export default class BatchGet extends ClientCommand {
  static override summary = 'Get many keys at once: a line for each, with key, tab and value.';
  static override description =
    `A value that is not plain text is written as a JSON string, or as base64:... if it is not UTF-8. Missing keys are named on stderr.\n\n${exits('3 some key is missing')}`;
  static override aliases = ['mget'];
  static override args = {
    keys: Args.string({description: 'the keys', multiple: true, ignoreStdin: true}),
  };
  static override flags = {
    ...namespaceFlag,
    'keys-from': Flags.string({helpValue: 'FILE', description: 'read keys from FILE, one a line; - is stdin'}),
    null: Flags.boolean({char: zero, description: 'the keys of --keys-from end with a zero byte, not a line end'}),
  };
  static override examples = [
    '<%= config.bin %> batch-get greeting visits',
    '<%= config.bin %> batch-get --keys-from keys.txt --json',
    '<%= config.bin %> list -0 user: | <%= config.bin %> batch-get -0 --keys-from -',
  ];

  async run(): Promise<void> {
    const {args, flags} = await this.parse(BatchGet);
    // oclif types an argument that may come many times as one.
    const given = (args.keys ?? []) as unknown as string[];
    const path = flags['keys-from'];
    const keys = path === undefined ? given : [...given, ...(await readKeys(path, flags.null ? '\0' : '\n'))];
    if (keys.length === 0) throw usageError('there are no keys. Give them as arguments, or with --keys-from FILE');

    const client = await this.connect(flags);
    const json: unknown[] = [];
    let exitCode: ExitCode = exitCodes.ok;
    for await (const item of getMany(client, keys, flags.namespace ?? '')) {
      exitCode = worse(exitCode, exitCodeOf(item));
      if (flags.json) json.push(itemJson(item));
      else await this.#writeLine(item);
    }
    return this.conclude(flags, {json: () => ({results: json}), exitCode});
  }

  async #writeLine({key, result}: KeyResult): Promise<void> {
    if (result.status) this.say(`${quote(key)}: ${messageOf(result.status)}`);
    else if (!result.response?.entry) this.say(`no entry ${quote(key)}`);
    else await this.write(`${oneLine(key)}\t${bytesOnOneLine(result.response.entry.value)}\n`);
  }
}

async function readKeys(path: string, end: string): Promise<string[]> {
  const bytes = await readInput(path, keysBytesMost);
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    throw usageError(`the keys in ${path === '-' ? 'stdin' : quote(path)} are not all valid UTF-8; keys must be`);
  }
  const keys = text.split(end);
  if (keys.at(-1) === '') keys.pop();
  return keys;
}

function itemJson({key, result}: KeyResult): unknown {
  if (!result.status) return {key, ...(toJson(result.response, Outcome) as object)};
  return {key, error: {message: messageOf(result.status), reason: reasonInStatus(result.status)}};
}

/** What is wrong with one key, without the place of its request in the batch. */
function messageOf(status: Status): string {
  return status.message.replace(/^requests\[\d+\]: */, '');
}

function exitCodeOf({result}: KeyResult): ExitCode {
  if (result.status) return result.status.code === Code.INVALID_ARGUMENT ? exitCodes.usage : exitCodes.error;
  return result.response?.entry ? exitCodes.ok : exitCodes.miss;
}

/** What failed counts more than what is missing. */
function worse(one: ExitCode, other: ExitCode): ExitCode {
  if (one === exitCodes.ok || other === exitCodes.ok) return one || other;
  return one === exitCodes.miss ? other : one;
}
