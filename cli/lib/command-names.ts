/** The names of the commands, apart from the commands: help and hooks know them without loading any. */

export const commandNames = [
  'batch-get',
  'delete',
  'get',
  'help',
  'incr',
  'list',
  'ping',
  'purge',
  'put',
  'serve',
  'stats',
  'touch',
  'watch',
  'why',
] as const;

export type CommandName = (typeof commandNames)[number];

/** The names that people bring from other caches. */
export const aliases: Readonly<Record<string, CommandName>> = {set: 'put', del: 'delete', mget: 'batch-get'};

/** The command of a name or alias; undefined if there is none. */
export function commandNamed(name: string): CommandName | undefined {
  return commandNames.find(known => known === name) ?? (Object.hasOwn(aliases, name) ? aliases[name] : undefined);
}
