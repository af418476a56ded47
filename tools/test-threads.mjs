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
import {runAva} from './run-ava.mjs';

const folders = ['contract', 'http'];
const files = ['server/server', 'real-data'];
const testMsMost = 15 * 60_000;

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
  try {
    const run = runAva({files: tests, env: {KRUSTY_TEST_THREADS: threads}, timeoutMs: testMsMost});
    // A test that starts several servers says so several times.
    const lines = run.stdout.split('\n');
    const saysOne = line => line?.includes('one thread: ') ?? false;
    const ofOne = lines.filter((line, at) => saysOne(line) && !saysOne(lines[at - 1])).length;
    counts.passed += run.passed - ofOne;
    counts.failed += run.failed;
    counts.skipped += run.skipped + ofOne;
  } catch (error) {
    console.error(`${threads} threads: ${error.message}`);
    counts.failed += 1;
  }
}
