/**
 * schemathesis: requests made from the OpenAPI document, right ones and wrong ones, and
 * every answer held against it. What it is told about this server is in schemathesis/.
 */
import assert from 'node:assert/strict';
import {dirname, join} from 'node:path';
import {check, heading, skip} from './lib/checks.js';
import {run} from './lib/child.js';
import {inRoot} from './lib/root.js';
import {pythonMissing, pythonWith} from './lib/toolchain.js';

const folder = inRoot('test', 'interop', 'schemathesis');

/** For how long it makes up requests. */
const seconds = 35;

/** Unless KRUSTY_SEED names another: what it finds with a new one each time is rarely of the change that is tested. */
const usualSeed = '12';

export async function checkSchemathesis(address: string): Promise<void> {
  heading('schemathesis');
  const missing = await pythonMissing();
  if (missing !== undefined) return skip('schemathesis', missing);
  const python = await pythonWith('schemathesis', join(folder, 'requirements.txt'));
  const seed = process.env.KRUSTY_SEED ?? usualSeed;
  await check(`server and document agree (KRUSTY_SEED=${seed})`, async () => {
    const options = ['--checks', 'all', '--max-time', String(seconds), '--seed', seed, '--no-color'];
    const url = `http://${address}/-/openapi.json`;
    const {code, stdout, stderr} = await run(join(dirname(python), 'schemathesis'), ['run', url, ...options], {
      cwd: folder,
      env: {PYTHONDONTWRITEBYTECODE: '1'},
      timeoutMs: (seconds + 60) * 1000,
    });
    const output = stdout + stderr;
    assert.equal(code, 0, output.slice(-6000));
    assert.match(output, /\n {2}\d{3,} generated, \d+ passed\n/, 'it made requests');
  });
}
