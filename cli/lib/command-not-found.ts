/** Tells whoever mistyped a command which one they may have meant. */
import type {Hook} from '@oclif/core/hooks';
import {aliases, commandNames} from './command-names.js';
import {usageError} from './errors.js';
import {quote} from './text.js';

const commandNotFound: Hook.CommandNotFound = async ({id}) => {
  throw unknownCommand(id);
};

export default commandNotFound;

export function unknownCommand(typed: string): Error {
  const [nearest] = [...commandNames, ...Object.keys(aliases)]
    .map(name => ({name, distance: editDistance(typed, name)}))
    .filter(({name, distance}) => distance <= Math.max(2, Math.floor(name.length / 3)) || name.startsWith(typed))
    .sort((a, b) => a.distance - b.distance);
  const hint = nearest ? `Did you mean ${nearest.name}?` : 'All commands: krusty help';
  return usageError(`there is no command ${quote(typed)}. ${hint}`);
}

/** How many characters must be typed, left out or changed to get from one word to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, change));
    }
    row = next;
  }
  return row[to.length]!;
}
