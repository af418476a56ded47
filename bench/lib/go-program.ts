/** The benchmarks' own Go programs: a folder with a module each, built into build/bench. */
import {mkdirSync} from 'node:fs';
import {runOrThrow} from '../../test/interop/lib/child.js';
import {inRoot} from '../../test/interop/lib/root.js';
import {goMissing} from '../../test/interop/lib/toolchain.js';

const built = new Map<string, Promise<string>>();

/** The path of the program of a folder of bench/, built once in a run. */
export function goProgram(...folder: string[]): Promise<string> {
  const name = folder.join('-');
  let program = built.get(name);
  if (program === undefined) {
    program = build(name, inRoot('bench', ...folder));
    built.set(name, program);
  }
  return program;
}

async function build(name: string, cwd: string): Promise<string> {
  const missing = await goMissing();
  if (missing !== undefined) throw new Error(missing);
  mkdirSync(inRoot('build', 'bench'), {recursive: true});
  const program = inRoot('build', 'bench', name);
  await runOrThrow('go', ['build', '-buildvcs=false', '-o', program, '.'], {cwd, timeoutMs: 10 * 60_000});
  return program;
}
