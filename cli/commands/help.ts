import * as Args from '@oclif/core/args';
import {Command} from '@oclif/core/command';
import KrustyHelp from '../lib/help.js';

export default class HelpCommand extends Command {
  static override summary = 'Show help for a command or a topic.';
  static override args = {
    subject: Args.string({description: 'a command, or one of the topics exit-codes and values', ignoreStdin: true}),
  };
  static override examples = ['<%= config.bin %> help put', '<%= config.bin %> help exit-codes'];

  async run(): Promise<void> {
    const {args} = await this.parse(HelpCommand);
    await new KrustyHelp(this.config).showHelp(args.subject === undefined ? [] : [args.subject]);
  }

  protected override async catch(error: unknown): Promise<never> {
    throw error;
  }
}
