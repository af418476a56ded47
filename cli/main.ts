/**
 * From the command line to an exit code, over oclif.
 *
 * What oclif needs to know about us is here rather than in package.json, since all
 * of it names files of this folder. Every failure ends in reportError, which alone
 * decides how it looks; nothing here calls process.exit, so output is never cut off.
 */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {run} from '@oclif/core/run';
import {settings} from '@oclif/core/settings';
import {refuseBrokenArguments} from './lib/arguments.js';
import {reportError} from './lib/errors.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const oclif = {
  bin: 'krusty',
  commands: {strategy: 'explicit', target: './dist/cli/command-table.js', identifier: 'commands'},
  helpClass: './dist/cli/lib/help.js',
  hooks: {command_not_found: './dist/cli/lib/command-not-found.js'},
  helpOptions: {docopts: false, flagSortOrder: 'none'},
  additionalHelpFlags: ['-h'],
  // The default, a colon, means that no argument is ever taken for a part of the command's name.
  topicSeparator: ':',
};

export async function main(argv: string[]): Promise<void> {
  settings.tsnodeEnabled = false; // or oclif looks for TypeScript sources wherever NODE_ENV is not production
  try {
    refuseBrokenArguments();
    const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
    await run(argv, {root, pjson: {...pjson, oclif}});
  } catch (error) {
    process.exitCode = reportError(error, argv);
  }
}
