/**
 * What all commands have in common: data to stdout, words to stderr, --json, and for
 * those that ask a server the way to it.
 */
import {Command} from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import {resolveAddress} from './address.js';
import {parseTimeoutMs} from './arguments.js';
import {type CacheClient, createClient} from './client.js';
import {type ExitCode, exitCodes} from './exit-codes.js';
import {jsonDocument} from './json.js';
import {escapeControls} from './text.js';
import {terminalPicture, writeFileExactly} from './values.js';

/** The line that ends each command's description. */
export function exits(meaning: string): string {
  return `Exit codes: 0 done, 2 wrong usage, ${meaning}. All: krusty help exit-codes`;
}

export abstract class KrustyCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({description: 'answer with one JSON document; bytes are in base64', helpGroup: 'common'}),
    quiet: Flags.boolean({char: 'q', description: 'say nothing on success', helpGroup: 'common'}),
  };

  /** All failures are reported in one place, main.ts. */
  protected override async catch(error: unknown): Promise<never> {
    throw error;
  }

  /** Writes data to stdout, and waits until it is written. */
  protected write(data: string | Uint8Array): Promise<void> {
    // An error is for the stream's handler in krusty.js.
    return new Promise(resolve => process.stdout.write(data, () => resolve()));
  }

  /** Writes a value: its exact bytes to a file or pipe, something safe to a terminal. */
  protected async writeValue(value: Uint8Array, path?: string): Promise<void> {
    if (path !== undefined && path !== '-') return writeFileExactly(path, value);
    if (path === '-' || !process.stdout.isTTY) return this.write(value);
    const {picture, notice} = terminalPicture(value);
    if (notice) this.say(notice);
    await this.write(picture);
  }

  /** Says something to a person, on stderr. */
  protected say(words: string): void {
    process.stderr.write(`${escapeControls(words)}\n`);
  }

  /**
   * Ends the command with an answer: as JSON, or the words that go with it, which
   * --quiet leaves out if all went well.
   */
  protected async conclude(
    flags: {json: boolean; quiet: boolean},
    answer: {json: () => unknown; words?: string; exitCode?: ExitCode},
  ): Promise<void> {
    const exitCode = answer.exitCode ?? exitCodes.ok;
    process.exitCode = exitCode;
    if (flags.json) await this.write(jsonDocument(answer.json()));
    else if (answer.words && !(flags.quiet && exitCode === exitCodes.ok)) this.say(answer.words);
  }
}

export abstract class ClientCommand extends KrustyCommand {
  static override baseFlags = {
    ...KrustyCommand.baseFlags,
    address: Flags.string({
      helpValue: 'HOST:PORT',
      description: 'where the server is [default: 127.0.0.1:7070]',
      env: 'KRUSTY_ADDRESS',
      helpGroup: 'common',
    }),
    timeout: Flags.string({
      helpValue: 'DURATION',
      description: 'how long to wait for each answer',
      default: '5s',
      helpGroup: 'common',
    }),
  };

  #client: CacheClient | undefined;

  protected async connect(flags: {address?: string; timeout: string}): Promise<CacheClient> {
    const address = resolveAddress(flags.address, process.env);
    this.#client = await createClient({address, timeoutMs: parseTimeoutMs(flags.timeout)});
    return this.#client;
  }

  protected override async finally(): Promise<void> {
    this.#client?.close();
  }
}
