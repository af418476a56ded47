/**
 * Runs the tests of what clients see against servers of several threads:
 *
 *   npm run test:threads            of 2 and of 4
 *   npm run test:threads -- 3       of 3
 *
 * The tests are those that `npm run build` left in dist. Some are about one thread, above
 * all where a test plays the backend itself; they are counted as skipped, each with its
 * reason beside its name. Ends with the plain line `N passed, N failed, N skipped`.
 */
import {spawnSync} from 'node:child_process';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const folders = ['contract', 'http'];
const files = ['server/server', 'real-data'];
const testMsMost = 15 * 60_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const asked = process.argv.slice(2);
const counts = {passed: 0, failed: 0, skipped: 0};
for (const threads of asked.length > 0 ? asked : ['2', '4']) {
  console.log(`\n${threads} threads`);
  runTests(threads);
}
const {passed, failed, skipped} = counts;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function runTests(threads) {
  const tests = [
    ...folders.map(each => `dist/test/${each}/*.test.js`),
    ...files.map(each => `dist/test/${each}.test.js`),
  ];
  const {status, stdout, error} = spawnSync(
    process.execPath,
    [join('node_modules', 'ava', 'entrypoints', 'cli.mjs'), ...tests],
    {
      cwd: root,
      env: {...process.env, KRUSTY_TEST_THREADS: threads, FORCE_COLOR: '0'},
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: testMsMost,
      maxBuffer: 2 ** 26,
    },
  );
  process.stdout.write(stdout);
  const lines = stdout.split('\n');
  const sum = pattern => lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
  // A test that starts several servers says so several times.
  const saysOne = line => line?.includes('one thread: ') ?? false;
  const ofOne = lines.filter((line, at) => saysOne(line) && !saysOne(lines[at - 1])).length;
  const red = sum(
    /^ *(\d+) (?:tests? failed|hooks? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending)/,
  );
  counts.passed += sum(/^ *(\d+) tests? passed/) - ofOne;
  counts.skipped += ofOne;
  // A run that ends without saying what it counted has failed as well.
  counts.failed += red === 0 && (status !== 0 || error) ? 1 : red;
}
