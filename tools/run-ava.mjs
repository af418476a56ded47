/** AVA in a process of its own, on the tests that `npm run build` left in dist, and what it counted. */
import {spawnSync} from 'node:child_process';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs the tests, all of them if no files are named, and shows what AVA prints. Throws
 * where it ends without saying what it counted.
 */
export function runAva({node = process.execPath, files = [], env, timeoutMs}) {
  const {
    status,
    stdout: printed,
    error,
  } = spawnSync(node, [join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs'), ...files], {
    cwd: root,
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, ...env, FORCE_COLOR: '0'},
  });
  const stdout = printed ?? '';
  console.log(stdout);
  const count = pattern => {
    const lines = stdout.matchAll(new RegExp(`^ *(\\d+) ${pattern}`, 'gm'));
    return [...lines].reduce((sum, [, number]) => sum + Number(number), 0);
  };
  const passed = count('tests? passed');
  const failed = count(
    '(?:tests?(?: hooks?)? failed|hooks? failed|uncaught exceptions?|unhandled rejections?|tests? remained)',
  );
  if (failed === 0 && (status !== 0 || passed === 0)) {
    throw new Error(error?.message ?? `exit ${status} with ${passed} tests passed`);
  }
  return {passed, failed, skipped: count('(?:tests? skipped|tests? todo|known failures?)'), stdout};
}
