/** Programs of Debian's packages that are called or compared with: installed by apt-get where that can be done. */
import {run} from './child.js';
import {findProgram} from './programs.js';

/** Why a program cannot be used; undefined if it can. */
export async function missingProgram(program: string, debianPackage: string): Promise<string | undefined> {
  if (findProgram(program) !== undefined) return undefined;
  if (process.getuid?.() === 0) {
    const env = {DEBIAN_FRONTEND: 'noninteractive'};
    await run('apt-get', ['update'], {timeoutMs: 2 * 60_000, env});
    await run('apt-get', ['install', '--yes', '--no-install-recommends', debianPackage], {timeoutMs: 3 * 60_000, env});
  }
  return findProgram(program) === undefined
    ? `${program} is not installed; on Debian and Ubuntu: apt-get install ${debianPackage}`
    : undefined;
}
