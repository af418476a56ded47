/** Where the checkout is, found from wherever the compiled file lies. */
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A path in the checkout. */
export function inRoot(...parts: string[]): string {
  return join(root, ...parts);
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}
