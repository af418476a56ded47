/** The help: oclif's for each command, our own text for the first page and the topics. */
import {Help} from '@oclif/core/help';
import {commandNamed} from './command-names.js';
import {unknownCommand} from './command-not-found.js';
import {helpTopics, rootHelp} from './help-texts.js';

export default class KrustyHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const [subject] = argv.filter(arg => !['help', '--help', '-h'].includes(arg));
    if (subject === undefined) return this.showRootHelp();
    if (helpTopics[subject] !== undefined) return this.log(helpTopics[subject]);
    if (!commandNamed(subject)) throw unknownCommand(subject);
    return super.showHelp([subject]);
  }

  protected override async showRootHelp(): Promise<void> {
    this.log(rootHelp(this.config.version));
  }
}
