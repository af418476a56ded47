/**
 * Runs the tests on the other Nodes that are supported, whatever Node runs this:
 *
 *   npm run test:nodes            all of them
 *   npm run test:nodes -- 24      one
 *
 * The `node` package on npm brings them, at the versions below, into build/nodes.
 * The tests are those that `npm run build` left in dist. Ends with the plain line
 * `N passed, N failed`.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {root, runAva} from './run-ava.mjs';

/** By major version. 20.19 is the least that package.json allows. */
const versions = {20: '20.19.0', 22: '22.23.3', 24: '24.21.0'};

const installMsMost = 5 * 60_000;
const testMsMost = 10 * 60_000;

const asked = process.argv.slice(2);
for (const major of asked) {
  if (!(major in versions)) {
    console.error(`no Node ${major} here; there are ${Object.keys(versions).join(', ')}`);
    process.exit(2);
  }
}

const counts = {passed: 0, failed: 0, skipped: 0};
for (const [major, version] of Object.entries(versions)) {
  if (asked.length > 0 && !asked.includes(major)) continue;
  console.log(`\nNode ${version}`);
  try {
    runTests(bringNode(major, version));
  } catch (error) {
    console.error(`Node ${version}: ${error.message}`);
    counts.failed += 1;
  }
}
const {passed, failed, skipped} = counts;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;

/** The path of this Node, installed if it is not there yet. */
function bringNode(major, version) {
  const folder = join(root, 'build', 'nodes', major);
  const program = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (versionOf(program) !== version) {
    mkdirSync(folder, {recursive: true});
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
    const args = ['install', '--no-save', '--no-package-lock', '--ignore-scripts=false', `node@${version}`];
    const {status, stderr} = spawnSync('npm', args, {cwd: folder, encoding: 'utf8', timeout: installMsMost});
    if (status !== 0) throw new Error(`npm install failed\n${stderr}`);
  }
  const found = versionOf(program);
  if (found !== version) throw new Error(`the package brought ${found ?? 'nothing that runs'}`);
  return program;
}

function versionOf(program) {
  if (!existsSync(program)) return undefined;
  return spawnSync(program, ['--version'], {encoding: 'utf8'}).stdout?.trim().replace(/^v/, '');
}

/** AVA under that Node, which also comes first in the PATH of whatever the tests start. */
function runTests(program) {
  const env = {PATH: `${dirname(program)}:${process.env.PATH}`};
  const {passed, failed, skipped} = runAva({node: program, env, timeoutMs: testMsMost});
  counts.passed += passed;
  counts.failed += failed;
  counts.skipped += skipped;
}
