/**
 * The commands, for oclif. Only the one that was asked for is there, since loading all
 * of them takes longer than most of them run.
 */
import type {Command} from '@oclif/core/command';
import {type CommandName, commandNamed} from './lib/command-names.js';

const loaders: Record<CommandName, () => Promise<{default: Command.Class}>> = {
  'batch-get': () => import('./commands/batch-get.js'),
  delete: () => import('./commands/delete.js'),
  get: () => import('./commands/get.js'),
  help: () => import('./commands/help.js'),
  incr: () => import('./commands/incr.js'),
  list: () => import('./commands/list.js'),
  ping: () => import('./commands/ping.js'),
  purge: () => import('./commands/purge.js'),
  put: () => import('./commands/put.js'),
  serve: () => import('./commands/serve.js'),
  stats: () => import('./commands/stats.js'),
  touch: () => import('./commands/touch.js'),
  watch: () => import('./commands/watch.js'),
  why: () => import('./commands/why.js'),
};

const [first = '', second = ''] = process.argv.slice(2);

export const commands: Record<string, Command.Class> = {};
for (const typed of first === 'help' ? [first, second] : [first]) {
  const name = commandNamed(typed);
  if (name) commands[name] = (await loaders[name]()).default;
}
